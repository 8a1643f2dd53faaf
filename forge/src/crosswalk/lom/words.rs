//! The vocabularies of LOM and its French profiles, and what the model calls their terms.
//! IEEE 1484.12.1, NF Z 76-040 (LOMFR), the inter-UNT group's additions (SupLOMFR).

use commun_specs::vocab::{self, Scheme};

/// Source of LOM's own terms.
pub const LOM: &str = "LOMv1.0";
/// Source of LOMFR's.
pub const FR: &str = "LOMFRv1.0";
/// Source of SupLOMFR's.
pub const SUP: &str = "SupLOMFRv1.0";
/// All that are read.
pub const ALL: [&str; 3] = [LOM, FR, SUP];

/// A term: its source, the word, and the model's id, which means the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Term {
    /// Which vocabulary.
    pub source: &'static str,
    /// The word as it is written.
    pub word: &'static str,
    /// What the model calls it.
    pub id: &'static str,
}

const fn same(source: &'static str, word: &'static str, id: &'static str) -> Term {
    Term { source, word, id }
}

/// 1.7.
pub const STRUCTURES: &[Term] = &[
    same(LOM, "atomic", "atomic"),
    same(LOM, "collection", "collection"),
    same(LOM, "networked", "networked"),
    same(LOM, "hierarchical", "hierarchical"),
    same(LOM, "linear", "linear"),
];

/// 1.8.
pub const AGGREGATIONS: &[Term] = &[
    same(LOM, "1", "1"),
    same(LOM, "2", "2"),
    same(LOM, "3", "3"),
    same(LOM, "4", "4"),
];

/// 2.2.
pub const STATUSES: &[Term] = &[
    same(LOM, "draft", "draft"),
    same(LOM, "final", "final"),
    same(LOM, "revised", "revised"),
    same(LOM, "unavailable", "unavailable"),
];

/// 2.3.1 and 3.2.1.
pub const ROLES: &[Term] = &[
    same(LOM, "author", "author"),
    same(LOM, "publisher", "publisher"),
    same(LOM, "unknown", "unknown"),
    same(LOM, "initiator", "initiator"),
    same(LOM, "terminator", "terminator"),
    same(LOM, "validator", "validator"),
    same(LOM, "editor", "editor"),
    same(LOM, "graphical designer", "graphical-designer"),
    same(LOM, "technical implementer", "technical-implementer"),
    same(LOM, "content provider", "content-provider"),
    same(LOM, "technical validator", "technical-validator"),
    same(LOM, "educational validator", "educational-validator"),
    same(LOM, "script writer", "script-writer"),
    same(LOM, "instructional designer", "instructional-designer"),
    same(LOM, "subject matter expert", "subject-matter-expert"),
    same(LOM, "creator", "creator"),
    same(FR, "contributeur", "contributor"),
];

/// What ScoLOMFR's labels call the roles.
pub const ROLE_LABELS: &[Term] = &[
    same("", "auteur", "author"),
    same("", "éditeur", "publisher"),
    same("", "diffuseur", "publisher"),
    same("", "contributeur", "contributor"),
    same("", "traducteur", "translator"),
    same("", "validateur", "validator"),
    same("", "validateur technique", "technical-validator"),
    same("", "validateur pédagogique", "educational-validator"),
    same("", "éditeur scientifique", "editor"),
    same("", "rédacteur", "script-writer"),
    same("", "scénariste", "script-writer"),
    same("", "concepteur pédagogique", "instructional-designer"),
    same("", "concepteur graphique", "graphical-designer"),
    same("", "expert du domaine", "subject-matter-expert"),
    same("", "fournisseur de contenu", "content-provider"),
    same("", "créateur", "creator"),
    same("", "initiateur", "initiator"),
    same("", "inconnu", "unknown"),
];

/// 5.1.
pub const INTERACTIVITIES: &[Term] = &[
    same(LOM, "active", "active"),
    same(LOM, "expositive", "expositive"),
    same(LOM, "mixed", "mixed"),
];

/// 5.3 and 5.4.
pub const DEGREES: &[Term] = &[
    same(LOM, "very low", "very-low"),
    same(LOM, "low", "low"),
    same(LOM, "medium", "medium"),
    same(LOM, "high", "high"),
    same(LOM, "very high", "very-high"),
];

/// 6.1 and 6.2.
pub const ANSWERS: &[Term] = &[same(LOM, "yes", "yes"), same(LOM, "no", "no")];

/// 7.1.
pub const KINDS: &[Term] = &[
    same(LOM, "ispartof", "isPartOf"),
    same(LOM, "haspart", "hasPart"),
    same(LOM, "isversionof", "isVersionOf"),
    same(LOM, "hasversion", "hasVersion"),
    same(LOM, "isformatof", "isFormatOf"),
    same(LOM, "hasformat", "hasFormat"),
    same(LOM, "references", "references"),
    same(LOM, "isreferencedby", "isReferencedBy"),
    same(LOM, "isbasedon", "isBasedOn"),
    same(LOM, "isbasisfor", "isBasisFor"),
    same(LOM, "requires", "requires"),
    same(LOM, "isrequiredby", "isRequiredBy"),
    same(FR, "est associée à", "isRelatedTo"),
    same(FR, "est la traduction de", "isTranslationOf"),
    same(FR, "fait l'objet d'une traduction", "hasTranslation"),
    same(FR, "est prérequis de", "isPrerequisiteOf"),
    same(FR, "a pour prérequis", "hasPrerequisite"),
];

