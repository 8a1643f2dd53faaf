//! The rules of what goes out.

use super::Rule;

pub(super) const RULES: &[Rule] = &[
    (
        "not-given",
        [
            "it is not given out: {given}",
            "cela n’est pas donné\u{a0}: {given}",
        ],
        [
            "leave it out of the selection",
            "retirez-le de la sélection",
        ],
    ),
    (
        "original-given",
        [
            "this is the untouched original, as it came in through {wanted}",
            "c’est l’original intact, tel qu’il est arrivé par {wanted}",
        ],
        ["nothing", "rien"],
    ),
    (
        "git-elsewhere",
        [
            "the code is in Git and not in this package",
            "le code est dans Git et non dans ce paquet",
        ],
        ["git clone {wanted}", "git clone {wanted}"],
    ),
    (
        "package-as-came",
        [
            "the cartridge goes out as it came in: what was corrected since is not in it",
            "la cartouche sort telle qu’elle est entrée\u{a0}: ce qui a été corrigé depuis n’y est pas",
        ],
        [
            "export the record too, as LOM, where that matters",
            "exportez aussi la notice, en LOM, si cela compte",
        ],
    ),
    (
        "package-inside",
        [
            "the item is a cartridge itself, and is in this one as a file: learning platforms do not open it",
            "l’élément est lui-même une cartouche, et se trouve dans celle-ci comme un fichier\u{a0}: les plateformes ne l’ouvrent pas",
        ],
        ["export it by itself", "exportez-le seul"],
    ),
    (
        "whole-only",
        [
            "the record of each item is a file of the package; learning platforms show the title only",
            "la notice de chaque élément est un fichier du paquet\u{202f}; les plateformes n’en montrent que le titre",
        ],
        [
            "export the items one by one where that matters",
            "exportez les éléments un par un si cela compte",
        ],
    ),
];
