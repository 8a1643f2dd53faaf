//! What is wrong with a component's metadata: where, which rule, and how to mend it, in two languages.

use serde_json::{Value as Json, json};

/// Longest quoted value and path, in characters.
const MAX_QUOTED: usize = 120;
/// Longest list of values that a sentence names, in characters.
const MAX_WANTED: usize = 400;

/// How bad it is. Nothing is refused for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The value is read, or nothing of weight is missing.
    Warning,
    /// The file breaks its standard.
    Error,
}

impl Severity {
    /// The word in JSON.
    pub fn as_str(self) -> &'static str {
        match self {
            Severity::Warning => "warning",
            Severity::Error => "error",
        }
    }
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// How bad.
    pub severity: Severity,
    /// The file; empty where it is about the repository as a whole.
    pub file: String,
    /// The line, from 1, where it is known.
    pub line: Option<u32>,
    /// The place in the file: `legal.license`.
    pub path: String,
    /// Which rule, a word for programs: `not-in-list`.
    pub rule: String,
    /// What was found.
    pub given: String,
    /// What is wanted.
    pub wanted: String,
}

/// A rule's sentences: code, what is wrong (English, French), what to do (English, French). `{path}`, `{given}`, `{wanted}`
/// stand for the problem's own.
type Sentences = (&'static str, [&'static str; 2], [&'static str; 2]);

const RULES: [Sentences; 25] = [
    (
        "syntax",
        ["cannot be read: {given}", "illisible : {given}"],
        [
            "mend the syntax at this line",
            "corrigez la syntaxe à cette ligne",
        ],
    ),
    (
        "not-utf8",
        ["is not UTF-8", "n’est pas en UTF-8"],
        ["save it as UTF-8", "enregistrez-le en UTF-8"],
    ),
    (
        "too-large",
        [
            "is larger than {wanted} kB and was not read",
            "dépasse {wanted} ko et n’a pas été lu",
        ],
        ["shorten it", "raccourcissez-le"],
    ),
    (
        "too-complex",
        [
            "is nested too deep or repeats itself too often and was not read",
            "est trop imbriqué ou se répète trop et n’a pas été lu",
        ],
        [
            "write it without aliases and deep nesting",
            "écrivez-le sans alias ni imbrication profonde",
        ],
    ),
    (
        "not-an-object",
        [
            "is not a set of keys and values",
            "n’est pas un ensemble de clés et de valeurs",
        ],
        [
            "write `key: value` lines",
            "écrivez des lignes « clé: valeur »",
        ],
    ),
    (
        "missing",
        ["`{path}` is missing", "« {path} » manque"],
        ["add `{path}`", "ajoutez « {path} »"],
    ),
    (
        "unknown-key",
        [
            "`{path}` is not a key of the standard",
            "« {path} » n’est pas une clé du standard",
        ],
        [
            "check the spelling, or remove it",
            "vérifiez l’orthographe, ou retirez-la",
        ],
    ),
    (
        "twice",
        [
            "`{path}` is there twice; the first counts",
            "« {path} » figure deux fois ; la première compte",
        ],
        ["keep one", "gardez-en une"],
    ),
    (
        "wrong-type",
        [
            "`{path}` is not {wanted}",
            "« {path} » n’est pas de la forme attendue ({wanted})",
        ],
        ["write {wanted}", "écrivez {wanted}"],
    ),
    (
        "not-in-list",
        [
            "`{path}`: “{given}” is not one of the values of the standard",
            "« {path} » : « {given} » n’est pas une valeur du standard",
        ],
        [
            "use one of {wanted}",
            "utilisez l’une de ces valeurs : {wanted}",
        ],
    ),
    (
        "too-long",
        [
            "`{path}` has {given} characters, the most is {wanted}",
            "« {path} » a {given} caractères, le maximum est {wanted}",
        ],
        ["shorten it", "raccourcissez"],
    ),
    (
        "too-short",
        [
            "`{path}` has {given} characters, the least is {wanted}",
            "« {path} » a {given} caractères, le minimum est {wanted}",
        ],
        ["say more", "développez"],
    ),
    (
        "not-a-url",
        [
            "`{path}`: “{given}” is not an address",
            "« {path} » : « {given} » n’est pas une adresse",
        ],
        [
            "write an address that begins with https://",
            "écrivez une adresse qui commence par https://",
        ],
    ),
    (
        "not-a-date",
        [
            "`{path}`: “{given}” is not a date",
            "« {path} » : « {given} » n’est pas une date",
        ],
        [
            "write a day as 2026-01-31",
            "écrivez un jour sous la forme 2026-01-31",
        ],
    ),
    (
        "not-a-language",
        [
            "`{path}`: “{given}” is not a language tag",
            "« {path} » : « {given} » n’est pas une étiquette de langue",
        ],
        [
            "write a BCP 47 tag such as {wanted}",
            "écrivez une étiquette BCP 47 telle que {wanted}",
        ],
    ),
    (
        "not-a-country",
        [
            "`{path}`: “{given}” is not a country code",
            "« {path} » : « {given} » n’est pas un code de pays",
        ],
        [
            "write two letters such as fr",
            "écrivez deux lettres, par exemple fr",
        ],
    ),
    (
        "not-an-id",
        [
            "`{path}`: “{given}” is not a valid identifier",
            "« {path} » : « {given} » n’est pas un identifiant valide",
        ],
        ["copy it again: {wanted}", "recopiez-le : {wanted}"],
    ),
    (
        "licence-spelling",
        [
            "`{path}`: “{given}” is written {wanted} in SPDX",
            "« {path} » : « {given} » s’écrit {wanted} en SPDX",
        ],
        ["write {wanted}", "écrivez {wanted}"],
    ),
    (
        "licence-unknown",
        [
            "`{path}`: “{given}” is not an SPDX licence",
            "« {path} » : « {given} » n’est pas une licence SPDX",
        ],
        [
            "use an identifier of spdx.org/licenses such as EUPL-1.2",
            "utilisez un identifiant de spdx.org/licenses, par exemple EUPL-1.2",
        ],
    ),
    (
        "licence-mismatch",
        [
            "the licence is stated as {wanted}, but the text of this file is that of {given}",
            "la licence déclarée est {wanted}, mais le texte de ce fichier est celui de {given}",
        ],
        ["make both say the same", "mettez les deux en accord"],
    ),
    (
        "licences-disagree",
        [
            "states the licence {given}, another file {wanted}",
            "déclare la licence {given}, un autre fichier {wanted}",
        ],
        ["make both say the same", "mettez les deux en accord"],
    ),
    (
        "no-context",
        ["`@context` is missing", "« @context » manque"],
        [
            "add \"@context\": \"https://w3id.org/codemeta/3.0\"",
            "ajoutez \"@context\": \"https://w3id.org/codemeta/3.0\"",
        ],
    ),
    (
        "unknown-context",
        [
            "`@context` “{given}” is not that of CodeMeta",
            "« @context » « {given} » n’est pas celui de CodeMeta",
        ],
        [
            "write https://w3id.org/codemeta/3.0",
            "écrivez https://w3id.org/codemeta/3.0",
        ],
    ),
    (
        "graph",
        ["`@graph` is not read", "« @graph » n’est pas lu"],
        [
            "describe one component, at the top of the file",
            "décrivez un seul composant, à la racine du fichier",
        ],
    ),
    (
        "one-needed",
        ["`{path}` has no entry", "« {path} » est vide"],
        ["give one at least", "indiquez-en au moins un"],
    ),
];

impl Problem {
    /// What is wrong, for `fr` or any other language (English).
    pub fn what(&self, lang: &str) -> String {
        self.sentence(lang, |rule| rule.1)
            .unwrap_or_else(|| format!("{}: {}", self.path, self.rule))
    }

    /// What to do; empty where a newer node has a rule that is not known here.
    pub fn fix(&self, lang: &str) -> String {
        self.sentence(lang, |rule| rule.2).unwrap_or_default()
    }

    fn sentence(&self, lang: &str, pick: fn(&Sentences) -> [&'static str; 2]) -> Option<String> {
        let rule = RULES.iter().find(|rule| rule.0 == self.rule)?;
        let text = pick(rule)[usize::from(lang.starts_with("fr"))];
        let mut out = String::new();
        let mut rest = text;
        // Not `replace` three times: a value that is itself `{given}` must stay what it is.
        while let Some(at) = rest.find('{') {
            out.push_str(&rest[..at]);
            let end = rest[at..].find('}').map_or(rest.len(), |end| at + end + 1);
            out.push_str(match &rest[at..end] {
                "{path}" => &self.path,
                "{given}" => &self.given,
                "{wanted}" => &self.wanted,
                other => other,
            });
            rest = &rest[end..];
        }
        out.push_str(rest);
        Some(out)
    }

    /// As it stands in the body of a description.
    pub fn to_json(&self) -> Json {
        let mut value = json!({"severity": self.severity.as_str(), "rule": self.rule});
        for (name, text) in [
            ("file", &self.file),
            ("path", &self.path),
            ("given", &self.given),
            ("wanted", &self.wanted),
        ] {
            if !text.is_empty() {
                value[name] = text.as_str().into();
            }
        }
        if let Some(line) = self.line {
            value["line"] = line.into();
        }
        value
    }

    /// Reads one that another node wrote; texts are cut and cleaned, what has no rule is left out.
    pub fn from_json(value: &Json) -> Option<Problem> {
        let text = |name: &str, most| quote(value[name].as_str().unwrap_or_default(), most);
        let rule = text("rule", 40);
        let word = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        if rule.is_empty() || !rule.bytes().all(word) {
            return None;
        }
        Some(Problem {
            severity: match value["severity"].as_str()? {
                "error" => Severity::Error,
                _ => Severity::Warning,
            },
            file: text("file", MAX_QUOTED),
            line: value["line"].as_u64().and_then(|line| line.try_into().ok()),
            path: text("path", MAX_QUOTED),
            rule,
            given: text("given", MAX_QUOTED),
            wanted: text("wanted", MAX_WANTED),
        })
    }
}

/// A text from a file as messages quote it: short, on one line, without characters that change how it reads.
pub(super) fn quoted(text: &str) -> String {
    quote(text, MAX_QUOTED)
}

pub(super) fn wanted(text: &str) -> String {
    quote(text, MAX_WANTED)
}

fn quote(text: &str, most: usize) -> String {
    let hidden = |c: char| {
        c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}')
    };
    let mut short: String = text
        .chars()
        .take(most)
        .map(|c| if hidden(c) { '\u{fffd}' } else { c })
        .collect();
    if text.chars().nth(most).is_some() {
        short.push('…');
    }
    short
}
