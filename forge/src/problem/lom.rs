//! The rules of LOM and its profiles.

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    (
        "lom-dialect",
        [
            "the record is {given}; it says that it follows: {wanted}",
            "la notice est du {given} ; elle dit suivre : {wanted}",
        ],
        ["nothing", "rien"],
    ),
    (
        "lom-too-many-strings",
        [
            "`{path}` says one thing in {given} texts, where {wanted} are read",
            "« {path} » dit une chose en {given} textes, là où {wanted} sont lus",
        ],
        ["keep one for each language", "gardez-en un par langue"],
    ),
    (
        "lom-too-many",
        [
            "`{path}` stands more than once, where the standard allows {wanted}",
            "« {path} » est présent plusieurs fois, là où le standard en permet {wanted}",
        ],
        [
            "put everything into the first",
            "rassemblez tout dans le premier",
        ],
    ),
    (
        "lom-no-langstring",
        [
            "`{path}` has the bare text “{given}”, where {wanted} elements should stand",
            "« {path} » contient le texte nu « {given} », à la place d’éléments {wanted}",
        ],
        [
            "put the text into {wanted}, with its language",
            "placez le texte dans {wanted}, avec sa langue",
        ],
    ),
    (
        "lom-not-in-list",
        [
            "`{path}`: “{given}” is not in the vocabulary {wanted} that it names",
            "« {path} » : « {given} » n’est pas dans le vocabulaire {wanted} qu’il nomme",
        ],
        [
            "use a word of {wanted}, or name the vocabulary that it is from",
            "utilisez un mot de {wanted}, ou nommez le vocabulaire d’où il vient",
        ],
    ),
    (
        "lom-source",
        [
            "`{path}`: the word is not of {given} but of {wanted}",
            "« {path} » : le mot n’est pas de {given} mais de {wanted}",
        ],
        [
            "write {wanted} as its source",
            "écrivez {wanted} comme source",
        ],
    ),
    (
        "lom-date-zone",
        [
            "`{path}`: “{given}” has a time zone without a fraction of a second, which the schema of LOM refuses",
            "« {path} » : « {given} » a un fuseau horaire sans fraction de seconde, ce que le schéma du LOM refuse",
        ],
        ["write {wanted}", "écrivez {wanted}"],
    ),
    (
        "lom-duration",
        [
            "`{path}`: “{given}” is not a duration of ISO 8601",
            "« {path} » : « {given} » n’est pas une durée ISO 8601",
        ],
        [
            "write {wanted} for an hour and a half",
            "écrivez {wanted} pour une heure et demie",
        ],
    ),
    (
        "lom-size",
        [
            "`{path}`: “{given}” is not a size in bytes",
            "« {path} » : « {given} » n’est pas une taille en octets",
        ],
        [
            "write the number of bytes in digits, or leave it out",
            "écrivez le nombre d’octets en chiffres, ou retirez-le",
        ],
    ),
    (
        "padded-value",
        [
            "`{path}` has white space around “{given}”, which was left out",
            "« {path} » a des blancs autour de « {given} », qui ont été omis",
        ],
        ["write {wanted}", "écrivez {wanted}"],
    ),
    (
        "kept-aside",
        [
            "`{path}` has no field here: “{given}” is kept as it was",
            "« {path} » n’a pas de champ ici : « {given} » est conservé tel quel",
        ],
        [
            "nothing: the original is kept too",
            "rien : l’original est conservé aussi",
        ],
    ),
    (
        "aside-left",
        [
            "`{path}` has no field here, and there is no room to keep it aside: “{given}” is in the original only",
            "« {path} » n’a pas de champ ici, et la place manque pour le conserver à part : « {given} » n’est que dans l’original",
        ],
        [
            "nothing: the original is kept too",
            "rien : l’original est conservé aussi",
        ],
    ),
    (
        "duration-rounded",
        [
            "`{path}`: “{given}” was read as {wanted}, in whole seconds",
            "« {path} » : « {given} » a été lu comme {wanted}, en secondes entières",
        ],
        [
            "nothing: the original is kept too",
            "rien : l’original est conservé aussi",
        ],
    ),
    (
        "vcard-one-line",
        [
            "`{path}`: the vCard has lost its line breaks",
            "« {path} » : la vCard a perdu ses retours à la ligne",
        ],
        [
            "write one property per line",
            "écrivez une propriété par ligne",
        ],
    ),
    (
        "vcard-several",
        [
            "`{path}` holds {given} vCards, and stands for one person: the first counts, the names of the others are kept aside",
            "« {path} » contient {given} vCards et désigne une personne : la première compte, les noms des autres sont gardés à part",
        ],
        [
            "give each person an element of their own",
            "donnez à chaque personne son propre élément",
        ],
    ),
    (
        "vcard-too-long",
        [
            "`{path}`: the vCard has {given} bytes; only its first {wanted} were read",
            "« {path} » : la vCard a {given} octets ; seuls les {wanted} premiers ont été lus",
        ],
        [
            "leave pictures and keys out of it, and write one person per vCard",
            "retirez-en les images et les clés, et écrivez une personne par vCard",
        ],
    ),
    (
        "vcard-missing",
        [
            "`{path}`: “{given}” is a name and no vCard",
            "« {path} » : « {given} » est un nom et non une vCard",
        ],
        [
            "write a vCard that begins with {wanted}",
            "écrivez une vCard qui commence par {wanted}",
        ],
    ),
    (
        "vcard-no-name",
        [
            "`{path}`: the vCard names nobody",
            "« {path} » : la vCard ne nomme personne",
        ],
        ["add {wanted} and the name", "ajoutez {wanted} et le nom"],
    ),
    (
        "vcard-bad-id",
        [
            "`{path}`: “{given}” is not a valid identifier or address of a person",
            "« {path} » : « {given} » n’est pas un identifiant ou une adresse valable de personne",
        ],
        ["copy it again", "copiez-le à nouveau"],
    ),
    (
        "personal-data",
        [
            "`{path}`: {given} of a person was left out",
            "« {path} » : {given} d’une personne a été omis",
        ],
        [
            "remove it at the source: nobody needs it to find a resource",
            "retirez-le à la source : personne n’en a besoin pour trouver une ressource",
        ],
    ),
    (
        "suplomfr-mandatory",
        [
            "SupLOMFR wants {wanted} (`{path}`), which is missing",
            "SupLOMFR exige {wanted} (« {path} »), qui manque",
        ],
        ["fill it in", "renseignez-le"],
    ),
    (
        "suplomfr-role",
        [
            "SupLOMFR wants a contribution with the role {wanted}, which is missing",
            "SupLOMFR exige une contribution de rôle {wanted}, qui manque",
        ],
        ["say who it is", "dites de qui il s’agit"],
    ),
    (
        "suplomfr-recommended",
        [
            "SupLOMFR recommends {wanted} (`{path}`), which is missing",
            "SupLOMFR recommande {wanted} (« {path} »), qui manque",
        ],
        ["fill it in if you can", "renseignez-le si possible"],
    ),
];
