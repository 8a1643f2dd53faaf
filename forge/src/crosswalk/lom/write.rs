//! From the model to LOM: strictly as the binding wants it, with the list of what it cannot carry.

mod losses;
mod sections;
mod teaching;

use commun_specs::metadata::View;
use serde_json::{Map, Value as Json};

use super::words::{FR, LOM, SUP, Term};
use super::{NAMESPACE, NAMESPACE_FR, SCHEMA, SCHEMA_FR};
use crate::crosswalk::{Loss, Written, carried::rest, in_order, xml::Writer};

/// What is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// The strict binding of LOM.
    Lom,
    /// With the elements and words of LOMFR.
    LomFr,
    /// With those of SupLOMFR too.
    SupLomFr,
}

impl Profile {
    /// All, with their names.
    pub const NAMES: [(Profile, &'static str); 3] = [
        (Profile::Lom, "lom"),
        (Profile::LomFr, "lomfr"),
        (Profile::SupLomFr, "suplomfr"),
    ];

    /// Its name, which is its prefix in OAI-PMH.
    pub fn as_str(self) -> &'static str {
        Self::NAMES[self as usize].1
    }

    /// The sources whose words may be written.
    pub(super) fn sources(self) -> &'static [&'static str] {
        match self {
            Profile::Lom => &[LOM],
            Profile::LomFr => &[LOM, FR],
            Profile::SupLomFr => &[LOM, FR, SUP],
        }
    }

    fn french(self) -> bool {
        self != Profile::Lom
    }
}

/// What a record does not say of itself: where the item is, and whose it is.
#[derive(Clone, Copy, Debug, Default)]
pub struct Place<'a> {
    /// The address of the item's page.
    pub url: Option<&'a str>,
    /// The name of the institution, where the record names no publisher.
    pub institution: Option<&'a str>,
}

/// Writes `lom`, and says what it does not carry.
pub fn write(view: &View, place: Place<'_>, profile: Profile) -> Written {
    let mut out = Out {
        w: Writer::part(),
        view,
        place,
        profile,
        document: view.to_json(),
        losses: Vec::new(),
    };
    let (space, schema) = match profile.french() {
        true => (Some(NAMESPACE_FR), SCHEMA_FR),
        false => (None, SCHEMA),
    };
    let location = format!("{NAMESPACE} {schema}");
    let mut attributes = vec![("xmlns:lom", NAMESPACE)];
    attributes.extend(space.map(|space| ("xmlns:lomfr", space)));
    attributes.push(("xmlns:xsi", "http://www.w3.org/2001/XMLSchema-instance"));
    attributes.push(("xsi:schemaLocation", &location));
    out.w.open("lom:lom", &attributes);
    out.section("lom:general", Out::general);
    out.section("lom:lifeCycle", Out::life_cycle);
    out.section("lom:metaMetadata", Out::meta_metadata);
    out.section("lom:technical", Out::technical);
    out.section("lom:educational", Out::educational);
    out.section("lom:rights", Out::rights);
    out.relations();
    out.annotations();
    out.classifications();
    out.whole_losses();
    in_order(&mut out.losses);
    Written {
        bytes: out.w.finish().into_bytes(),
        losses: out.losses,
    }
}

/// A date as the schema of LOM takes it: a zone only after a fraction of a second.
pub(super) fn moment(date: &str) -> String {
    let Some((day, clock)) = date.split_once('T') else {
        return date.to_owned();
    };
    if clock.contains('.') {
        return date.to_owned();
    }
    let zone = clock.find(['Z', '+', '-']).unwrap_or(clock.len());
    match zone == clock.len() {
        true => date.to_owned(),
        false => format!("{day}T{}.0{}", &clock[..zone], &clock[zone..]),
    }
}

/// What stands in the place of a language where there is none, for what has no words or is in nobody knows which.
const NO_LANGUAGE: &str = "x-none";

