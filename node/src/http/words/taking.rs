//! The sentences about what was taken down, one table per language.

words! {
    /// The sentences about what was taken down. `{}` is filled in by [`super::fill`].
    TakingWords: EN, FR;
    withdrawn_on withdrawn_by_on withdrawn_reason
    code_error code_outdated code_duplicate code_rights code_personal_data code_illegal code_harmful code_other
    code_source_deleted
    erased_files hidden_title report_hint
}

impl TakingWords {
    /// What a code says; a code of a later release is shown as it is.
    pub fn code<'a>(&self, code: &'a str) -> &'a str {
        match code {
            "error" => self.code_error,
            "outdated" => self.code_outdated,
            "duplicate" => self.code_duplicate,
            "rights" => self.code_rights,
            "personal-data" => self.code_personal_data,
            "illegal" => self.code_illegal,
            "harmful" => self.code_harmful,
            "other" => self.code_other,
            crate::takedown::SOURCE_DELETED => self.code_source_deleted,
            code => code,
        }
    }
}

const EN: TakingWords = TakingWords {
    withdrawn_on: "Withdrawn by {} on {}.",
    withdrawn_by_on: "Withdrawn by {} ({}) on {}.",
    withdrawn_reason: "Reason: {}",
    code_error: "an error",
    code_outdated: "out of date",
    code_duplicate: "a duplicate",
    code_rights: "rights of others",
    code_personal_data: "personal data",
    code_illegal: "against the law",
    code_harmful: "harmful",
    code_other: "another reason",
    code_source_deleted: "deleted at the source that it came from",
    erased_files: "The files were erased by the institution.",
    hidden_title: "Not shown here",
    report_hint: "Something should not be here? Tell the institutions:",
};

const FR: TakingWords = TakingWords {
    withdrawn_on: "Retiré par {} le {}.",
    withdrawn_by_on: "Retiré par {} ({}) le {}.",
    withdrawn_reason: "Motif\u{a0}: {}",
    code_error: "une erreur",
    code_outdated: "périmé",
    code_duplicate: "un doublon",
    code_rights: "les droits d’autrui",
    code_personal_data: "des données personnelles",
    code_illegal: "contraire à la loi",
    code_harmful: "nuisible",
    code_other: "un autre motif",
    code_source_deleted: "supprimé à la source dont il provient",
    erased_files: "Les fichiers ont été effacés par l’établissement.",
    hidden_title: "Non montré ici",
    report_hint: "Quelque chose ne devrait pas être ici\u{202f}? Signalez-le aux établissements\u{a0}:",
};
