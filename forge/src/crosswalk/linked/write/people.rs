//! People and organisations on the way out.

use commun_specs::metadata::{Affiliation, Creator};
use serde_json::{Map, Value as Json};

use super::Out;

impl Out<'_> {
    pub(super) fn people(&mut self) {
        let view = self.view;
        for (field, name, list, class) in [
            ("creators", "creator", &view.creators, "Person"),
            ("publishers", "publisher", &view.publishers, "Organization"),
            ("funders", "funder", &view.funders, "Organization"),
            (
                "rights_holders",
                "copyrightHolder",
                &view.rights_holders,
                "Organization",
            ),
        ] {
            for person in list {
                let made = self.person(person, class, field);
                self.add(name, made);
            }
        }
        if let (true, Some(name)) = (view.publishers.is_empty(), self.place.institution) {
            let mut publisher = self.thing("Organization");
            publisher.insert("name".into(), name.into());
            self.add("publisher", publisher);
        }
        for person in &view.contributors {
            let made = self.person(person, "Person", "contributors");
            let role = person.role.as_deref().unwrap_or("contributor");
            match role {
                "editor" | "translator" => self.add(role, made.clone()),
                "contributor" => {}
                role => {
                    let shown = format!("{role}: {}", person.name);
                    self.narrowed("contributors", &shown, "contributor");
                }
            }
            self.add("contributor", made);
        }
    }

    /// Somebody; `class`: what they are where the record does not say it.
    pub(super) fn person(&mut self, person: &Creator, class: &str, field: &str) -> Json {
        let class = match person.kind.as_deref() {
            Some("organisation") => "Organization",
            Some(_) => "Person",
            None if person.ror.is_some() => "Organization",
            None if person.orcid.is_some() || person.family.is_some() => "Person",
            None => class,
        };
        let mut made = self.thing(class);
        made.insert("name".into(), person.name.as_str().into());
        let own = [
            person
                .orcid
                .as_ref()
                .map(|id| format!("https://orcid.org/{id}")),
            person
                .ror
                .as_ref()
                .map(|id| format!("https://ror.org/{id}")),
            person
                .idref
                .as_ref()
                .map(|id| format!("https://www.idref.fr/{id}")),
        ];
        let ids = own.into_iter().flatten().chain(person.ids.iter().cloned());
        let mut ids = ids.map(|id| self.address_of(&id));
        if let Some(id) = ids.next() {
            made.insert(self.id().to_owned(), id.into());
        }
        let others: Vec<Json> = ids.map(Json::from).collect();
        if !others.is_empty() {
            made.insert("sameAs".into(), others.into());
        }
        for (name, text) in [
            ("honorificPrefix", &person.honorific),
            ("givenName", &person.given),
            ("familyName", &person.family),
        ] {
            if let Some(text) = text {
                made.insert(name.into(), text.as_str().into());
            }
        }
        // A provider may be anything; what is not known is not said.
        if person.kind.is_none() && field == "record" {
            made.remove(self.kind());
        }
        if let Some(affiliation) = &person.affiliation {
            let affiliation = self.affiliation(affiliation);
            made.insert("affiliation".into(), Json::Object(affiliation));
        }
        if let Some(date) = &person.date {
            self.lost(field, &format!("{}: {date}", person.name));
        }
        // Nobody needs the mail address of a person to find a resource.
        if person.email.is_some() {
            let given = format!("{} (email)", person.name);
            self.narrowed(field, &given, &person.name);
        }
        Json::Object(made)
    }

    fn affiliation(&self, affiliation: &Affiliation) -> Map<String, Json> {
        let mut made = self.thing("Organization");
        made.insert("name".into(), affiliation.name.as_str().into());
        let ror = affiliation
            .ror
            .as_ref()
            .map(|id| format!("https://ror.org/{id}"));
        if let Some(id) = ror.or_else(|| affiliation.id.clone()) {
            made.insert(self.id().to_owned(), self.address_of(&id).into());
        }
        made
    }
}
