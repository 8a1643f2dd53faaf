### Threads and merge requests of a repository.

talk-nav-threads = Discussions
talk-nav-requests = Demandes de fusion
talk-threads = Discussions
talk-requests = Demandes de fusion
talk-threads-none = Aucune discussion ici.
talk-requests-none = Aucune demande de fusion ici.
talk-filter-label = État
talk-state-open = ouvertes
talk-state-closed = fermées
talk-state-merged = fusionnées
talk-state-all = toutes
talk-is-open = ouverte
talk-is-closed = fermée
talk-is-merged = fusionnée
talk-write-thread = Pour en ouvrir une, avec le jeton d’accès du nœud de votre établissement :
talk-write-request = Pour proposer une modification, poussez-la vers le nœud de votre établissement :
talk-write-comment = Pour répondre :
talk-write-review = Pour relire, ou pour fusionner :
talk-opened-by = ouverte par { $person } le { $date }
talk-comments =
    { $count ->
        [one] { $count } commentaire
       *[other] { $count } commentaires
    }
talk-newer = Plus récentes
talk-older = Plus anciennes
talk-edited = modifié
talk-answers = en réponse à
talk-concurrent = Plusieurs rédactions existent côte à côte : aucune n’a remplacé les autres.
talk-withheld = Les mots de cette contribution ne sont pas encore arrivés.
talk-erased = Les mots de cette contribution ont été effacés.
talk-made-open = l’a rouverte
talk-made-closed = l’a fermée
talk-labelled = a mis les étiquettes { $labels }
talk-unlabelled = a retiré toutes les étiquettes
talk-version = a poussé la version { $version }
talk-approves = approuve
talk-rejects = refuse
talk-looked-at = a regardé
talk-version-signed = signée par la personne
talk-version-broken = son certificat n’est pas valable
talk-of-version = la version { $version }
talk-stale = d’une version antérieure
talk-signed-node = selon le nœud de { $institution }
talk-request-into = vers { $branch }
talk-request-topic = sujet { $topic }
talk-request-commits = Commits
talk-request-commits-more = … { $count } en tout.
talk-request-diff = Modifications
talk-request-here = Ce nœud n’a pas encore les commits ; ils sont en route.
talk-request-fetch = Pour la regarder dans un clone :
talk-request-reviews = Relectures de la version la plus récente
talk-waiting = { $institution } l’a fusionnée ; la branche est protégée et attend que d’autres établissements fassent de même.
talk-merged-note = La branche contient ce commit.
talk-closed-note = Fermée par l’établissement du dépôt.
talk-entries-more = La suite
