### The page of an item: what it is, what one may do with it, its files, where it comes from.

type-resource = Ressource
type-repository = Dépôt de code
type-collection = Collection
by-authors = par { $authors }
published-by = Publié par
updated-on = Mis à jour le
licence-text-link = Texte de la licence { $licence }
attribution-title = Comment citer
attribution-help = À recopier là où vous la réutilisez : le titre, les auteurs, la source et la licence de tout ce dont elle est faite.
source-title = La ressource
source-open = Ouvrir la ressource
source-help = Elle est chez son éditeur ; Commun n’en a que la notice.
source-others = Aussi à ces adresses :
files-title = Fichiers
files =
    { $count ->
        [one] { $count } fichier, { $size }
       *[other] { $count } fichiers, { $size }
    }
file-download = Télécharger
file-size = Taille
file-type = Type
file-name = Nom
preview-title = Aperçu de
preview-none = Ce type de fichier se télécharge pour être lu.
preview-cell = Cellule de code { $number }
preview-rows = Les { $count } premières lignes
type-text = Texte
type-picture = Image
type-notebook = Carnet
type-table = Tableau
type-slides = Diaporama
type-video = Vidéo
type-sound = Son
type-archive = Archive
type-subtitles = Sous-titres
type-file = Autre
type-code = Code
preview-large = Ce fichier est trop grand pour un aperçu : téléchargez-le.
preview-image-alt = Image du fichier { $file }
preview-busy = Ce nœud montre trop de fichiers à la fois ; rouvrez cette page dans un instant.
preview-missing = Ce nœud n’a pas encore reçu ce fichier. Réessayez dans un instant.
description-title = Description
details-title = En détail
detail-type = Genre
detail-level = Niveau
detail-subject = Discipline
detail-language = Langue
detail-authors = Auteurs
detail-contributors = Avec
detail-keywords = Mots-clés
detail-published = Publié
detail-created = Créé
detail-modified = Modifié
detail-version = Version
detail-identifiers = Autres identifiants
detail-related = En lien avec
versions-title = Versions
version-number = Version { $version }
version-current = version actuelle
version-by = signée par
provenance-title = D’où cela vient
provenance-institution = Établissement
provenance-position = Journal de { $institution }, position { $position }
provenance-record = Preuve : déclarations signées
provenance-verified = Signature et empreintes vérifiées par ce nœud
provenance-copies =
    { $count ->
        [one] Copies : { $count } établissement
       *[other] Copies : { $count } établissements
    }
provenance-custody-node = clé gardée par le nœud de l’établissement
provenance-custody-self = clé gardée par la personne
get-title = L’emporter
get-help = Chaque octet est vérifié, et une interruption se reprend :
withdrawn-title = Retiré
words-withheld = Ce nœud n’a pas encore reçu la description ; il la redemande aux autres.
words-erased = La description a été effacée par l’établissement.

## Ce qu’on peut en faire

# { $authors } : qui citer, par l’une des phrases qui suivent.
may-anything = Vous pouvez réutiliser, modifier et partager librement, même à but commercial, sans rien demander ni citer personne.
may-credit = Vous pouvez réutiliser, modifier et partager, même à but commercial, à condition de citer { $authors }.
may-credit-alike = Vous pouvez réutiliser, modifier et partager, même à but commercial, à condition de citer { $authors } et de partager vos versions sous la même licence.
may-noncommercial = Vous pouvez réutiliser, modifier et partager sans but commercial, à condition de citer { $authors }.
may-noncommercial-alike = Vous pouvez réutiliser, modifier et partager sans but commercial, à condition de citer { $authors } et de partager vos versions sous la même licence.
may-share = Vous pouvez partager tel quel, même à but commercial, à condition de citer { $authors } ; vous ne pouvez pas partager de version modifiée.
may-share-noncommercial = Vous pouvez partager tel quel, sans but commercial, à condition de citer { $authors } ; vous ne pouvez pas partager de version modifiée.
may-unclear = On ne sait pas ce que vous pouvez en faire : aucune licence connue n’est indiquée. Avant de réutiliser, demandez à { $authors }.
authors-and = { $first } et { $last }
authors-many = { $first } et les autres auteurs
authors-unnamed = ses auteurs ({ $institution })
licence-stated = Licence indiquée :
attribution-plain = Texte

## Un coup d’œil

# { $number } : la page d’un document.
preview-page = Page { $number }
preview-pages =
    { $count ->
        [one] { $count } page.
       *[other] { $count } pages.
    }
preview-pages-first = Les { $count } premières sont montrées ; téléchargez le document pour lire la suite.
preview-pages-coming = La première page se dessine ; rouvrez cette page dans un instant pour voir les autres.
preview-pages-unread = Les pages de ce document ne peuvent pas être montrées :
# Suivent des noms de langues, chacun un lien.
preview-subtitles = Sous-titres :
preview-webpage = Le texte et les images de cette page, sans ses scripts ni son apparence.
preview-words = Les mots de ce document, sans sa mise en page ; ce qui s’y anime reste dans le fichier.
preview-words-first = Seul le début est montré ; téléchargez le document pour lire la suite.
preview-words-coming = Les mots de ce document sont en train d’être lus ; rouvrez cette page dans un instant.

## L’emporter

get-file = Télécharger
get-all = Tout télécharger
get-record = Sa fiche, dans un standard
get-embed = La montrer dans une autre page
get-embed-help = À recopier là où une page accepte du HTML ; aux outils qui connaissent oEmbed, l’adresse de cette page suffit.
get-terminal = Avec un terminal
embed-open = L’ouvrir dans le commun

## D’où cela vient

# { $person } : un nom. { $date } : un jour.
provenance-signed-by = Signé par { $person } le { $date }
provenance-signed-on = Signé le { $date }
provenance-proof = La preuve, et comment la vérifier sans nous
provenance-key = Clé de la signature :
provenance-check = Inutile de croire ce nœud. Cette commande recalcule tout sur votre machine, à partir des déclarations signées :

## Que regarder ensuite

alike-translations = La même dans une autre langue
alike-title = Ressources semblables