/// One record on its way out.
struct Out<'a> {
    w: Writer,
    view: &'a View,
    place: Place<'a>,
    profile: Profile,
    /// The record as it is told in reports.
    document: Map<String, Json>,
    losses: Vec<Loss>,
}

impl Out<'_> {
    /// Writes a section where there is something in it.
    fn section(&mut self, name: &str, fill: fn(&mut Self)) {
        let whole = std::mem::replace(&mut self.w, Writer::part());
        fill(self);
        let inside = std::mem::replace(&mut self.w, whole).finish();
        if !inside.is_empty() {
            self.w.open(name, &[]).raw(&inside).close().newline();
        }
    }

    /// The language that the record is in, which is that of all strings without one (LOM 3.4).
    fn own_language(&self) -> Option<&str> {
        let notice = self.view.records.first();
        let stated = notice.and_then(|notice| notice.language.as_deref());
        let first = || self.view.titles.first().map(|(lang, _)| lang.as_str());
        stated.or_else(first).filter(|lang| *lang != "und")
    }

    /// The strings of one text. Where nobody knows the language of one and the record has one, it says that it has none.
    fn strings<'t>(&mut self, name: &str, texts: impl IntoIterator<Item = (&'t str, &'t str)>) {
        let own = self.own_language().is_some();
        for (lang, text) in texts {
            match lang {
                "" | "und" if own => self.w.leaf(name, &[("language", NO_LANGUAGE)], text),
                "" | "und" => self.w.leaf(name, &[], text),
                lang => self.w.leaf(name, &[("language", lang)], text),
            };
        }
    }

    /// One element with a text in all its languages.
    fn texts(&mut self, name: &str, texts: &[(String, String)]) {
        if texts.is_empty() {
            return;
        }
        self.w.open(name, &[]);
        let string = match name.starts_with("lomfr:") {
            true => "lomfr:string",
            false => "lom:string",
        };
        self.strings(string, texts.iter().map(|(l, t)| (l.as_str(), t.as_str())));
        self.w.close();
    }

    /// An element that may stand several times: the first texts of each language together, then the second ones.
    fn paragraphs(&mut self, name: &str, texts: &[(String, String)]) {
        let mut rounds: Vec<Vec<(String, String)>> = Vec::new();
        for (lang, text) in texts {
            let free = rounds
                .iter_mut()
                .find(|round| round.iter().all(|(l, _)| l != lang));
            let pair = (lang.clone(), text.clone());
            match free {
                Some(round) => round.push(pair),
                None => rounds.push(vec![pair]),
            }
        }
        for round in rounds {
            self.texts(name, &round);
        }
    }

    /// A source and a word.
    fn word(&mut self, name: &str, source: &str, word: &str) {
        let prefix = name.split(':').next().unwrap_or("lom");
        self.w
            .open(name, &[])
            .leaf(&format!("{prefix}:source"), &[], source)
            .leaf(&format!("{prefix}:value"), &[], word)
            .close();
    }

    /// The word for an id of a vocabulary, or the loss.
    fn id(&mut self, name: &str, terms: &[Term], id: &str, field: &str) {
        match super::words::word(terms, id, self.profile.sources()) {
            Some(term) => self.word(name, term.source, term.word),
            None => self.losses.push(Loss::of(field, id)),
        }
    }

    /// A pair of catalogue and entry.
    fn pair(&mut self, catalog: &str, entry: &str) {
        self.w.open("lom:identifier", &[]);
        if !catalog.is_empty() {
            self.w.leaf("lom:catalog", &[], catalog);
        }
        self.w.leaf("lom:entry", &[], entry).close();
    }

    /// What one value of a list says, as reports tell it.
    fn told(&self, field: &str, at: usize) -> String {
        let value = self.document.get(field).and_then(|list| list.get(at));
        value.map(|value| rest(value, &[])).unwrap_or_default()
    }

    /// A part of a value that is not carried.
    fn narrowed(&mut self, field: &str, value: &str, instead: &str) {
        self.losses.push(Loss {
            instead: instead.to_owned(),
            ..Loss::of(field, value)
        });
    }
}
