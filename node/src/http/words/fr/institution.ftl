### The page of an institution.

institution-items = Derniers ajouts
institution-items-all = Tout ce que cet établissement partage
institution-none = Cet établissement n’a encore rien publié.
institution-log = Journal
institution-address = Adresse
institution-former = Ancien membre : ce qu’il a publié avant son départ reste.
institution-about = Sur cet établissement
institution-items-count = Partagés
institution-repositories-count = Dépôts
institution-given-count = Utilisés par d’autres
institution-received-count = Utilisés d’ailleurs
institution-given = Ce qu’il donne
institution-given-none = Aucun autre établissement n’a encore déclaré utiliser quelque chose de celui-ci.
institution-given-by =
    { $count ->
        [one] { $count } autre établissement déclare les utiliser.
       *[other] { $count } autres établissements déclarent les utiliser.
    }
institution-received = Ce qu’il reçoit
institution-received-none = Il n’a pas encore déclaré utiliser quelque chose d’un autre établissement.
institution-own = Ce qu’il utilise de ses propres contenus
institution-contact-there = sur son propre nœud
institution-contact-unknown = Il n’indique pas d’adresse de nœud.
