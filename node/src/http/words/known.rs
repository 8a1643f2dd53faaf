//! The names of the fields of the model and the sentences about where values come from, side by side.

use commun_specs::metadata::Method;

use crate::http::lang::Lang;

/// A field's name in English and French.
const FIELDS: &[(&str, &str, &str)] = &[
    ("kind", "Kind", "Sorte"),
    ("title", "Title", "Titre"),
    ("summary", "Summary", "Résumé"),
    ("description", "Description", "Description"),
    ("keywords", "Keywords", "Mots-clés"),
    ("language", "Language", "Langue"),
    ("creators", "Authors", "Auteurs"),
    ("contributors", "Contributors", "Contributeurs"),
    ("publishers", "Publishers", "Éditeurs"),
    ("funders", "Funders", "Financeurs"),
    ("rights_holders", "Rights holders", "Titulaires des droits"),
    ("created", "Made", "Créé"),
    ("published", "Published", "Publié"),
    ("modified", "Changed", "Modifié"),
    ("version", "Version", "Version"),
    ("status", "Status", "État"),
    ("licence", "Licence", "Licence"),
    (
        "licence_statement",
        "About the rights",
        "À propos des droits",
    ),
    ("free", "Free of charge", "Gratuit"),
    (
        "restrictions",
        "Restricted by rights",
        "Soumis à des droits",
    ),
    ("access", "Access", "Accès"),
    ("document_type", "Type of document", "Type de document"),
    ("resource_type", "Type", "Genre"),
    ("level", "Level", "Niveau"),
    ("subject", "Subject", "Discipline"),
    ("outcomes", "What one learns", "Objectifs"),
    ("competencies", "Competencies", "Compétences"),
    ("assesses", "What it tests", "Ce qui est évalué"),
    ("prerequisites", "What one should know before", "Prérequis"),
    (
        "classifications",
        "Other classifications",
        "Autres classements",
    ),
    ("audience", "For", "Public"),
    ("age_range", "Ages", "Âges"),
    ("difficulty", "Difficulty", "Difficulté"),
    ("learning_time", "Time to learn", "Temps d’apprentissage"),
    ("duration", "Duration", "Durée"),
    ("interactivity", "Interactivity", "Interactivité"),
    (
        "interactivity_level",
        "Degree of interactivity",
        "Degré d’interactivité",
    ),
    ("semantic_density", "Density", "Densité"),
    ("activities", "Activities", "Activités"),
    ("usage", "How to use it", "Conseils d’utilisation"),
    ("credit", "Credits", "Crédits"),
    ("user_language", "Language of its users", "Langue du public"),
    ("structure", "Structure", "Structure"),
    (
        "aggregation_level",
        "Level of aggregation",
        "Niveau d’agrégation",
    ),
    ("relations", "Related to", "En lien avec"),
    ("aliases", "Other identifiers", "Autres identifiants"),
    (
        "identifiers",
        "Identifiers in catalogues",
        "Identifiants de catalogues",
    ),
    ("files", "Files", "Fichiers"),
    ("formats", "Formats", "Formats"),
    ("size", "Size in bytes", "Taille en octets"),
    ("links", "Links", "Liens"),
    ("requirements", "Requirements", "Configuration requise"),
    ("other_requirements", "Other requirements", "Autres besoins"),
    ("installation", "Installation", "Installation"),
    ("image", "Pictures", "Images"),
    ("accessibility_modes", "Perceived by", "Perception"),
    (
        "accessibility_sufficient",
        "Sufficient together",
        "Modes suffisants",
    ),
    ("accessibility_features", "Accessibility", "Accessibilité"),
    ("accessibility_hazards", "Hazards", "Dangers"),
    ("accessibility_controls", "Controls", "Commandes"),
    (
        "accessibility_summary",
        "About accessibility",
        "À propos de l’accessibilité",
    ),
    (
        "accessibility_checks",
        "Checks of accessibility",
        "Contrôles d’accessibilité",
    ),
    ("coverage", "Places and times", "Lieux et époques"),
    ("annotations", "Remarks", "Remarques"),
    ("record", "Records elsewhere", "Notices ailleurs"),
    ("original", "Untouched originals", "Originaux intacts"),
    ("programming_language", "Written in", "Écrit en"),
    ("platform", "Runs on", "Fonctionne sur"),
    ("development_status", "Development", "Développement"),
    ("software_type", "Kind of software", "Type de logiciel"),
    ("maintenance", "Maintenance", "Maintenance"),
    ("category", "For", "Pour"),
    ("used_by", "Used by", "Utilisé par"),
    ("dependencies", "Needs", "Dépend de"),
    ("contacts", "Whom to ask", "À qui s’adresser"),
];

/// Sentences in English and French.
const SENTENCES: &[(&str, &str, &str)] = &[
    ("title", "Everything that is known", "Tout ce qui est connu"),
    (
        "help",
        "Each value with where it came from. Of several the best founded one is shown above.",
        "Chaque valeur et d’où elle vient. De plusieurs, la mieux fondée est montrée plus haut.",
    ),
    ("field", "Field", "Champ"),
    ("value", "Value", "Valeur"),
    ("source", "From", "Provenance"),
    ("declared", "declared", "déclaré"),
    ("mapped", "taken from {}", "repris de {}"),
    (
        "extracted",
        "read by a program in {}",
        "lu par un programme dans {}",
    ),
    ("inferred", "guessed from {}", "déduit de {}"),
    ("corrected", "corrected", "corrigé"),
    ("by", "by {}", "par {}"),
    ("shown", "shown", "montré"),
    ("cleared", "rightly empty", "vide, à juste titre"),
    ("yes", "yes", "oui"),
    ("no", "no", "non"),
    ("more", "{} more values", "{} autres valeurs"),
];

fn find(list: &'static [(&str, &str, &str)], name: &str, lang: Lang) -> Option<&'static str> {
    let (_, en, fr) = list.iter().find(|(known, _, _)| *known == name)?;
    Some(match lang {
        Lang::Fr => fr,
        _ => en,
    })
}

/// The name of a field for people; its name in documents where it is new.
pub fn field_name(field: &'static str, lang: Lang) -> &'static str {
    find(FIELDS, field, lang).unwrap_or(field)
}

/// A sentence about values.
pub fn sentence(name: &'static str, lang: Lang) -> &'static str {
    find(SENTENCES, name, lang).unwrap_or(name)
}

/// How a value came to be, with a blank for the place where there is one.
pub fn method(method: Method, lang: Lang) -> &'static str {
    sentence(method.as_str(), lang)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_and_method_has_a_name_in_both_languages() {
        let fields: Vec<&str> = FIELDS.iter().map(|(name, _, _)| *name).collect();
        assert_eq!(fields, commun_specs::metadata::FIELDS);
        for way in [
            Method::Corrected,
            Method::Declared,
            Method::Mapped,
            Method::Extracted,
            Method::Inferred,
        ] {
            assert!(SENTENCES.iter().any(|(name, _, _)| *name == way.as_str()));
        }
        for (name, en, fr) in FIELDS.iter().chain(SENTENCES) {
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
