### Where an item comes from, what others made of it, collections.

lineage-title = Origine et reprises
lineage-from = Fait à partir de
lineage-into = Ce que d’autres en ont fait
lineage-collected = Dans des collections
lineage-newest = la dernière version
lineage-behind =
    { $count ->
        [one] { $count } version de retard
       *[other] { $count } versions de retard
    }
lineage-credits = Tous les crédits, prêts à copier
lineage-members = Ce qu’elle contient
lineage-empty = Rien pour l’instant.
lineage-withdrawn = retiré
lineage-hidden = non montré ici
lineage-unknown = inconnu ici
lineage-feed = Suivre ses changements (Atom)
lineage-fork = Pour en avoir une copie à vous :
lineage-changed-on = Modifiée le { $date }
