### The first page.

home-title = Ressources et logiciels libres, partagés entre établissements
home-intro = La réponse vient de ce nœud : elle arrive même quand les autres sont hors ligne.
home-members =
    { $count ->
        [one] { $count } établissement partage ici ses cours, ses exercices et son code.
       *[other] { $count } établissements partagent ici leurs cours, leurs exercices et leur code.
    }
home-institution = Les établissements du commun
home-newest = Derniers ajouts
home-by-type = Par genre
home-by-level = Par niveau
home-by-subject = Par discipline
home-all = Tout voir
