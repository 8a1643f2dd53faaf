//! What the forge finds wrong with a push, in the pusher's language.

use commun_forge::git::{Fault, PackError, RefNameError};

use crate::http::lang::TerminalLang;

/// A fault in one line.
pub fn text(fault: &Fault, lang: TerminalLang) -> String {
    match lang {
        TerminalLang::En => fault.to_string(),
        TerminalLang::Fr => french(fault),
    }
}

fn french(fault: &Fault) -> String {
    match fault {
        Fault::Name(error) => name(*error).to_owned(),
        Fault::Pack(error) => pack(*error),
        Fault::TooManyRefs { count, limit } => format!(
            "{count} références dans un seul envoi dépassent la limite de {limit}\u{202f}; poussez-en moins à la fois"
        ),
        Fault::TooLarge { limit } => format!(
            "l’envoi dépasse la limite de {limit} octets\u{202f}; poussez d’abord des commits plus anciens\u{a0}: git push origin COMMIT:refs/heads/BRANCHE"
        ),
        Fault::Twice => "nommée deux fois dans un même envoi".to_owned(),
        Fault::NothingToDelete => "il n’y a rien à supprimer".to_owned(),
        Fault::Changed => {
            "fetch first\u{a0}: elle a bougé entre-temps\u{202f}; git pull, puis poussez de nouveau"
                .to_owned()
        }
        Fault::Beside(other) => format!(
            "elle ne peut pas exister à côté de {other}, qui est un dossier ou un fichier de son nom"
        ),
        Fault::Missing => "l’objet n’est pas arrivé".to_owned(),
        Fault::BranchOfOther => "une branche doit désigner un commit".to_owned(),
        Fault::TagOfOther => {
            "une étiquette doit désigner un commit ou un objet étiquette".to_owned()
        }
        Fault::Options => {
            "ce nœud ne prend pas d’options d’envoi\u{202f}; poussez de nouveau sans -o".to_owned()
        }
        Fault::Another => "une autre référence de cet envoi est refusée".to_owned(),
        Fault::Whole => "l’envoi a été refusé".to_owned(),
    }
}

fn name(error: RefNameError) -> &'static str {
    match error {
        RefNameError::Namespace => {
            "on ne pousse que vers refs/heads/ et refs/tags/, et vers refs/for/BRANCHE/SUJET pour proposer une modification"
        }
        RefNameError::TooLong => "le nom dépasse 200 octets",
        RefNameError::EmptyComponent => "une partie du nom est vide",
        RefNameError::BadComponent => {
            "une partie du nom commence ou finit d’une façon que Git ou ses outils lisent mal"
        }
        RefNameError::Reserved => "le nom est réservé",
        RefNameError::Character => {
            "le nom contient un signe qui n’est pas permis\u{202f}; employez des lettres, des chiffres et - _ . + @ , ="
        }
        RefNameError::NotNormal => "le nom n’est pas dans la forme normale NFC d’Unicode",
        RefNameError::MixedScripts => "le nom mêle des alphabets dont les lettres se ressemblent",
    }
}

fn pack(error: PackError) -> String {
    match error {
        PackError::ObjectTooLarge { size, limit } => format!(
            "un objet de {size} octets dépasse la limite de {limit} octets\u{202f}; publiez les grands fichiers comme ressource"
        ),
        PackError::TooManyObjects { count, limit } => format!(
            "{count} objets dépassent la limite de {limit}\u{202f}; poussez en plusieurs fois"
        ),
        PackError::TooMuch => {
            "le paquet se déplie en trop d’octets\u{202f}; poussez en plusieurs fois".to_owned()
        }
        // What is wrong in its bytes is for whoever writes Git programs.
        PackError::Corrupt(what) => format!("le paquet est abîmé\u{a0}: {what}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_forge_finds_wrong_is_said_in_both_languages() {
        let too_large = Fault::from(PackError::ObjectTooLarge {
            size: 300,
            limit: 200,
        });
        for (fault, en, fr) in [
            (
                too_large,
                "an object of 300 bytes",
                "un objet de 300 octets",
            ),
            (
                Fault::from(RefNameError::Character),
                "a sign that is not allowed",
                "un signe qui n’est pas permis",
            ),
            (
                Fault::BranchOfOther,
                "must point at a commit",
                "doit désigner un commit",
            ),
            (Fault::Changed, "fetch first", "fetch first"),
            (Fault::Options, "without -o", "sans -o"),
        ] {
            for (lang, part) in [(TerminalLang::En, en), (TerminalLang::Fr, fr)] {
                let said = text(&fault, lang);
                assert!(said.contains(part), "{said}");
                assert!(!said.contains('\n'), "a reason is one line: {said}");
            }
            let said = text(&fault, TerminalLang::Fr);
            assert!(
                !said.contains(" ;") && !said.contains(" :") && !said.contains('\''),
                "{said}"
            );
        }
    }
}
