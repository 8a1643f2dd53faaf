//! The fields of the model, each said once: everything that goes through all of them is made from this table.
//!
//! A row is `member => plural: shape Type, reader, where;`
//! - the member is its name in documents, bodies and [`Record`](super::Record); the plural its name in [`View`](super::View);
//! - the shape says how values coexist and which are shown: `one` value, a `list`, `texts` (one per language), `words`
//!   (several per language). Functions of that name choose, read and write it;
//! - the reader checks one value, in documents and in bodies alike;
//! - `asked` fields are members of the form that people write; `found` ones are read out of files and content only.

/// Gives the whole table to another macro.
macro_rules! each_field {
    ($then:ident) => {
        $then! {
            /// What it is: one of [`KINDS`](super::KINDS).
            kind => kind: one String, values::kind, asked;
            /// Titles, at most one per language.
            title => titles: texts String, values::title, asked;
            /// Summaries, at most one per language.
            summary => summaries: texts String, values::prose, asked;
            /// Descriptions, at most one per language.
            description => descriptions: texts String, values::prose, asked;
            /// Keywords, any number per language.
            keywords => keywords: words String, values::line, asked;
            /// Languages of the content, BCP 47.
            language => languages: list String, values::language, asked;
            /// Authors, in order.
            creators => creators: list Creator, person::creator, asked;
            /// Others, with their role.
            contributors => contributors: list Creator, person::contributor, asked;
            /// Who publishes it.
            publishers => publishers: list Creator, person::creator, asked;
            /// Who paid for it.
            funders => funders: list Creator, person::creator, asked;
            /// Who holds the rights.
            rights_holders => rights_holders: list Creator, person::creator, asked;
            /// When it was made.
            created => created: one String, values::date, asked;
            /// When it was published.
            published => published: one String, values::date, asked;
            /// When it was last changed.
            modified => modified: one String, values::date, asked;
            /// Version as its author names it.
            version => version: one String, values::line, asked;
            /// How finished it is: one of [`STATUSES`](super::STATUSES).
            status => status: one String, values::status, asked;
            /// Licence, an SPDX expression.
            licence => licence: one String, values::licence, asked;
            /// What the author says about rights, per language.
            licence_statement => licence_statements: texts String, values::prose, asked;
            /// Whether it is free of charge.
            free => free: one bool, values::flag, asked;
            /// Whether copyright or other restrictions apply at all (LOM 6.2).
            restrictions => restrictions: one bool, values::flag, asked;
            /// Who gets at it: an id of the vocabulary `access`.
            access => access: one String, values::access, asked;
            /// Types of document: ids of the vocabulary `document-type` (DCMI types).
            document_type => document_types: list String, values::document_type, asked;
            /// Types of learning material: HCRT slugs.
            resource_type => resource_types: list String, values::resource_type, asked;
            /// Levels: ids of the vocabulary `level`.
            level => levels: list String, values::level, asked;
            /// Subjects, in any number of schemes.
            subject => subjects: list Concept, concept::subject, asked;
            /// What one knows or can do afterwards.
            outcomes => outcomes: list Concept, concept::concept, asked;
            /// Which competencies it develops.
            competencies => competencies: list Concept, concept::concept, asked;
            /// What it tests.
            assesses => assesses: list Concept, concept::concept, asked;
            /// What one should know or be able to do before.
            prerequisites => prerequisites: list Concept, concept::concept, asked;
            /// Other classifications, each with its purpose.
            classifications => classifications: list Classification, concept::classification, asked;
            /// Whom it is made for: ids of the vocabulary `audience`.
            audience => audience: list String, values::audience, asked;
            /// Ages it is made for: `18-25`, `15-`, `-6`, or words.
            age_range => age_ranges: list String, values::age_range, asked;
            /// How hard it is for them: an id of the vocabulary `difficulty`.
            difficulty => difficulty: one String, values::difficulty, asked;
            /// How long it takes to work through, an ISO 8601 duration.
            learning_time => learning_time: one String, duration::duration, asked;
            /// How long it plays, an ISO 8601 duration.
            duration => duration: one String, duration::duration, asked;
            /// One of [`INTERACTIVITIES`](super::INTERACTIVITIES).
            interactivity => interactivity: one String, values::interactivity, asked;
            /// One of [`DEGREES`](super::DEGREES).
            interactivity_level => interactivity_level: one String, values::degree, asked;
            /// One of [`DEGREES`](super::DEGREES).
            semantic_density => semantic_density: one String, values::degree, asked;
            /// What learners do with it: ids of the vocabulary `activity`.
            activities => activities: list String, values::activity, asked;
            /// How to use it in teaching, per language.
            usage => usages: texts String, values::prose, asked;
            /// What it counts in a course of studies (LOMFR 5.13), per language.
            credit => credits: texts String, values::prose, asked;
            /// Languages of those it is made for, BCP 47.
            user_language => user_languages: list String, values::language, asked;
            /// One of [`STRUCTURES`](super::STRUCTURES).
            structure => structure: one String, values::structure, asked;
            /// How much is put together: 1 (a fragment) to 4 (a whole curriculum).
            aggregation_level => aggregation_level: one u64, values::aggregation_level, asked;
            /// Relations to other things.
            relations => relations: list Relation, relation::relation, asked;
            /// Other identifiers of the same thing (DOI, ARK, address).
            aliases => aliases: list String, values::target, asked;
            /// Identifiers in catalogues that no address leads to.
            identifiers => identifiers: list Identifier, notice::identifier, asked;
            /// Files, as the record mentions them.
            files => files: list FileNote, file::file, found;
            /// Media types of the whole, where they are not said file by file; `non-digital`.
            formats => formats: list String, values::media_type, asked;
            /// Size of the whole in bytes, where it is not said file by file.
            size => size: one u64, values::number, asked;
            /// Where it and more about it is found.
            links => links: list Link, software::link, asked;
            /// What must be there to use it; one alternative of each suffices.
            requirements => requirements: list Requirement, requirement::requirement, asked;
            /// What else must be there (LOM 4.6), per language.
            other_requirements => other_requirements: texts String, values::prose, asked;
            /// How to install it, per language.
            installation => installations: texts String, values::prose, asked;
            /// Pictures that stand for it.
            image => images: list Image, file::image, asked;
            /// Senses that perceive it: ids of the vocabulary `accessibility-mode`.
            accessibility_modes => accessibility_modes: list String, values::accessibility_mode, asked;
            /// Modes that together suffice, each entry one such set.
            accessibility_sufficient => accessibility_sufficient: list Vec<String>, values::sufficient_modes, asked;
            /// What helps: ids of the vocabulary `accessibility-feature`.
            accessibility_features => accessibility_features: list String, values::accessibility_feature, asked;
            /// What may harm: ids of the vocabulary `accessibility-hazard`.
            accessibility_hazards => accessibility_hazards: list String, values::accessibility_hazard, asked;
            /// What it can be steered with: ids of the vocabulary `accessibility-control`.
            accessibility_controls => accessibility_controls: list String, values::accessibility_control, asked;
            /// What its makers say about access, per language.
            accessibility_summary => accessibility_summaries: texts String, values::prose, asked;
            /// Which checks of accessibility were made.
            accessibility_checks => accessibility_checks: list Check, annotation::check, asked;
            /// Places and times it is about, any number per language.
            coverage => coverage: words String, values::line, asked;
            /// What others said about it (LOM 8).
            annotations => annotations: list Annotation, annotation::annotation, asked;
            /// The records it was described by elsewhere (LOM 3).
            record => records: list Notice, notice::notice, found;
            /// Where the untouched records are kept.
            original => originals: list Original, notice::original, found;
            /// Programming languages of a component, as its metadata name them.
            programming_language => programming_languages: list String, values::line, found;
            /// Where a component runs.
            platform => platforms: list String, values::line, found;
            /// How far a component is: a word of repostatus.org or of publiccode.yml.
            development_status => development_status: one String, values::line, found;
            /// What sort of software it is (`standalone/web`).
            software_type => software_type: one String, values::line, found;
            /// How it is kept: `internal`, `contract`, `community` or `none`.
            maintenance => maintenance: one String, values::line, found;
            /// What it is for (`learning-management-system`).
            category => categories: list String, values::line, found;
            /// Who uses it, by its own account.
            used_by => used_by: list String, values::line, found;
            /// What it needs.
            dependencies => dependencies: list Dependency, software::dependency, found;
            /// Whom to ask.
            contacts => contacts: list Contact, software::contact, found;
        }
    };
}

pub(super) use each_field;
