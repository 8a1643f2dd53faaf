//! The sentences about the quality of records and about what is there twice, side by side: a field that lacks one of the two
//! does not compile.

use crate::{
    http::lang::Lang,
    quality::{Fault, Need, Rule},
};

macro_rules! sentences {
    ($($name:ident: $en:literal, $fr:literal;)*) => {
        /// The sentences, by what they are for. `{}` is filled in by [`super::fill`].
        #[allow(missing_docs)]
        pub struct QualityWords { $(pub $name: &'static str,)* }

        const EN: QualityWords = QualityWords { $($name: $en,)* };
        const FR: QualityWords = QualityWords { $($name: $fr,)* };

        #[cfg(test)]
        const ALL: &[(&str, &str, &str)] = &[$((stringify!($name), $en, $fr),)*];
    };
}

sentences! {
    link: "Quality of the records", "Qualité des notices";
    title: "Quality of the records of {}", "Qualité des notices de {}";
    intro: "What lacks, what is unclear and what is there twice among the resources of this institution, as this node knows them. Everybody may read it; the librarians of the institution mend it.", "Ce qui manque, ce qui n’est pas clair et ce qui existe en double parmi les ressources de cet établissement, telles que ce nœud les connaît. Tout le monde peut le lire ; les bibliothécaires de l’établissement le corrigent.";
    items_one: "1 resource", "1 ressource";
    items_many: "{} resources", "{} ressources";
    none: "There are no resources here yet.", "Il n’y a pas encore de ressources ici.";
    good: "Nothing to mend.", "Rien à corriger.";
    fields: "How complete the fields are", "Remplissage des champs";
    field: "Field", "Champ";
    filled: "Filled in", "Renseigné";
    needed: "Needed", "Utilité";
    everybody: "to be found and used", "pour être trouvée et utilisée";
    suplomfr: "in SupLOMFR", "dans SupLOMFR";
    helps: "recommended", "recommandé";
    to_mend: "To mend", "À corriger";
    first: "The first {} of {}; all of them are in the table.", "Les {} premières sur {} ; toutes sont dans le tableau.";
    table: "Everything as a table (CSV)", "Tout dans un tableau (CSV)";
    links: "Links", "Liens";
    links_never: "{} links were never looked at. A librarian has them looked at with:", "{} liens n’ont jamais été vérifiés. Un ou une bibliothécaire les fait vérifier par :";
    links_checked: "{} of {} links were looked at, the last on {}.", "{} liens sur {} ont été vérifiés, le dernier le {}.";
    links_waiting: "{} wait to be looked at.", "{} attendent d’être vérifiés.";
    missing: "No value: {}", "Sans valeur : {}";
    unclear_licence: "Licence that cannot be told", "Licence indéterminée";
    nothing_to_open: "Neither a file nor an address", "Ni fichier ni adresse";
    untagged_text: "Title or description in no language", "Titre ou description sans langue";
    unknown_term: "Subject of no known vocabulary", "Discipline hors de tout vocabulaire connu";
    unreadable: "Values that could not be read", "Valeurs illisibles";
    unread: "Documents whose text could not be read", "Documents dont le texte n’a pas pu être lu";
    guessed: "Values that are only guessed", "Valeurs seulement devinées";
    duplicate: "Perhaps there twice", "Peut-être en double";
    dead_link: "Links that lead nowhere", "Liens morts";
    unsure_link: "Links that could not be judged", "Liens qui n’ont pas pu être jugés";
    fix_field: "Say it:", "Indiquez-le :";
    fix_licence: "Choose the SPDX id of what the author states, such as CC-BY-SA-4.0; where nobody knows, ask the author.", "Choisissez l’identifiant SPDX de ce que dit l’auteur, comme CC-BY-SA-4.0 ; si personne ne le sait, demandez à l’auteur.";
    fix_nothing_to_open: "Publish a version with its files, or give the address where it is.", "Publiez une version avec ses fichiers, ou donnez l’adresse où elle se trouve.";
    fix_untagged_text: "Say it again with its language.", "Redonnez-le avec sa langue.";
    fix_unknown_term: "Choose a concept of ISCED-F, or of a vocabulary that your institution publishes.", "Choisissez un concept d’ISCED-F, ou d’un vocabulaire que publie votre établissement.";
    fix_unreadable: "Import the record again, or say the values by hand.", "Importez de nouveau la notice, ou donnez les valeurs à la main.";
    fix_unread: "Publish the file in another form: without a password, smaller, or with its text.", "Publiez le fichier sous une autre forme : sans mot de passe, plus petit, ou avec son texte.";
    fix_guessed: "Look whether it is right, and say it.", "Vérifiez, et dites-le.";
    fix_duplicate: "Look at both, then accept or refuse:", "Regardez les deux, puis acceptez ou refusez :";
    fix_dead_link: "Correct the address, or take it out:", "Corrigez l’adresse, ou retirez-la :";
    fix_unsure_link: "Open it yourself: its server asks for a login, refuses, or was out of order.", "Ouvrez-le vous-même : son serveur demande une identification, refuse, ou était en panne.";
    also: "Also published as", "Aussi publié sous";
    also_translation: "in another language", "dans une autre langue";
}

impl QualityWords {
    /// The sentences of a language.
    pub fn of(lang: Lang) -> &'static QualityWords {
        match lang {
            Lang::Fr => &FR,
            Lang::En => &EN,
        }
    }

    /// What a rule found, in words. `field`: the name of a field in the reader's language.
    pub fn what(&self, rule: Rule, field: impl Fn(&str) -> String) -> String {
        match rule {
            Rule::Missing(missing) => super::fill(self.missing, &[&field(missing.name)]),
            Rule::Fault(Fault::UnclearLicence) => self.unclear_licence.to_owned(),
            Rule::Fault(Fault::NothingToOpen) => self.nothing_to_open.to_owned(),
            Rule::Fault(Fault::UntaggedText) => self.untagged_text.to_owned(),
            Rule::Fault(Fault::UnknownTerm) => self.unknown_term.to_owned(),
            Rule::Fault(Fault::Unreadable) => self.unreadable.to_owned(),
            Rule::Fault(Fault::Unread) => self.unread.to_owned(),
            Rule::Fault(Fault::Guessed) => self.guessed.to_owned(),
            Rule::Duplicate => self.duplicate.to_owned(),
            Rule::DeadLink => self.dead_link.to_owned(),
            Rule::UnsureLink => self.unsure_link.to_owned(),
        }
    }

    /// How to mend what a rule found.
    pub fn fix(&self, rule: Rule) -> &'static str {
        match rule {
            Rule::Missing(_) => self.fix_field,
            Rule::Fault(Fault::UnclearLicence) => self.fix_licence,
            Rule::Fault(Fault::NothingToOpen) => self.fix_nothing_to_open,
            Rule::Fault(Fault::UntaggedText) => self.fix_untagged_text,
            Rule::Fault(Fault::UnknownTerm) => self.fix_unknown_term,
            Rule::Fault(Fault::Unreadable) => self.fix_unreadable,
            Rule::Fault(Fault::Unread) => self.fix_unread,
            Rule::Fault(Fault::Guessed) => self.fix_guessed,
            Rule::Duplicate => self.fix_duplicate,
            Rule::DeadLink => self.fix_dead_link,
            Rule::UnsureLink => self.fix_unsure_link,
        }
    }

    /// For whom a field matters.
    pub fn need(&self, need: Need) -> &'static str {
        match need {
            Need::Everybody => self.everybody,
            Need::SupLomFr => self.suplomfr,
            Need::Helps => self.helps,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_say_all_with_the_same_blanks() {
        for (name, en, fr) in ALL {
            let blanks = |text: &str| text.matches("{}").count();
            assert!(!en.is_empty() && !fr.is_empty(), "{name}");
            assert_eq!(blanks(en), blanks(fr), "{name}");
            let signs = [" :", " ;", " »", " ?", "'"];
            assert!(
                !signs.iter().any(|sign| fr.contains(sign)),
                "{name}: {fr:?}"
            );
        }
    }
}
