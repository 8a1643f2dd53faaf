### The page of an item: what it is, what one may do with it, its files, where it comes from.

type-resource = Ressource
type-repository = Dépôt de code
type-collection = Collection
by-authors = par { $authors }
published-by = Publié par
updated-on = Mis à jour le
item-licence = Puis-je l’utiliser ?
licence-text-link = Texte de la licence { $licence }
attribution-title = Comment citer
attribution-help = À recopier là où vous réutilisez cette ressource.
attribution-text = « { $title } », par { $authors }, licence { $licence }. Source : { $source }
unknown-author = auteur non indiqué
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
type-code = Code
preview-large = Ce fichier est trop grand pour un aperçu : téléchargez-le.
preview-image-alt = Image du fichier { $file }
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
provenance-signed = Signé par
provenance-position = Journal de { $institution }, position { $position }
provenance-record = Preuve : déclarations signées
provenance-verified = Signature et empreintes vérifiées par ce nœud
provenance-copies =
    { $count ->
        [one] copies : { $count } établissement
       *[other] copies : { $count } établissements
    }
provenance-custody-node = clé gardée par le nœud de l’établissement
provenance-custody-self = clé gardée par la personne
get-title = Tout récupérer
get-help = Dans un terminal ; chaque octet est vérifié et une interruption se reprend :
withdrawn-title = Retiré
words-withheld = Ce nœud n’a pas encore reçu la description ; il la redemande aux autres.
words-erased = La description a été effacée par l’établissement.
