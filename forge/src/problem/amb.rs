//! The rules of JSON documents and of AMB.

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    // JSON as such.
    (
        "json-malformed",
        ["is not JSON: {given}", "n’est pas du JSON : {given}"],
        [
            "check it with a JSON editor",
            "vérifiez-le avec un éditeur JSON",
        ],
    ),
    (
        "yaml-more-documents",
        [
            "only the first document was read; {given} more follow",
            "seul le premier document a été lu ; il en suit encore : {given}",
        ],
        [
            "import the file by itself, where each is a record, or put each into a file of its own",
            "importez le fichier seul, où chacun est une notice, ou placez chacun dans son fichier",
        ],
    ),
    (
        "json-encoding",
        [
            "is not UTF-8 from byte {given} on",
            "n’est pas en UTF-8 à partir de l’octet {given}",
        ],
        ["save it as UTF-8", "enregistrez-le en UTF-8"],
    ),
    (
        "json-twice",
        [
            "has a member twice, so that nobody can tell which is meant: {given}",
            "contient deux fois le même membre, sans que l’on sache lequel vaut : {given}",
        ],
        ["keep one of them", "n’en gardez qu’un"],
    ),
    (
        "json-too-deep",
        [
            "is nested deeper than {wanted} and was not read",
            "dépasse {wanted} niveaux d’imbrication et n’a pas été lu",
        ],
        ["write it flatter", "écrivez-le plus à plat"],
    ),
    (
        "json-too-large",
        [
            "the record has {given} bytes, the most is {wanted}",
            "la notice fait {given} octets, le maximum est {wanted}",
        ],
        [
            "shorten descriptions, or put long texts into files",
            "raccourcissez les descriptions, ou placez les longs textes dans des fichiers",
        ],
    ),
    (
        "json-context-too-large",
        [
            "the context that the records share has {given} bytes, the most is {wanted} for as many",
            "le contexte commun aux notices fait {given} octets, le maximum est {wanted} pour leur nombre",
        ],
        [
            "name the context by its address, or split the file",
            "désignez le contexte par son adresse, ou découpez le fichier",
        ],
    ),
    (
        "json-references-left",
        [
            "what the record refers to was not all put in: 100 things of 16 kB, and {wanted} bytes in a whole document, are the most",
            "les éléments auxquels la notice renvoie n’y sont pas tous : 100 éléments de 16 ko, et {wanted} octets pour tout le document, sont le maximum",
        ],
        [
            "write people and organisations into the record, or split the file",
            "inscrivez personnes et organismes dans la notice, ou découpez le fichier",
        ],
    ),
    (
        "amb-no-record",
        [
            "`{path}` (“{given}”) is no {wanted} and another record refers to it: it is part of that one, and no record",
            "« {path} » (« {given} ») n’est pas de type {wanted} et une autre notice y renvoie : il en fait partie, et n’est pas une notice",
        ],
        [
            "give it the type {wanted} if it is to be a record",
            "donnez-lui le type {wanted} s’il doit être une notice",
        ],
    ),
    (
        "page-left",
        [
            "the page describes {given} more things, which were left out; {wanted} resources are the most",
            "la page décrit encore {given} éléments, laissés de côté ; le maximum est de {wanted} ressources",
        ],
        [
            "give them as a file of JSON-LD, or on pages of their own",
            "donnez-les dans un fichier JSON-LD, ou chacun sur sa page",
        ],
    ),
    (
        "page-twice",
        [
            "the page describes this resource again, at {path}; the first description is the record",
            "la page décrit encore cette ressource, à {path} ; la première description est la notice",
        ],
        [
            "nothing, unless what the second says is missing: correct the record then",
            "rien, sauf s’il manque ce que dit la seconde : corrigez alors la notice",
        ],
    ),
    (
        "aside-unread",
        [
            "the record has more inside its objects than can be compared: part of what no field has is in the original only",
            "la notice a plus dans ses objets que ce qui peut être comparé : une partie de ce qui n’a pas de champ n’est que dans l’original",
        ],
        [
            "nothing: the original is kept too",
            "rien : l’original est conservé aussi",
        ],
    ),
    (
        "page-beside",
        [
            "“{given}” is described beside the record, at {path}, and did not come in: courses and learning resources come before other works",
            "« {given} » est décrit à côté de la notice, à {path}, et n’a pas été repris : les cours et les ressources pédagogiques passent avant les autres œuvres",
        ],
        [
            "if it is a resource of its own, give its description in a file by itself",
            "si c’est une ressource à part entière, donnez sa description dans un fichier à elle",
        ],
    ),
    (
        "page-block-broken",
        [
            "`{path}`: a block of JSON-LD cannot be read and was left out: {given}",
            "« {path} » : un bloc JSON-LD ne peut être lu et a été omis : {given}",
        ],
        [
            "check it with a JSON editor; what the other blocks say came in",
            "vérifiez-le avec un éditeur JSON ; ce que disent les autres blocs est entré",
        ],
    ),
    (
        "json-too-many-members",
        [
            "the record has {given} members, the most is {wanted}",
            "la notice a {given} membres, le maximum est {wanted}",
        ],
        ["keep those that matter", "gardez ceux qui comptent"],
    ),
    (
        "amb-too-many-values",
        [
            "`{path}` has {given} values, the most is {wanted}",
            "« {path} » a {given} valeurs, le maximum est {wanted}",
        ],
        [
            "keep those that matter; of more than 200 the first are taken",
            "gardez celles qui comptent ; au-delà de 200, les premières sont prises",
        ],
    ),
    (
        "amb-too-long",
        [
            "`{path}` has {given} bytes, the most is {wanted}",
            "« {path} » fait {given} octets, le maximum est {wanted}",
        ],
        [
            "shorten it to 20 000 bytes, or put long texts into files",
            "ramenez-le à 20 000 octets, ou placez les longs textes dans des fichiers",
        ],
    ),
    (
        "json-illegal-char",
        [
            "has the character {given} in a text",
            "contient le caractère {given} dans un texte",
        ],
        ["remove it at the source", "retirez-le à la source"],
    ),
    (
        "no-records",
        [
            "there is no description of a resource in it",
            "il ne contient aucune description de ressource",
        ],
        [
            "add one in JSON-LD, with the type {wanted}",
            "ajoutez-en une en JSON-LD, de type {wanted}",
        ],
    ),
    // AMB's schema.
    (
        "amb-context",
        [
            "`@context` is not that of AMB: “{given}”",
            "« @context » n’est pas celui d’AMB : « {given} »",
        ],
        ["write {wanted}", "écrivez {wanted}"],
    ),
    (
        "amb-redefined",
        [
            "`@context` gives “{given}” another meaning than AMB does, so that nothing of it can be trusted",
            "« @context » donne à « {given} » un autre sens qu’AMB ; rien n’en est donc sûr",
        ],
        [
            "leave the names of AMB as they are: {wanted}",
            "laissez aux noms d’AMB leur sens : {wanted}",
        ],
    ),
    (
        "amb-missing",
        [
            "`{path}` is missing, and AMB wants it",
            "« {path} » manque, alors qu’AMB l’exige",
        ],
        ["add {wanted}", "ajoutez {wanted}"],
    ),
    (
        "amb-missing-one",
        [
            "`{path}` has none of {wanted}, and AMB wants one of them",
            "« {path} » n’a aucun de ces membres : {wanted} ; AMB en exige un",
        ],
        ["add one of them", "ajoutez l’un d’eux"],
    ),
    (
        "amb-not-a-text",
        [
            "`{path}` is {given}, where AMB wants a text",
            "« {path} » vaut {given}, là où AMB veut un texte",
        ],
        ["write a text", "écrivez un texte"],
    ),
    (
        "amb-not-a-list",
        [
            "`{path}` is {given}, where AMB wants a list",
            "« {path} » vaut {given}, là où AMB veut une liste",
        ],
        ["put it into square brackets", "placez-le entre crochets"],
    ),
    (
        "amb-not-an-object",
        [
            "`{path}` is {given}, where AMB wants an object",
            "« {path} » vaut {given}, là où AMB veut un objet",
        ],
        ["write {wanted}", "écrivez {wanted}"],
    ),
    (
        "amb-not-true-or-false",
        [
            "`{path}` is {given}, where AMB wants true or false",
            "« {path} » vaut {given}, là où AMB veut true ou false",
        ],
        ["write true or false", "écrivez true ou false"],
    ),
    (
        "amb-not-in-list",
        [
            "`{path}`: AMB does not know “{given}”",
            "« {path} » : AMB ne connaît pas « {given} »",
        ],
        ["use one of {wanted}", "utilisez l’une des valeurs {wanted}"],
    ),
    (
        "amb-not-an-address",
        [
            "`{path}`: “{given}” is not an address (URI)",
            "« {path} » : « {given} » n’est pas une adresse (URI)",
        ],
        [
            "write an address that begins with https://",
            "écrivez une adresse qui commence par https://",
        ],
    ),
    (
        "amb-not-a-date",
        [
            "`{path}`: “{given}” is not a date as AMB wants it",
            "« {path} » : « {given} » n’est pas une date telle qu’AMB la veut",
        ],
        ["write it like {wanted}", "écrivez-la comme {wanted}"],
    ),
    (
        "amb-form",
        [
            "`{path}`: “{given}” has not the form that AMB wants",
            "« {path} » : « {given} » n’a pas la forme qu’AMB veut",
        ],
        ["write it like {wanted}", "écrivez-le comme {wanted}"],
    ),
    (
        "amb-none-of",
        [
            "`{path}` has no concept of the vocabularies that AMB wants",
            "« {path} » n’a aucun concept des vocabulaires qu’AMB veut",
        ],
        ["add one of {wanted}", "ajoutez-en un de {wanted}"],
    ),
    (
        "amb-licence",
        [
            "`{path}`: AMB has no place for the licence “{given}”",
            "« {path} » : AMB n’a pas de place pour la licence « {given} »",
        ],
        [
            "name it in usageInfo, or choose one of {wanted}",
            "nommez-la dans usageInfo, ou choisissez parmi {wanted}",
        ],
    ),
    (
        "amb-too-long",
        [
            "`{path}` is longer than {wanted} bytes and came in cut",
            "« {path} » dépasse {wanted} octets et est entré coupé",
        ],
        ["shorten it", "raccourcissez-le"],
    ),
    (
        "amb-draft",
        [
            "`{path}` is allowed by the draft of AMB only, not by version {wanted}",
            "« {path} » n’est permis que par le projet d’AMB, pas par la version {wanted}",
        ],
        ["nothing, or add a name", "rien, ou ajoutez un nom"],
    ),
    (
        "person-without-name",
        ["`{path}` names nobody", "« {path} » ne nomme personne"],
        ["add the name", "ajoutez le nom"],
    ),
];
