//! The sentences about what changed between two versions, side by side.

sentences! {
    /// The sentences, by what they are for. `{}` is filled in by [`super::fill`].
    CompareWords:
    link: "what changed", "ce qui a changé";
    link_behind: "What changed since", "Ce qui a changé depuis";
    title: "From version {} to version {}", "De la version {} à la version {}";
    from: "Version", "Version";
    to: "compared with version", "comparée à la version";
    button: "Compare", "Comparer";
    nothing: "Nothing changed: these versions say the same, and their files are the same.", "Rien n’a changé\u{a0}: ces versions disent la même chose et leurs fichiers sont les mêmes.";
    metadata: "What is said of it", "Ce qui en est dit";
    metadata_same: "Nothing changed in what is said of it.", "Rien n’a changé dans ce qui en est dit.";
    before: "before:", "avant\u{a0}:";
    after: "after:", "après\u{a0}:";
    order: "The same values in another order.", "Les mêmes valeurs dans un autre ordre.";
    files: "Files", "Fichiers";
    files_same: "The files are the same.", "Les fichiers sont les mêmes.";
    files_missing: "The list of files of one of these versions is not on this node, so nothing is said about files.", "La liste des fichiers d’une de ces versions n’est pas sur ce nœud\u{a0}: rien n’est dit des fichiers.";
    added: "New ({})", "Nouveaux ({})";
    changed: "Changed ({})", "Modifiés ({})";
    removed: "Removed ({})", "Supprimés ({})";
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_languages_say_all_with_the_same_blanks() {
        for (name, en, fr) in ALL {
            let blanks = |text: &str| text.matches("{}").count();
            assert_eq!(blanks(en), blanks(fr), "{name}");
            assert!(!en.is_empty() && !fr.is_empty(), "{name}");
            for sign in [" :", " ;", " !", " ?", " »", "« ", "'"] {
                assert!(!fr.contains(sign), "{name}: {fr:?}");
            }
        }
    }
}
