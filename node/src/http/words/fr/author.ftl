### The page of an author.

author-eyebrow = Auteur
author-by-name = Rassemblé d’après le nom : les homonymes se trouvent ici ensemble.
author-items = Ses réalisations
author-items-all = Tout de cet auteur
author-fellows = Avec
author-who = Qui
author-page-of-id = Ce qui porte cet identifiant
author-variants = S’écrit aussi
author-unsure =
    { $count ->
        [one] { $count } autre contenu porte ce nom, sans l’identifiant
       *[other] { $count } autres contenus portent ce nom, sans l’identifiant
    }
author-source = D’après les notices que signent les établissements. Pour faire corriger quelque chose, écrivez à l’établissement qui l’a publié.
author-institutions = Publié par
author-subjects = Disciplines
