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
filter-add = Ajouter le filtre
filter-clear = Retirer tous les filtres
filters-more = { $count } de plus
facet-type = Nature
facet-resource-type = Genre
facet-licence = Licence
facet-language = Langue
facet-level = Niveau
facet-subject = Discipline
facet-institution = Établissement
reuse-switch = Libre d’adapter
reuse-on = Seulement ce que l’on peut modifier
reuse-explained = Sans les licences qui interdisent de modifier.
none-drop-title = Essayez d’enlever un filtre
none-drop = Sans le filtre « { $filter } » : { $results }
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
