//! The sentences about origins and collections, one table per language.

words! {
    /// The sentences about origins and collections. `{}` is filled in by [`super::fill`].
    LineageWords: EN, FR;
    title from into collected newest behind_one behind_many credits
    members empty withdrawn hidden unknown feed fork changed_on
}

const EN: LineageWords = LineageWords {
    title: "Adapted versions",
    from: "Made from",
    into: "Others made from it",
    collected: "In collections",
    newest: "the newest version",
    behind_one: "1 version behind",
    behind_many: "{} versions behind",
    credits: "Everybody to be credited, ready to copy",
    members: "What it holds",
    empty: "Nothing yet.",
    withdrawn: "withdrawn",
    hidden: "not shown here",
    unknown: "not known here",
    feed: "Follow its changes (Atom)",
    fork: "To have a copy of your own:",
    changed_on: "Changed on {}",
};

const FR: LineageWords = LineageWords {
    title: "Versions adaptées",
    from: "Fait à partir de",
    into: "Ce que d’autres en ont fait",
    collected: "Dans des collections",
    newest: "la dernière version",
    behind_one: "1 version de retard",
    behind_many: "{} versions de retard",
    credits: "Tous les crédits, prêts à copier",
    members: "Ce qu’elle contient",
    empty: "Rien pour l’instant.",
    withdrawn: "retiré",
    hidden: "non montré ici",
    unknown: "inconnu ici",
    feed: "Suivre ses changements (Atom)",
    fork: "Pour en avoir une copie à vous\u{a0}:",
    changed_on: "Modifiée le {}",
};
