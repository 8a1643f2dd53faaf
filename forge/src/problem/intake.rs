//! The rules of taking things in: what became of a record, of a package, of a folder.

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    (
        "withdrawn-with-source",
        [
            "the source deleted it, and {given} was withdrawn here",
            "la source l’a supprimée, et {given} a été retirée ici",
        ],
        [
            "publish it again if it should stay here",
            "publiez-la à nouveau si elle doit rester ici",
        ],
    ),
    (
        "deleted-kept",
        [
            "the source deleted it; {given} was published by hand since, and stays",
            "la source l’a supprimée ; {given} a été publiée à la main depuis, et reste",
        ],
        [
            "withdraw the item if it should disappear here too",
            "retirez la fiche si elle doit disparaître ici aussi",
        ],
    ),
    (
        "record-added",
        [
            "comes in as {given}; filled: {wanted}",
            "entre sous {given} ; champs remplis : {wanted}",
        ],
        ["", ""],
    ),
    (
        "record-changed",
        [
            "gives {given} a new version; filled: {wanted}",
            "donne à {given} une nouvelle version ; champs remplis : {wanted}",
        ],
        ["", ""],
    ),
    (
        "back-at-source",
        [
            "the source has it again, and {given} is shown again",
            "la source l’a de nouveau, et {given} est de nouveau visible",
        ],
        ["nothing", "rien"],
    ),
    (
        "name-taken",
        [
            "{given} is the name of another item",
            "{given} est le nom d’une autre fiche",
        ],
        [
            "choose another name with --slug, or name that item to make a new version of it",
            "choisissez un autre nom avec --slug, ou nommez cette fiche pour en faire une nouvelle version",
        ],
    ),
    (
        "front-unread",
        [
            "it is not read for what it says of the folder ({given})",
            "il n’est pas lu pour ce qu’il dit du dossier ({given})",
        ],
        [
            "write a metadata.yml, or import the record by itself",
            "écrivez un metadata.yml, ou importez la notice à part",
        ],
    ),
    (
        "front-beside",
        [
            "it is not read: what “{given}” says of the folder counts",
            "il n’est pas lu : c’est ce que dit « {given} » du dossier qui compte",
        ],
        [
            "leave one record at the top, or import the other one by itself",
            "laissez une seule notice à la racine, ou importez l’autre à part",
        ],
    ),
    (
        "left-out-hidden",
        [
            "`{path}` was left out: its name begins with a point",
            "«\u{a0}{path}\u{a0}» a été omis\u{a0}: son nom commence par un point",
        ],
        [
            "rename it if it belongs to the material",
            "renommez-le s’il fait partie du contenu",
        ],
    ),
    (
        "left-out-link",
        [
            "`{path}` was left out: it is a link to something else",
            "«\u{a0}{path}\u{a0}» a été omis\u{a0}: c’est un lien vers autre chose",
        ],
        [
            "put a copy in its place if it belongs to the material",
            "mettez une copie à sa place s’il fait partie du contenu",
        ],
    ),
    (
        "left-out-special",
        [
            "`{path}` was left out: it is neither a file nor a folder",
            "«\u{a0}{path}\u{a0}» a été omis\u{a0}: ce n’est ni un fichier ni un dossier",
        ],
        ["nothing", "rien"],
    ),
    (
        "left-out-more",
        ["{given} more were left out", "{given} autres ont été omis"],
        ["nothing", "rien"],
    ),
    (
        "no-files",
        ["there is no file in it", "il ne contient aucun fichier"],
        [
            "put the files of the material into it",
            "mettez-y les fichiers du contenu",
        ],
    ),
];
