### The pages of a repository.

## Repositories

clone-title = Récupérer le code
clone-help = Avec Git, depuis ce nœud :
readme-title = Lisez-moi
readme-none = Ce dépôt n’a pas de fichier README.
tree-title = Fichiers
tree-label = Fichiers et dossiers
commits-title = Derniers changements
commits-none = Pas encore de changement.
commits-all = Tous les changements
commit-by = { $author }, le
branches = Branches
tags = Étiquettes
branch-default = par défaut
empty-repository = Ce dépôt est vide : personne n’y a encore poussé de code.
diverged-title = Deux établissements ont avancé séparément
diverged-text = La branche { $branch } a plusieurs têtes. Celle de { $institution } est servie ; l’autre est ici :
diverged-fix = Pour les réunir :
objects-missing = Ce nœud n’a pas encore reçu tout le code de la dernière poussée. Il sert la précédente.
file-lines =
    { $lines ->
        [one] { $lines } ligne, { $size }
       *[other] { $lines } lignes, { $size }
    }
file-binary = Ce fichier n’est pas du texte.
file-too-large = Ce fichier est trop grand pour être montré ici.
folder = Dossier
parent-folder = Dossier parent
branch-behind = en retard sur le journal

## Pages of code

code-nav-label = Ce dépôt
code-nav-code = Code
code-nav-commits = Historique
code-nav-branches = Branches
code-nav-tags = Étiquettes
code-ref-switch = Branche ou étiquette : { $ref }
code-ref-switch-more = Toutes les branches et étiquettes
code-clone-ssh = Par SSH, avec une clé enregistrée :
code-clone-commun = Depuis n’importe quel nœud, par son nom dans le commun :
code-pushers-title = Qui peut pousser
code-pushers-help = Chacun pousse vers le nœud de son établissement.
code-latest-release = Dernière étiquette
code-no-release = Aucune étiquette pour l’instant.
code-archive-zip = Code source (zip)
code-archive-tar = Code source (tar.gz)
code-feed-commits = Fil des changements
code-feed-tags = Fil des étiquettes
code-sha256-title = Ce dépôt ne peut pas être parcouru ici
code-sha256-text = Ses objets sont nommés par SHA-256 : ce nœud sait les conserver, les vérifier et les servir, mais pas encore les lire pour ses pages. Pour le lire, clonez-le :
code-protected-title = Protégé
code-protected-threshold = { $count } établissements doivent pousser un changement
code-waits-title = Un envoi attend un autre établissement
code-waits-text = { $institution } a poussé vers { $branch }. Établissements qui ont poussé ce changement : { $pushed } sur { $needed }. D’ici là, la branche reste comme elle est.
code-waits-compare = Voir ce qu’il change
code-waits-agree = Pour l’accepter, un développeur d’un autre établissement qui peut pousser tape ceci dans un clone fait depuis son propre nœud :
code-feed-threads = Fil des discussions
code-feed-requests = Fil des demandes de fusion
code-feed-title-threads = { $repository } : discussions
code-feed-title-requests = { $repository } : demandes de fusion
code-last-change = Dernier changement
code-last-change-unknown = plus ancien
code-entry-submodule = sous-module à { $commit }
code-entry-link = lien
code-entries-more = Seules les { $count } premières entrées sont listées.
code-file-history = Historique
code-file-blame = Qui a écrit quelle ligne
code-file-plain = Télécharger
code-file-permalink = Lien permanent
code-file-source = Source
code-file-rendered = Mis en forme
code-blame-title = Qui a écrit quelle ligne
code-blame-help = Chaque ligne avec le changement qui lui a donné sa forme actuelle. Personne n’a vérifié les noms.
code-blame-line = Ligne
code-blame-too-long = Chercher ici qui a écrit quelle ligne de ce fichier prend trop de temps. Clonez le dépôt et demandez à Git : git blame
code-blame-changed-in = Changée dans
code-commits-of = Historique de { $what }
code-commits-newer = Plus récents
code-commits-older = Plus anciens
code-commits-pages = Pages de l’historique
code-commit-title = Changement { $commit }
code-commit-author = Auteur
code-commit-committer = Enregistré par
code-commit-parents = Parents
code-commit-parent-none = aucun : c’est le premier
code-commit-tree = Dossier
code-commit-browse = Parcourir les fichiers à ce moment
code-commit-merge = Une fusion : les différences sont celles avec son premier parent.
code-commit-signature = Signature
code-author-unchecked = Les noms et les dates sont ceux que l’auteur a écrits.
code-changed =
    { $count ->
        [one] { $count } fichier changé
       *[other] { $count } fichiers changés
    }
code-changed-counts = lignes ajoutées : { $added }, retirées : { $removed }
code-changed-list = Liste des fichiers
code-diff-added = nouveau
code-diff-removed = retiré
code-diff-renamed = renommé depuis { $old }
code-diff-mode = a changé de genre
code-diff-binary = Pas du texte : le contenu n’est pas comparé.
code-diff-large = Le changement est trop grand pour être montré ici.
code-diff-incomplete = Seuls les { $shown } premiers fichiers sur { $all } sont montrés. Clonez le dépôt pour tout voir.
code-diff-empty = Rien n’a changé.
code-diff-open = Voir le fichier
code-diff-lines = Lignes changées de { $file }
code-diff-no-newline = pas de retour à la ligne à la fin du fichier
code-compare-title = Comparer { $base } avec { $head }
code-compare-text = Ce que { $head } a et que { $base } n’a pas.
code-compare-base = Ancêtre commun
code-compare-none = Rien : tout y est déjà.
code-compare-unrelated = Les deux n’ont pas d’ancêtre commun.
code-compare-commits = Changements
code-compare-more = Seuls les { $count } changements les plus récents sont listés.
code-compare-form-from = De
code-compare-form-to = à
code-compare-button = Comparer
code-branches-title = Branches
code-branches-none = Aucune branche pour l’instant.
code-tags-title = Étiquettes
code-tags-none = Aucune étiquette pour l’instant.
code-other-heads = Autres têtes
code-other-heads-help = Ce que des établissements ont poussé et qui n’est pas servi sous le nom de la branche.
code-diverged = tête séparée de { $institution }
code-waiting = en attente d’accord, de { $institution }
code-merge-request = demande de fusion
code-branch-compare = Comparer avec { $branch }
code-tag-by = par { $person },
code-file-lines-of = Lignes de { $file }
code-blame-lines-of = Lignes de { $file } et qui les a écrites
code-archive-help = Les mêmes octets sur chaque nœud. Les liens, les sous-modules et les fichiers de Git n’y sont pas.
code-feed-title-commits = { $repository } : changements de { $branch }
code-feed-title-tags = { $repository } : étiquettes
code-feed-title-activity = { $repository } : ce qui a été poussé
code-feed-activity = Fil de ce qui a été poussé
code-feed-moved = { $institution } a déplacé { $ref } vers { $commit }
code-feed-deleted = { $institution } a supprimé { $ref }
code-swhid-none-title = Introuvable
code-swhid-none = Aucun dépôt que ce nœud conserve n’a cet objet.
code-swhid-bad = Ceci n’est pas le SWHID d’un contenu, d’un dossier, d’un changement ou d’une étiquette.
code-swhid-no-path = Cet objet est dans le dépôt
code-swhid-no-path-help = Il n’est à aucun chemin des derniers changements de ses branches et étiquettes. Pour le lire, clonez le dépôt et demandez à Git :
code-swhid-held-by = Il est dans ces dépôts :
code-swhid-title = Identifiant permanent
code-swhid-help = Le SWHID désigne exactement ce contenu, où qu’il soit conservé.
