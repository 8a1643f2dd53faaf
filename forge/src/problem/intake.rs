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
        "back-at-source",
        [
            "the source has it again, and {given} is shown again",
            "la source l’a de nouveau, et {given} est de nouveau visible",
        ],
        ["nothing", "rien"],
    ),
];
