//! LOM 1 to 4 on the way out.

use commun_specs::metadata::Creator;
use commun_specs::vocab::Scheme;

use super::super::{identifier, vcard, words};
use super::{Out, moment};
use crate::crosswalk::Loss;

impl Out<'_> {
    pub(super) fn general(&mut self) {
        let view = self.view;
        let url = self.place.url;
        if let Some(url) = url {
            self.pair("URI", url);
        }
        for alias in view.aliases.iter().filter(|a| Some(a.as_str()) != url) {
            let (catalog, entry) = identifier::pair(alias);
            self.pair(catalog, entry);
        }
        for local in &view.identifiers {
            self.pair(&local.catalog, &local.entry);
        }
        // A text of LOM may be said in several ways (LangString: “semantically equivalent” strings).
        self.texts("lom:title", &view.all_texts("title", &view.titles));
        for tag in &view.languages {
            let tag = if tag == "zxx" { "none" } else { tag };
            self.w.leaf("lom:language", &[], tag);
        }
        let said = match view.descriptions.is_empty() {
            true => view.all_texts("summary", &view.summaries),
            false => view.all_texts("description", &view.descriptions),
        };
        self.paragraphs("lom:description", &said);
        for (lang, word) in &view.keywords {
            self.texts("lom:keyword", &[(lang.clone(), word.clone())]);
        }
        for (lang, place) in &view.coverage {
            self.texts("lom:coverage", &[(lang.clone(), place.clone())]);
        }
        if let Some(structure) = &view.structure {
            self.id("lom:structure", words::STRUCTURES, structure, "structure");
        }
        if let Some(level) = view.aggregation_level {
            self.word("lom:aggregationLevel", words::LOM, &level.to_string());
        }
        if self.profile.french() {
            let types = words::of_scheme(Scheme::DocumentType, &words::ALL);
            for id in &view.document_types {
                self.id("lomfr:documentType", &types, id, "document_type");
            }
        }
    }

    pub(super) fn life_cycle(&mut self) {
        let view = self.view;
        if let Some(version) = &view.version {
            let lang = view.titles.first().map_or("und", |(lang, _)| lang);
            self.texts("lom:version", &[(lang.to_owned(), version.clone())]);
        }
        if let Some(status) = &view.status {
            self.id("lom:status", words::STATUSES, status, "status");
        }
        let created = view.created.as_deref();
        self.undated("author", created, &view.creators);
        self.people("author", &view.creators, created, "creators");
        let host;
        let publishers = match (view.publishers.is_empty(), self.place.institution) {
            (true, Some(name)) => {
                host = [Creator {
                    name: name.to_owned(),
                    kind: Some("organisation".into()),
                    ..Creator::default()
                }];
                &host[..]
            }
            _ => &view.publishers[..],
        };
        let published = view.published.as_deref();
        self.undated("publisher", published, publishers);
        self.people("publisher", publishers, published, "publishers");
        let mut rest = &view.contributors[..];
        while let Some(first) = rest.first() {
            let role = first.role.as_deref().unwrap_or("contributor");
            let same = |p: &Creator| p.role == first.role && p.date == first.date;
            let count = rest.iter().take_while(|p| same(p)).count();
            let (group, others) = rest.split_at(count);
            self.people(role, group, None, "contributors");
            rest = others;
        }
    }

    /// A date that belongs to nobody who is named: before them, since the first date of a role is that of the resource.
    fn undated(&mut self, role: &str, date: Option<&str>, people: &[Creator]) {
        let first = people.iter().find_map(|p| p.date.as_deref().or(date));
        if let Some(date) = date.filter(|_| first != date) {
            self.w.open("lom:contribute", &[]);
            self.word("lom:role", words::LOM, role);
            self.when(date);
            self.w.close();
        }
    }

    fn when(&mut self, date: &str) {
        self.w
            .open("lom:date", &[])
            .leaf("lom:dateTime", &[], &moment(date))
            .close();
    }

    /// People of one role, those of the same day together.
    fn people(&mut self, role: &str, people: &[Creator], date: Option<&str>, field: &str) {
        let mut rest = people;
        while let Some(first) = rest.first() {
            let count = rest.iter().take_while(|p| p.date == first.date).count();
            let (group, others) = rest.split_at(count);
            let term = words::word(words::ROLES, role, self.profile.sources()).or_else(|| {
                let instead = match self.profile.french() {
                    true => "contributor",
                    false => "unknown",
                };
                words::word(words::ROLES, instead, self.profile.sources())
            });
            let Some(term) = term else {
                return;
            };
            if term.id != role {
                for person in group {
                    let value = format!("{} ({role})", person.name);
                    self.narrowed(field, &value, term.word);
                }
            }
            self.w.open("lom:contribute", &[]);
            self.word("lom:role", term.source, term.word);
            for person in group {
                self.w.leaf("lom:entity", &[], &vcard::write(person));
                self.person_losses(person, field);
            }
            if let Some(date) = first.date.as_deref().or(date) {
                self.when(date);
            }
            self.w.close();
            rest = others;
        }
    }

    fn person_losses(&mut self, person: &Creator, field: &str) {
        if let Some(place) = &person.affiliation {
            if person.kind.as_deref() == Some("organisation") {
                self.losses.push(Loss::of(field, &place.name));
            } else if let Some(id) = &place.id {
                self.narrowed(field, id, &place.name);
            }
        }
    }

    pub(super) fn meta_metadata(&mut self) {
        let view = self.view;
        let notice = view.records.first().cloned().unwrap_or_default();
        for at in 1..view.records.len() {
            let told = self.told("record", at);
            self.losses.push(Loss::of("record", &told));
        }
        if notice.provider.is_some() || notice.created.is_some() || notice.modified.is_some() {
            let told = self.told("record", 0);
            self.narrowed("record", &told, "3.1, 3.2");
        }
        for id in &notice.identifiers {
            self.pair(&id.catalog, &id.entry);
        }
        let mut people = notice.contributions.clone();
        if let Some(name) = self.place.institution.filter(|_| people.is_empty()) {
            people.push(Creator {
                name: name.to_owned(),
                kind: Some("organisation".into()),
                role: Some("creator".into()),
                ..Creator::default()
            });
        }
        for person in &people {
            // LOM has two roles here.
            let role = match person.role.as_deref() {
                Some(role) if role.contains("validator") => "validator",
                _ => "creator",
            };
            if person.role.as_deref().is_some_and(|said| said != role) {
                self.narrowed("record", &person.name, role);
            }
            self.w.open("lom:contribute", &[]);
            self.word("lom:role", words::LOM, role);
            self.w.leaf("lom:entity", &[], &vcard::write(person));
            if let Some(date) = &person.date {
                self.when(date);
            }
            self.w.close();
        }
        for source in self.profile.sources() {
            self.w.leaf("lom:metadataSchema", &[], source);
        }
        if let Some(lang) = self.own_language().map(str::to_owned) {
            self.w.leaf("lom:language", &[], &lang);
        }
    }

    pub(super) fn technical(&mut self) {
        let view = self.view;
        let mut formats: Vec<&str> = view.formats.iter().map(String::as_str).collect();
        if formats.is_empty() {
            formats = view.files.iter().map(|f| f.media_type.as_str()).collect();
            formats.retain(|format| !format.is_empty());
            formats.sort_unstable();
            formats.dedup();
        }
        for format in formats {
            self.w.leaf("lom:format", &[], format);
        }
        let sum = view.files.iter().map(|f| f.size).sum::<u64>();
        if let Some(size) = view.size.or(Some(sum).filter(|sum| *sum > 0)) {
            self.w.leaf("lom:size", &[], &size.to_string());
        }
        let mut places = 0;
        for (at, link) in view.links.iter().enumerate() {
            if link.kind == "location" {
                places += 1;
                self.w.leaf("lom:location", &[], &link.url);
                if let Some(title) = &link.title {
                    self.narrowed("links", title, &link.url);
                }
            } else {
                let told = self.told("links", at);
                self.losses.push(Loss::of("links", &told));
            }
        }
        if let Some(url) = self.place.url.filter(|_| places == 0) {
            self.w.leaf("lom:location", &[], url);
        }
        for requirement in &view.requirements {
            self.requirement(requirement);
        }
        let texts = view.all_texts("installation", &view.installations);
        self.texts("lom:installationRemarks", &texts);
        let texts = view.all_texts("other_requirements", &view.other_requirements);
        self.texts("lom:otherPlatformRequirements", &texts);
        if let Some(duration) = &view.duration {
            self.w
                .open("lom:duration", &[])
                .leaf("lom:duration", &[], duration)
                .close();
        }
    }

    fn requirement(&mut self, requirement: &commun_specs::metadata::Requirement) {
        let sources = self.profile.sources();
        let written = |terms, word: &str| words::word(terms, word, sources);
        let fits = |need: &&commun_specs::metadata::Need| {
            (need.kind.is_empty() || written(words::NEEDS, &need.kind).is_some())
                && (need.name.is_empty() || written(words::PLATFORMS, &need.name).is_some())
        };
        let (good, bad): (Vec<_>, Vec<_>) = requirement.any.iter().partition(fits);
        for need in bad {
            let versions = [&need.minimum, &need.maximum].into_iter().flatten();
            let said = [&need.kind, &need.name].into_iter().chain(versions);
            let said: Vec<&str> = said.map(String::as_str).filter(|w| !w.is_empty()).collect();
            self.losses.push(Loss::of("requirements", &said.join(" ")));
        }
        if good.is_empty() {
            return;
        }
        self.w.open("lom:requirement", &[]);
        for need in good {
            self.w.open("lom:orComposite", &[]);
            if let Some(term) = written(words::NEEDS, &need.kind) {
                self.word("lom:type", term.source, term.word);
            }
            if let Some(term) = written(words::PLATFORMS, &need.name) {
                self.word("lom:name", term.source, term.word);
            }
            let versions = [
                ("lom:minimumVersion", &need.minimum),
                ("lom:maximumVersion", &need.maximum),
            ];
            for (name, version) in versions {
                if let Some(version) = version {
                    self.w.leaf(name, &[], version);
                }
            }
            self.w.close();
        }
        self.w.close();
    }
}
