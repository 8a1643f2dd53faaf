//! The sentences about what goes out.

sentences! {
    /// The sentences about what goes out.
    ExportWords:
    title: "Take it to another tool", "L’emporter ailleurs";
    cartridge: "Common Cartridge, for Moodle", "Common Cartridge, pour Moodle";
    package: "All files (ZIP)", "Tous les fichiers (ZIP)";
    bag: "Archive with everything (BagIt)", "Archive complète (BagIt)";
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