/// What ScoLOMFR's labels call the relations.
pub const KIND_LABELS: &[Term] = &[
    same("", "est une partie de", "isPartOf"),
    same("", "contient", "hasPart"),
    same("", "a pour partie", "hasPart"),
    same("", "est une version de", "isVersionOf"),
    same("", "a pour version", "hasVersion"),
    same("", "est un format de", "isFormatOf"),
    same("", "a pour format", "hasFormat"),
    same("", "fait référence à", "references"),
    same("", "est référencé par", "isReferencedBy"),
    same("", "est basé sur", "isBasedOn"),
    same("", "est la base de", "isBasisFor"),
    same("", "requiert", "requires"),
    same("", "est requis par", "isRequiredBy"),
    same("", "remplace", "replaces"),
    same("", "est remplacé par", "isReplacedBy"),
    same("", "a pour vignette", "vignette"),
];

/// 9.1.
pub const PURPOSES: &[Term] = &[
    same(LOM, "discipline", "discipline"),
    same(LOM, "idea", "idea"),
    same(LOM, "prerequisite", "prerequisite"),
    same(LOM, "educational objective", "educational objective"),
    same(
        LOM,
        "accessibility restrictions",
        "accessibility restrictions",
    ),
    same(LOM, "educational level", "educational level"),
    same(LOM, "skill level", "skill level"),
    same(LOM, "security level", "security level"),
    same(LOM, "competency", "competency"),
];

/// 4.4.1.1.
pub const NEEDS: &[Term] = &[
    same(LOM, "operating system", "operating system"),
    same(LOM, "browser", "browser"),
];

/// 4.4.1.2.
pub const PLATFORMS: &[Term] = &[
    same(LOM, "pc-dos", "pc-dos"),
    same(LOM, "ms-windows", "ms-windows"),
    same(LOM, "macos", "macos"),
    same(LOM, "unix", "unix"),
    same(LOM, "multi-os", "multi-os"),
    same(LOM, "none", "none"),
    same(LOM, "any", "any"),
    same(LOM, "netscape communicator", "netscape communicator"),
    same(LOM, "ms-internet explorer", "ms-internet explorer"),
    same(LOM, "opera", "opera"),
    same(LOM, "amaya", "amaya"),
    same(FR, "linux", "linux"),
    same(FR, "firefox", "firefox"),
    same(FR, "safari", "safari"),
];

/// 5.6 in IMS Learning Resource Meta-data 1.2.1, which SCORM 1.2 uses: the words that LOM does not have.
pub const LRM_CONTEXTS: &[Term] = &[
    same("", "primary education", "isced-1"),
    same("", "secondary education", "secondary"),
    same("", "university first cycle", "isced-6"),
    same("", "university second cycle", "isced-7"),
    same("", "university postgrade", "isced-8"),
    same("", "professional formation", "training"),
    same("", "vocational training", "training"),
    same("", "continuous formation", "continuing-education"),
];

/// Other words of that standard for which the model has none: they are right there, and kept as they are.
pub const LRM_OTHERS: [&str; 7] = [
    "mixed",
    "branched",
    "parceled",
    "undefined",
    "other",
    "technical school first cycle",
    "technical school second cycle",
];

/// The terms that a vocabulary of the model has from these sources.
pub fn of_scheme(scheme: Scheme, sources: &[&str]) -> Vec<Term> {
    let concepts = vocab::concepts(scheme).iter();
    let terms = concepts.flat_map(|concept| {
        let said = concept.values.iter().filter(|said| said.exact);
        said.map(|said| same(said.standard, said.value, concept.id))
    });
    terms
        .filter(|term| sources.contains(&term.source))
        .collect()
}

/// The nearest word of these sources for an id of a vocabulary of the model, the last source first.
pub fn near(
    scheme: Scheme,
    id: &str,
    sources: &[&'static str],
) -> Option<(&'static str, &'static str)> {
    let mut sources = sources.iter().rev();
    sources.find_map(|source| Some((*source, vocab::value(scheme, id, source)?)))
}

/// Letters and digits only, small and without the accents of French: how words are compared.
pub fn fold(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars().flat_map(char::to_lowercase) {
        match c {
            'à' | 'â' | 'ä' | 'á' => out.push('a'),
            'ç' => out.push('c'),
            'é' | 'è' | 'ê' | 'ë' => out.push('e'),
            'î' | 'ï' | 'í' => out.push('i'),
            'ô' | 'ö' | 'ó' => out.push('o'),
            'û' | 'ù' | 'ü' | 'ú' => out.push('u'),
            'œ' => out.push_str("oe"),
            '+' => out.push('+'),
            c if c.is_alphanumeric() => out.push(c),
            _ => {}
        }
    }
    out
}

/// The term that is meant by a word.
pub fn find<'a>(terms: &'a [Term], word: &str) -> Option<&'a Term> {
    let wanted = fold(word);
    terms.iter().find(|term| fold(term.word) == wanted)
}

/// The word to write for an id, from one of these sources.
pub fn word<'a>(terms: &'a [Term], id: &str, sources: &[&str]) -> Option<&'a Term> {
    terms
        .iter()
        .find(|term| term.id == id && sources.contains(&term.source))
}
