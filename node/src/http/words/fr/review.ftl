### What people think of an item.

review-title = Avis
review-approving =
    { $count ->
        [one] { $count } autre établissement l’approuve.
       *[other] { $count } autres établissements l’approuvent.
    }
review-help = Chaque avis est signé par la personne qui l’a écrit et dit quelle version elle a regardée.
# { $person }: a person and a link to their institution.
review-approves = { $person } approuve
review-rejects = { $person } déconseille
review-comments = { $person } remarque
review-current = la version affichée
review-stale = une autre version que celle qui est affichée
review-own = de l’établissement qui l’a publié
review-more = Les { $count } premiers sont montrés ; l’interface de programmation les a tous.
