//! The rules of a repository's own metadata: publiccode.yml, codemeta.json, CITATION.cff, licences.

use super::Rule;

pub(super) const RULES: &[Rule] = &[
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
            "write an address that begins with https:// and has no blank in it (%20 stands for one)",
            "écrivez une adresse qui commence par https:// et ne contient pas d’espace (%20 en tient lieu)",
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
