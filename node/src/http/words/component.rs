//! The sentences about components and adoptions, side by side: a field that lacks one of the two does not compile.

sentences! {
    /// The sentences, by what they are for.
    ComponentWords:
    title: "This component", "Ce composant";
    release: "Latest release", "Dernière version";
    status: "Development", "Développement";
    kind: "Kind of software", "Type de logiciel";
    languages: "Written in", "Écrit en";
    platforms: "Runs on", "Fonctionne sur";
    categories: "For", "Pour";
    maintenance: "Maintenance", "Maintenance";
    contacts: "Whom to ask", "À qui s’adresser";
    until: "until {}", "jusqu’au {}";
    links: "Links", "Liens";
    keywords: "Keywords", "Mots-clés";
    said_users: "Users it names", "Utilisateurs qu’il cite";
    source: "Read from {} at the default branch by the node of {}.", "Lu dans {} sur la branche par défaut par le nœud de {}.";
    reuse_whole: "REUSE: every file states its licence", "REUSE : chaque fichier indique sa licence";
    reuse_part: "REUSE: {} of {} files state their licence", "REUSE : {} fichiers sur {} indiquent leur licence";
    licences: "Licence texts found", "Textes de licence trouvés";
    uses_title: "Needs", "Dépend de";
    uses_help: "What its metadata name. A link leads to a component of this commons.", "Ce que citent ses métadonnées. Un lien mène à un composant de ce commun.";
    used_by_title: "Used by these components", "Utilisé par ces composants";
    optional: "optional", "facultatif";
    proprietary: "proprietary", "propriétaire";
    hardware: "hardware", "matériel";
    problems_title: "Metadata to mend", "Métadonnées à corriger";
    problems_help: "Everything was read as far as possible; nothing was refused.", "Tout a été lu autant que possible ; rien n’a été refusé.";
    problem_line: "line {}", "ligne {}";
    severity_error: "error", "erreur";
    severity_warning: "warning", "remarque";
    adoptions_title: "Used by", "Utilisé par";
    adoptions_help: "Each institution says so itself, signed. Its contact can help.", "Chaque établissement le dit lui-même, sous sa signature. Son contact peut aider.";
    adoption_since: "since {}", "depuis le {}";
    adoption_version: "version {}", "version {}";
    adoption_testing: "being tried", "à l’essai";
    adoption_contact: "Who can help", "Qui peut aider";
    adoption_former: "former member", "ancien membre";
    adoption_runs: "What it uses", "Ce qu’il utilise";
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
            assert!(
                ![" :", " »", "'"].iter().any(|sign| fr.contains(sign)),
                "{name}: {fr:?}"
            );
        }
    }
}
