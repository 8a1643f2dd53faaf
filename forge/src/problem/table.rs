//! The rules of tables, and of corrections.

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    (
        "csv-too-large",
        [
            "the table has {given} bytes, the most is {wanted}",
            "le tableau a {given} octets, le maximum est {wanted}",
        ],
        ["split it", "découpez-le"],
    ),
    (
        "csv-encoding",
        [
            "the characters cannot be read as {given}",
            "les caractères ne se lisent pas en {given}",
        ],
        ["save the file as UTF-8", "enregistrez le fichier en UTF-8"],
    ),
    (
        "csv-western",
        [
            "the table is not UTF-8; it is read as {given}",
            "le tableau n’est pas en UTF-8 ; il est lu en {given}",
        ],
        [
            "look whether accents are right, or save it as UTF-8",
            "vérifiez les accents, ou enregistrez-le en UTF-8",
        ],
    ),
    (
        "csv-too-many-columns",
        [
            "the table has {given} columns, the most is {wanted}",
            "le tableau a {given} colonnes, le maximum est {wanted}",
        ],
        [
            "leave out columns that are not mapped",
            "retirez les colonnes inutiles",
        ],
    ),
    (
        "csv-header-too-large",
        [
            "the first row, which names the columns, has {given} bytes, the most is {wanted}",
            "la première ligne, qui nomme les colonnes, fait {given} octets, le maximum est {wanted}",
        ],
        [
            "give the columns short names, and see that the first row is that of the names",
            "donnez des noms courts aux colonnes, et vérifiez que la première ligne est bien celle des noms",
        ],
    ),
    (
        "csv-too-many-rows",
        [
            "the table has more than {wanted} rows; those from {path} on are left out",
            "le tableau a plus de {wanted} lignes ; celles à partir de {path} sont laissées",
        ],
        ["split it", "découpez-le"],
    ),
    (
        "csv-long-row",
        [
            "{path} has {given} cells, the header has {wanted}; the others are left out",
            "{path} a {given} cellules, l’en-tête en a {wanted} ; les autres sont laissées",
        ],
        [
            "put texts with separators in quotation marks",
            "mettez entre guillemets les textes qui contiennent un séparateur",
        ],
    ),
    (
        "csv-open-quote",
        [
            "in {path} a quotation mark is opened and never closed; all after it is left out",
            "dans {path}, un guillemet est ouvert et jamais fermé ; tout ce qui suit est laissé",
        ],
        [
            "close it, or write \"\" for a mark in a text",
            "fermez-le, ou écrivez \"\" pour un guillemet dans un texte",
        ],
    ),
    (
        "csv-long-cell",
        [
            "a cell of {path} is longer than {wanted} bytes",
            "une cellule de {path} dépasse {wanted} octets",
        ],
        ["shorten it", "raccourcissez-la"],
    ),
    (
        "csv-mapping",
        [
            "the mapping cannot be used, at “{path}”: {given}",
            "la correspondance n’est pas utilisable, à « {path} » : {given}",
        ],
        [
            "mend the mapping file",
            "corrigez le fichier de correspondance",
        ],
    ),
    (
        "csv-column-unused",
        [
            "the column “{path}” is no field; it is left out",
            "la colonne « {path} » n’est pas un champ ; elle est laissée",
        ],
        [
            "give it a field in the mapping, or null to leave it out on purpose",
            "donnez-lui un champ dans la correspondance, ou null pour l’ignorer",
        ],
    ),
    (
        "csv-column-missing",
        [
            "the table has no column “{path}”, which the mapping names",
            "le tableau n’a pas la colonne « {path} » que la correspondance nomme",
        ],
        [
            "look at the spelling of the header",
            "vérifiez l’orthographe de l’en-tête",
        ],
    ),
    (
        "csv-no-id",
        [
            "nothing names this record: {path} changed later will be another item",
            "rien ne nomme cette notice : {path}, modifiée plus tard, sera un autre élément",
        ],
        [
            "name a column of identifiers with `id` in the mapping",
            "nommez une colonne d’identifiants avec `id` dans la correspondance",
        ],
    ),
    (
        "csv-value",
        [
            "“{given}” in {path} did not come in: {wanted}",
            "« {given} » dans {path} n’a pas été repris : {wanted}",
        ],
        [
            "mend the cell, or say in the mapping what it means",
            "corrigez la cellule, ou dites dans la correspondance ce qu’elle signifie",
        ],
    ),
    (
        "csv-value-read",
        [
            "“{given}” in {path}: {wanted}",
            "« {given} » dans {path} : {wanted}",
        ],
        ["nothing, if that is right", "rien, si c’est juste"],
    ),
    (
        "corrected",
        [
            "`{path}`: “{given}” becomes “{wanted}”",
            "`{path}` : « {given} » devient « {wanted} »",
        ],
        ["nothing", "rien"],
    ),
    (
        "not-corrected",
        [
            "`{path}` is not corrected: {given}",
            "`{path}` n’est pas corrigé : {given}",
        ],
        ["mend the value", "corrigez la valeur"],
    ),
    (
        "correction-note",
        ["`{path}`: {given}", "`{path}` : {given}"],
        ["nothing, if that is right", "rien, si c’est juste"],
    ),
    (
        "item-not-corrected",
        [
            "this item is not corrected: {given}",
            "cet élément n’est pas corrigé : {given}",
        ],
        [
            "correct the others without it, or ask who may",
            "corrigez les autres sans lui, ou demandez à qui peut le faire",
        ],
    ),
    (
        "item-unknown",
        [
            "there is no item “{given}” here",
            "il n’y a pas d’élément « {given} » ici",
        ],
        ["look at the column `id`", "vérifiez la colonne `id`"],
    ),
    (
        "changed-since",
        [
            "the item has changed since {given} was read; nothing is overwritten. Changed: {wanted}",
            "l’élément a changé depuis la lecture de {given} ; rien n’est écrasé. Changé : {wanted}",
        ],
        [
            "read it again, and make the change in the newer version",
            "relisez-le, et refaites la modification dans la version récente",
        ],
    ),
    (
        "row-unreadable",
        [
            "this line is not a correction: {given}",
            "cette ligne n’est pas une correction : {given}",
        ],
        ["write {wanted}", "écrivez {wanted}"],
    ),
    (
        "batch-stopped",
        [
            "{given} items were not corrected: {wanted}",
            "{given} éléments n’ont pas été corrigés : {wanted}",
        ],
        [
            "send the same corrections again later; those that are made already change nothing",
            "renvoyez plus tard les mêmes corrections ; celles qui sont déjà faites ne changent rien",
        ],
    ),
    (
        "nothing-stated",
        [
            "{given} items could not be corrected, so none was",
            "{given} éléments n’ont pas pu être corrigés, donc aucun ne l’a été",
        ],
        [
            "mend them, or correct those that can be",
            "corrigez-les, ou corrigez ceux qui peuvent l’être",
        ],
    ),
];
