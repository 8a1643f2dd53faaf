//! LOM 5 to 9 on the way out.

use commun_specs::licence::Licence;
use commun_specs::metadata::{Classification, Concept};
use commun_specs::vocab::{self, Scheme};

use super::super::classification::{ACCESS, ISCED_F, LEVELS};
use super::super::words;
use super::super::{identifier, vcard};
use super::{NO_LANGUAGE, Out, Profile, moment};
use crate::crosswalk::Loss;
use crate::crosswalk::rights::{Rights, rights};

impl Out<'_> {
    pub(super) fn educational(&mut self) {
        let view = self.view;
        if let Some(id) = &view.interactivity {
            self.id(
                "lom:interactivityType",
                words::INTERACTIVITIES,
                id,
                "interactivity",
            );
        }
        self.types();
        let degrees = [
            (
                "lom:interactivityLevel",
                &view.interactivity_level,
                "interactivity_level",
            ),
            (
                "lom:semanticDensity",
                &view.semantic_density,
                "semantic_density",
            ),
        ];
        for (name, degree, field) in degrees {
            if let Some(degree) = degree {
                self.id(name, words::DEGREES, degree, field);
            }
        }
        let roles = words::of_scheme(Scheme::Audience, &words::ALL);
        for id in &view.audience {
            self.id("lom:intendedEndUserRole", &roles, id, "audience");
        }
        self.contexts();
        for age in &view.age_ranges {
            let text = [("und".to_owned(), age.clone())];
            self.texts("lom:typicalAgeRange", &text);
        }
        let difficulties = words::of_scheme(Scheme::Difficulty, &words::ALL);
        if let Some(id) = &view.difficulty {
            self.id("lom:difficulty", &difficulties, id, "difficulty");
        }
        if let Some(time) = &view.learning_time {
            self.w
                .open("lom:typicalLearningTime", &[])
                .leaf("lom:duration", &[], time)
                .close();
        }
        let usages = view.all_texts("usage", &view.usages);
        self.texts("lom:description", &usages);
        for tag in &view.user_languages {
            self.w.leaf("lom:language", &[], tag);
        }
        if self.profile.french() {
            let activities = words::of_scheme(Scheme::Activity, &words::ALL);
            for id in &view.activities {
                self.id("lomfr:activity", &activities, id, "activities");
            }
            let credits = view.all_texts("credit", &view.credits);
            self.texts("lomfr:credit", &credits);
        }
    }

    /// Ids of a vocabulary with the nearest words that the profile has; those without any are lost.
    fn nearest(&mut self, name: &str, scheme: Scheme, ids: &[String], field: &str) {
        let sources = self.profile.sources();
        let terms = words::of_scheme(scheme, sources);
        let mut written: Vec<(&str, &str)> = Vec::new();
        for id in ids {
            let exact = words::word(&terms, id, sources).map(|term| (term.source, term.word));
            let Some(pair) = exact.or_else(|| words::near(scheme, id, sources)) else {
                self.losses.push(Loss::of(field, id));
                continue;
            };
            // The levels themselves are in 9.
            if exact.is_none() && scheme != Scheme::Level {
                self.narrowed(field, id, pair.1);
            }
            if !written.contains(&pair) {
                written.push(pair);
                self.word(name, pair.0, pair.1);
            }
        }
    }

    fn types(&mut self) {
        let ids = &self.view.resource_types;
        let name = "lom:learningResourceType";
        self.nearest(name, Scheme::ResourceType, ids, "resource_type");
    }

    fn contexts(&mut self) {
        self.nearest("lom:context", Scheme::Level, &self.view.levels, "level");
    }

    /// All levels as concepts, where 5.6 has no word for one of them.
    fn levels(&self) -> Vec<Concept> {
        let sources = self.profile.sources();
        let terms = words::of_scheme(Scheme::Level, sources);
        let levels = &self.view.levels;
        let exact = |id: &String| words::word(&terms, id, sources).is_some();
        if levels.iter().all(exact) {
            return Vec::new();
        }
        let levels = levels.iter();
        levels.map(|id| shown(LEVELS, Scheme::Level, id)).collect()
    }

    pub(super) fn rights(&mut self) {
        let view = self.view;
        let answer = |yes: bool| if yes { "yes" } else { "no" };
        // SupLOMFR wants both; what is here is free of charge unless it says otherwise, and has a licence.
        let sup = self.profile == Profile::SupLomFr && view.licence.is_some();
        if let Some(free) = view.free.or(sup.then_some(true)) {
            self.word("lom:cost", words::LOM, answer(!free));
        }
        if let Some(restricted) = view.restrictions.or(sup.then_some(true)) {
            self.word(
                "lom:copyrightAndOtherRestrictions",
                words::LOM,
                answer(restricted),
            );
        }
        let licence = view.licence.as_deref();
        let statements = view.all_texts("licence_statement", &view.licence_statements);
        let said = licence.filter(|id| {
            statements.iter().any(|(_, text)| match rights(text) {
                Rights::Exact(found) | Rights::Named(found) => found.as_str() == *id,
                Rights::Words => false,
            })
        });
        let address = licence.filter(|_| said.is_none()).map(|id| {
            match Licence::parse(id).ok().and_then(|l| l.url()) {
                // Only what is read back as the same licence.
                Some(url) if Licence::parse(&url).is_ok_and(|l| l.as_str() == id) => url,
                _ => id.to_owned(),
            }
        });
        if address.is_none() && statements.is_empty() {
            return;
        }
        self.w.open("lom:description", &[]);
        let statements = statements.iter().map(|(l, t)| (l.as_str(), t.as_str()));
        self.strings("lom:string", statements);
        if let Some(address) = &address {
            self.strings("lom:string", [(NO_LANGUAGE, address.as_str())]);
        }
        self.w.close();
    }

    pub(super) fn relations(&mut self) {
        let view = self.view;
        for (at, relation) in view.relations.iter().enumerate() {
            let kind = relation.kind.as_str();
            let term = words::word(words::KINDS, kind, self.profile.sources());
            let near = match kind {
                "isTranslationOf" | "replaces" => Some("isVersionOf"),
                "hasTranslation" | "isReplacedBy" => Some("hasVersion"),
                "hasPrerequisite" => Some("requires"),
                "isPrerequisiteOf" => Some("isRequiredBy"),
                "isSourceCodeOf" | "hasSourceCode" => Some("isRelatedTo"),
                _ => None,
            };
            let near =
                || near.and_then(|near| words::word(words::KINDS, near, self.profile.sources()));
            let value = format!("{kind} {}", relation.target);
            let Some(term) = term.or_else(near) else {
                let told = self.told("relations", at);
                self.losses.push(Loss::of("relations", &told));
                continue;
            };
            let (source, word) = (term.source, term.word);
            if term.id != kind {
                self.narrowed("relations", value.trim(), word);
            }
            self.w.open("lom:relation", &[]);
            self.word("lom:kind", source, word);
            self.w.open("lom:resource", &[]);
            if !relation.target.is_empty() {
                let (catalog, entry) = identifier::pair(&relation.target);
                self.pair(catalog, entry);
            }
            match (&relation.title, relation.description.is_empty()) {
                (Some(title), true) => {
                    let lang = view.titles.first().map_or("und", |(lang, _)| lang);
                    self.texts("lom:description", &[(lang.to_owned(), title.clone())]);
                    self.narrowed("relations", title, "7.2.2");
                }
                (title, false) => {
                    self.texts("lom:description", &relation.description);
                    if let Some(title) = title {
                        self.losses.push(Loss::of("relations", title));
                    }
                }
                (None, true) => {}
            }
            self.w.close().close().newline();
            for name in &relation.creators {
                self.losses.push(Loss::of("relations", name));
            }
            if let Some(licence) = &relation.licence {
                self.losses.push(Loss::of("relations", licence));
            }
        }
    }

    pub(super) fn annotations(&mut self) {
        for annotation in &self.view.annotations {
            self.w.open("lom:annotation", &[]);
            if let Some(person) = &annotation.person {
                self.w.leaf("lom:entity", &[], &vcard::write(person));
            }
            if let Some(date) = &annotation.date {
                self.w
                    .open("lom:date", &[])
                    .leaf("lom:dateTime", &[], &moment(date))
                    .close();
            }
            self.texts("lom:description", &annotation.text);
            self.w.close().newline();
        }
    }

    pub(super) fn classifications(&mut self) {
        let view = self.view;
        self.purpose("discipline", &view.subjects);
        self.purpose("educational objective", &view.outcomes);
        self.purpose("competency", &view.competencies);
        self.purpose("prerequisite", &view.prerequisites);
        let levels = self.levels();
        self.purpose("educational level", &levels);
        let lists = [
            &view.accessibility_modes,
            &view.accessibility_features,
            &view.accessibility_hazards,
            &view.accessibility_controls,
        ];
        let mut access: Vec<Concept> = Vec::new();
        for ((source, scheme), ids) in ACCESS.iter().zip(lists) {
            access.extend(ids.iter().map(|id| shown(source, *scheme, id)));
        }
        self.purpose("accessibility restrictions", &access);
        if !view.accessibility_summaries.is_empty() {
            self.w.open("lom:classification", &[]);
            self.word("lom:purpose", words::LOM, "accessibility restrictions");
            let said = view.all_texts("accessibility_summary", &view.accessibility_summaries);
            self.texts("lom:description", &said);
            self.w.close().newline();
        }
        self.others();
    }

    /// Classifications of other purposes: those that LOM has.
    fn others(&mut self) {
        let view = self.view;
        for (at, kept) in view.classifications.iter().enumerate() {
            let Classification { purpose, concept } = kept;
            match words::word(words::PURPOSES, purpose, &[words::LOM]) {
                Some(_) => self.purpose(purpose, std::slice::from_ref(concept)),
                None => {
                    let told = self.told("classifications", at);
                    self.losses.push(Loss::of("classifications", &told));
                }
            }
        }
    }

    /// The concepts of one purpose: paths together, words each by themselves.
    fn purpose(&mut self, purpose: &str, concepts: &[Concept]) {
        let path =
            |c: &&Concept| !c.notation.is_empty() || !c.scheme.is_empty() || !c.broader.is_empty();
        let (paths, alone): (Vec<&Concept>, Vec<&Concept>) = concepts.iter().partition(path);
        if !paths.is_empty() {
            self.w.open("lom:classification", &[]);
            self.word("lom:purpose", words::LOM, purpose);
            for concept in paths {
                self.path(concept);
            }
            self.w.close().newline();
        }
        for concept in alone.into_iter().filter(|c| !c.label.is_empty()) {
            self.w.open("lom:classification", &[]);
            self.word("lom:purpose", words::LOM, purpose);
            self.texts("lom:description", &concept.label);
            self.w.close().newline();
        }
    }

    fn path(&mut self, concept: &Concept) {
        self.w.open("lom:taxonPath", &[]);
        let (lang, source) = match concept.scheme.as_str() {
            "iscedf" => ("en", ISCED_F),
            "ddc" => ("fr", "CDD"),
            "cefr" => ("fr", "CECRL"),
            other => ("und", other),
        };
        if !source.is_empty() {
            self.texts("lom:source", &[(lang.to_owned(), source.to_owned())]);
        }
        for step in &concept.broader {
            self.taxon(&step.notation, &step.label);
        }
        let id = concept.id();
        let field = match concept.scheme.as_str() {
            "iscedf" => vocab::find(Scheme::Subject, &id),
            _ => None,
        };
        let mut label = concept.label.clone();
        if let (Some(field), true) = (field, label.is_empty()) {
            label = vec![
                ("fr".into(), field.fr.into()),
                ("en".into(), field.en.into()),
            ];
        }
        self.taxon(&concept.notation, &label);
        self.w.close();
    }

    fn taxon(&mut self, notation: &str, label: &[(String, String)]) {
        self.w.open("lom:taxon", &[]);
        if !notation.is_empty() {
            self.w.leaf("lom:id", &[], notation);
        }
        self.texts("lom:entry", label);
        self.w.close();
    }
}

/// An id of a vocabulary of ours as a concept that others can read.
fn shown(source: &str, scheme: Scheme, id: &str) -> Concept {
    let label = vocab::find(scheme, id).map(|concept| {
        vec![
            ("fr".to_owned(), concept.fr.to_owned()),
            ("en".to_owned(), concept.en.to_owned()),
        ]
    });
    Concept {
        scheme: source.to_owned(),
        notation: id.to_owned(),
        label: label.unwrap_or_default(),
        broader: Vec::new(),
    }
}
