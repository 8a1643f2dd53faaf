### Everything that is known of an item: the names of the fields of the metadata, and where a value comes from.

## Where values come from

known-title = Tout ce qui est connu
known-help = Chaque valeur et d’où elle vient. De plusieurs, la mieux fondée est montrée plus haut.
known-field = Champ
known-value = Valeur
known-source = Provenance
known-declared = déclaré
known-mapped = repris de { $place }
known-extracted = lu par un programme dans { $place }
known-inferred = déduit de { $place }
known-corrected = corrigé
known-by = par { $who }
known-cleared = vide, à juste titre
known-yes = oui
known-no = non
known-more =
    { $count ->
        [one] { $count } autre valeur
       *[other] { $count } autres valeurs
    }

## Fields

field-kind = Sorte
field-title = Titre
field-summary = Résumé
field-description = Description
field-keywords = Mots-clés
field-language = Langue
field-creators = Auteurs
field-contributors = Contributeurs
field-publishers = Éditeurs
field-funders = Financeurs
field-rights-holders = Titulaires des droits
field-created = Créé
field-published = Publié
field-modified = Modifié
field-version = Version
field-status = État
field-licence = Licence
field-licence-statement = À propos des droits
field-free = Gratuit
field-restrictions = Soumis à des droits
field-access = Accès
field-document-type = Type de document
field-resource-type = Genre
field-level = Niveau
field-subject = Discipline
field-outcomes = Objectifs
field-competencies = Compétences
field-assesses = Ce qui est évalué
field-prerequisites = Prérequis
field-classifications = Autres classements
field-audience = Public
field-age-range = Âges
field-difficulty = Difficulté
field-learning-time = Temps d’apprentissage
field-duration = Durée
field-interactivity = Interactivité
field-interactivity-level = Degré d’interactivité
field-semantic-density = Densité
field-activities = Activités
field-usage = Conseils d’utilisation
field-credit = Crédits
field-user-language = Langue du public
field-structure = Structure
field-aggregation-level = Niveau d’agrégation
field-relations = En lien avec
field-aliases = Autres identifiants
field-identifiers = Identifiants de catalogues
field-files = Fichiers
field-formats = Formats
field-size = Taille en octets
field-links = Liens
field-requirements = Configuration requise
field-other-requirements = Autres besoins
field-installation = Installation
field-image = Images
field-accessibility-modes = Perception
field-accessibility-sufficient = Modes suffisants
field-accessibility-features = Accessibilité
field-accessibility-hazards = Dangers
field-accessibility-controls = Commandes
field-accessibility-summary = À propos de l’accessibilité
field-accessibility-checks = Contrôles d’accessibilité
field-coverage = Lieux et époques
field-annotations = Remarques
field-record = Notices ailleurs
field-original = Originaux intacts
field-programming-language = Écrit en
field-platform = Fonctionne sur
field-development-status = Développement
field-software-type = Type de logiciel
field-maintenance = Maintenance
field-category = Pour
field-used-by = Utilisé par
field-dependencies = Dépend de
field-contacts = À qui s’adresser
