### The search page: the box, the hits, the filters.

results-title-all = Tout le contenu
results =
    { $count ->
        [0] Aucun résultat
        [one] { $count } résultat
       *[other] { $count } résultats
    }
results-for = Résultats pour
results-none-for = Aucun résultat pour
results-not-for = Rien ne correspond exactement à « { $query } ».
results-page = page { $page } sur { $pages }
results-sort = Trier par
sort-relevance = pertinence
sort-newest = date
sort-title = titre
filters = Filtres
filters-active = Filtres choisis
filter-remove = Retirer le filtre
filter-clear = Retirer tous les filtres
filters-more = { $count } de plus
facet-type = Nature
facet-resource-type = Genre
facet-licence = Licence
facet-language = Langue
facet-level = Niveau
facet-subject = Discipline
facet-institution = Établissement
facet-licence-class = Ce que l’on peut en faire
facet-format = Format
facet-duration = Durée
facet-accessibility = Accessibilité
filters-below = Préciser { $value } ({ $count })
complete-label = Propositions
complete-found = Propositions : #. Les flèches choisissent, Entrée valide.
complete-title = Titre
reuse-switch = Libre d’adapter
reuse-on = Seulement ce que l’on peut modifier
reuse-explained = Sans les licences qui interdisent de modifier.
none-ways = Essayez autrement
none-drop = Sans le filtre « { $filter } » : { $results }
none-shorter = Sans le dernier mot, « { $query } » : { $results }
none-drop-all = Sans aucun filtre : { $results }
none-hint-spelling = Vérifiez l’orthographe.
none-hint-fewer = Essayez avec moins de mots, ou des mots plus courants.
none-hint-other = Essayez dans une autre langue.
none-nothing-yet = Rien n’a encore été publié dans ce commun.
previous = Précédent
next = Suivant
pages-label = Pages de résultats
page-number = Page { $page }
query-refused = Recherche impossible
query-refused-intro = Cette recherche dépasse une limite du nœud :
query-limit-characters = Une recherche a { $limit } caractères au plus.
query-limit-words = Une recherche a { $limit } mots au plus.
query-limit-depth = Les parenthèses s’emboîtent { $limit } fois au plus.
query-limit-values = Un filtre a { $limit } valeurs au plus.
query-limit-reach = Les résultats s’arrêtent après les { $limit } premiers : précisez la recherche.
results-exactly = Chercher tout de même
query-no-field = Il n’y a pas de champ « { $name } » où chercher.
query-no-value = Rien n’est écrit après le champ « { $field } ».
query-wrong-value = Le champ « { $field } » ne peut pas valoir « { $value } ».
query-nearest = Vouliez-vous dire « { $nearest } » ?
query-fields = Vous pouvez chercher dans ces champs :
query-words = Pour chercher les mots eux-mêmes, mettez une espace avant les deux-points.
results-unquoted = Rien ne contient ensemble les mots entre guillemets ; ils ont été cherchés un par un.
