### What changed between two versions of an item.

compare-link = ce qui a changé
compare-link-behind = Ce qui a changé depuis
compare-title = De la version { $old } à la version { $new }
compare-from = Version
compare-to = comparée à la version
compare-button = Comparer
compare-nothing = Rien n’a changé : ces versions disent la même chose et leurs fichiers sont les mêmes.
compare-metadata = Ce qui en est dit
compare-metadata-same = Rien n’a changé dans ce qui en est dit.
compare-before = avant :
compare-after = après :
compare-order = Les mêmes valeurs dans un autre ordre.
compare-files = Fichiers
compare-files-same = Les fichiers sont les mêmes.
compare-files-missing = La liste des fichiers d’une de ces versions n’est pas sur ce nœud : rien n’est dit des fichiers.
compare-added = Nouveaux ({ $count })
compare-changed = Modifiés ({ $count })
compare-removed = Supprimés ({ $count })
