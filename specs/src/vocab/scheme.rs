//! The vocabularies that ship, each said once.

/// The table of vocabularies: what each is, its id in addresses, its file, its titles, what it follows.
macro_rules! schemes {
    ($($(#[$doc:meta])* $variant:ident $id:literal $text:expr, $fr:literal, $en:literal, $source:literal;)*) => {
        /// A vocabulary.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Scheme {
            $($(#[$doc])* $variant,)*
        }

        impl Scheme {
            /// All vocabularies.
            pub const ALL: &[Scheme] = &[$(Scheme::$variant),*];

            /// Its id in addresses and in concepts of records.
            pub fn id(self) -> &'static str {
                match self { $(Scheme::$variant => $id),* }
            }

            /// Its title: French for `fr` and its variants, English for all others.
            pub fn title(self, lang: &str) -> &'static str {
                let (fr, en) = match self { $(Scheme::$variant => ($fr, $en)),* };
                if super::is_french(lang) { fr } else { en }
            }

            /// Where the list that it follows is published; nothing for a list of our own.
            pub fn source(self) -> Option<&'static str> {
                let source = match self { $(Scheme::$variant => $source),* };
                (!source.is_empty()).then_some(source)
            }

            /// The lines of its table.
            pub(super) fn text(self) -> &'static str {
                match self { $(Scheme::$variant => $text),* }
            }
        }
    };
}

const ITEM_TYPES: &str = "resource\t\tRessource\tResource\t\nrepository\t\tDépôt de code\tRepository\t\ncollection\t\tCollection\tCollection\t\n";

schemes! {
    /// Kinds of learning material, HCRT slugs and what LOM tells apart below them (`course`, `case_study`, `exam`).
    ResourceType "resource-type" include_str!("resource_type.tsv"),
        "Types de ressources", "Resource types", "https://w3id.org/kim/hcrt/";
    /// Levels, ISCED 2011 and French children (`isced-6`, `fr-l1`), contexts of LOM (`higher-education`).
    Level "level" include_str!("level.tsv"),
        "Niveaux", "Levels", "http://uis.unesco.org/en/topic/international-standard-classification-education-isced";
    /// Subjects, ISCED-F 2013 (`iscedf-0541`).
    Subject "iscedf" include_str!("subject.tsv"),
        "Domaines d’études (CITE-F 2013)", "Fields of education (ISCED-F 2013)", "http://uis.unesco.org/en/topic/international-standard-classification-education-isced";
    /// Languages, BCP 47 primary subtags (`fr`).
    Language "language" include_str!("language.tsv"),
        "Langues", "Languages", "https://www.iana.org/assignments/language-subtag-registry";
    /// What an item is (`resource`, `repository`, `collection`).
    ItemType "item-type" ITEM_TYPES,
        "Sortes d’éléments", "Kinds of items", "";
    /// Who gets at it (`no-login`).
    Access "access" include_str!("access.tsv"),
        "Conditions d’accès", "Conditions of access", "https://w3id.org/kim/conditionsOfAccess/";
    /// DCMI types (`moving-image`).
    DocumentType "document-type" include_str!("document_type.tsv"),
        "Types de documents (DCMI)", "Document types (DCMI)", "http://purl.org/dc/dcmitype/";
    /// Whom it is made for (`student`).
    Audience "audience" include_str!("audience.tsv"),
        "Publics", "Audiences", "http://purl.org/dcx/lrmi-vocabs/educationalAudienceRole/";
    /// How hard it is (`medium`).
    Difficulty "difficulty" include_str!("difficulty.tsv"),
        "Difficulté", "Difficulty", "";
    /// What learners do with it (`practise`).
    Activity "activity" include_str!("activity.tsv"),
        "Activités", "Activities", "";
    /// Senses that perceive it (`textual`).
    AccessibilityMode "accessibility-mode" include_str!("accessibility_mode.tsv"),
        "Modes d’accès", "Access modes", "https://www.w3.org/community/reports/a11y-discov-vocab/CG-FINAL-vocabulary/";
    /// What helps people with disabilities (`captions`).
    AccessibilityFeature "accessibility-feature" include_str!("accessibility_feature.tsv"),
        "Aménagements d’accessibilité", "Accessibility features", "https://www.w3.org/community/reports/a11y-discov-vocab/CG-FINAL-vocabulary/";
    /// What may harm (`flashing`).
    AccessibilityHazard "accessibility-hazard" include_str!("accessibility_hazard.tsv"),
        "Dangers", "Hazards", "https://www.w3.org/community/reports/a11y-discov-vocab/CG-FINAL-vocabulary/";
    /// What it can be steered with (`fullKeyboardControl`).
    AccessibilityControl "accessibility-control" include_str!("accessibility_control.tsv"),
        "Commandes", "Controls", "https://www.w3.org/community/reports/a11y-discov-vocab/CG-FINAL-vocabulary/";
    /// Levels of languages (`cefr-b2`).
    Cefr "cefr" include_str!("cefr.tsv"),
        "Niveaux de langue (CECRL)", "Levels of language (CEFR)", "https://www.coe.int/en/web/common-european-framework-reference-languages";
    /// What contributors did (`translator`).
    Role "role" include_str!("role.tsv"),
        "Rôles des contributeurs", "Roles of contributors", "";
    /// How things relate (`isBasedOn`).
    Relation "relation" include_str!("relation.tsv"),
        "Relations", "Relations", "http://purl.org/dc/terms/";
    /// How learners and the thing act on each other (`active`).
    Interactivity "interactivity" include_str!("interactivity.tsv"),
        "Interactivité", "Interactivity", "http://purl.org/dcx/lrmi-vocabs/interactivityType/";
    /// How much (`high`).
    Degree "degree" include_str!("degree.tsv"),
        "Degrés", "Degrees", "";
    /// How the parts hang together (`linear`).
    Structure "structure" include_str!("structure.tsv"),
        "Structures", "Structures", "";
    /// How finished it is (`draft`).
    Status "status" include_str!("status.tsv"),
        "États", "Statuses", "";
    /// What files are, in people's words (`pdf`).
    Format "format" include_str!("format.tsv"),
        "Formats", "Formats", "";
    /// How long it takes, in ranges (`up-to-1h`).
    Duration "duration" include_str!("duration.tsv"),
        "Durées", "Durations", "";
    /// What is known of accessibility at all (`not-checked`).
    Accessibility "accessibility" include_str!("accessibility.tsv"),
        "Accessibilité", "Accessibility", "";
    /// What one may do with a work (`adapt`).
    LicenceClass "licence-class" include_str!("licence_class.tsv"),
        "Classes de licences", "Classes of licences", "";
    /// Licences that pages name (`CC-BY-SA-4.0`).
    Licence "licence" crate::licence::vocabulary(),
        "Licences", "Licences", "https://spdx.org/licenses/";
}

impl Scheme {
    /// The vocabulary with this id.
    pub fn parse(id: &str) -> Option<Scheme> {
        Scheme::ALL.iter().copied().find(|scheme| scheme.id() == id)
    }
}
