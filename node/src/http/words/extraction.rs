//! The sentences about what was read out of files, side by side: a field that lacks one of the two does not compile.

sentences! {
    /// The sentences, by what they are for.
    ExtractionWords:
    picture: "First picture of this resource", "Première image de cette ressource";
    page: "page {}", "page {}";
    outline: "Contents", "Sommaire";
    unread_title: "Not searched by its words", "Mots non cherchés";
    unread_help: "The text of these files could not be read. They are stored and can be downloaded; they are found by their title and description.", "Le texte de ces fichiers n’a pas pu être lu. Ils sont conservés et téléchargeables ; on les trouve par leur titre et leur description.";
    damaged: "damaged, or not what its name says", "endommagé, ou autre chose que ce que dit son nom";
    encrypted: "protected by a password", "protégé par un mot de passe";
    too_large: "too large", "trop volumineux";
    refused: "packed in a way that is not safe to open", "empaqueté d’une façon qu’il n’est pas sûr d’ouvrir";
    too_slow: "takes too long to read", "trop long à lire";
    other: "cannot be read", "illisible";
    unconfined: "The program that reads documents is bounded, but this system cannot keep it from files and network.", "Le programme qui lit les documents est borné, mais ce système ne peut pas lui interdire fichiers et réseau.";
    unconfined_fix: "Run the node on Linux with seccomp (every common distribution has it; some containers switch it off).", "Faites tourner le nœud sous Linux avec seccomp (toutes les distributions courantes l’ont ; certains conteneurs le coupent).";
}

impl ExtractionWords {
    /// Why a file is not read, by the word of its description.
    pub fn why(&self, word: &str) -> &'static str {
        match word {
            "damaged" => self.damaged,
            "encrypted" => self.encrypted,
            "too-large" => self.too_large,
            "refused" => self.refused,
            "too-slow" => self.too_slow,
            _ => self.other,
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
