### What this is, the legal notices, the accessibility statement, personal data.

about-title = À propos
about-beside = Sur ce nœud
about-legal-title = Mentions légales
about-accessibility-title = Déclaration d’accessibilité
about-privacy-title = Données personnelles

## About

about-lead = { $commons } réunit les ressources pédagogiques et les logiciels libres de plusieurs établissements. Qui enseigne ou développe les trouve ici en une seule recherche, les prend avec leur licence et les adapte.
about-copies = Chaque établissement tient son propre nœud et garde une copie de tout. Il n’y a pas de centre : quand un nœud est hors ligne, les autres répondent ; quand un établissement s’en va, ce qu’il a partagé reste.
about-signed = Ce qu’un établissement publie, corrige ou retire, il le signe. Chaque page dit qui a signé, et chacun peut le vérifier sans se fier à ce nœud.
about-node = Cette page est servie par le nœud de { $institution }.
about-members = Qui fait partie du commun
about-contact-title = Contact
about-mail = Écrivez à { $mail }.
about-unstated-mail = L’exploitant de ce nœud n’a pas indiqué d’adresse de contact.
about-report = Pour signaler un problème avec une ressource (une erreur, un droit, un contenu illisible), donnez son adresse : le message va à l’établissement qui l’a publiée.
about-reuse-title = Réutilisation
about-reuse-items = Chaque ressource a sa propre licence : sa page dit en une phrase ce que l’on peut en faire et donne les crédits prêts à copier.
about-reuse-metadata = Les notices elles-mêmes (titres, résumés, disciplines, niveaux) sont publiques et peuvent être moissonnées. Elles ne portent pas de licence propre au-delà de ce que déclare l’établissement qui les a signées.
about-programs-title = Pour les programmes
about-sitemap = Plan du site
about-feed = Toutes les nouveautés, en flux
about-program-title = Le logiciel
about-program = Commun, version { $version }, est un logiciel libre sous licence { $licence }.

## Legal notices

about-legal-lead = Qui répond de ce qui est publié sur ce nœud, selon son exploitant.
about-unstated-title = Il manque quelque chose ici.
about-unstated-text = L’exploitant de ce nœud n’a pas indiqué tout ce que la loi demande à un site public. Les réglages « publisher », « director », « hosting » et « mail » servent à cela.
about-unstated = L’exploitant ne l’a pas indiqué.
about-publisher = Éditeur
about-director = Directeur ou directrice de la publication
about-hosting = Hébergement
about-takedown-title = Signaler un contenu
about-takedown = Une ressource qui porte atteinte à un droit ou à une loi peut être signalée au contact ci-dessus, avec son adresse et le motif. L’établissement qui l’a publiée peut la retirer partout ; ce nœud peut cesser aussitôt de la montrer. Dans les deux cas, le motif reste visible.

## Accessibility statement (in the form that RGAA asks for)

about-rgaa-lead = { $publisher } s’engage à rendre ce site accessible, conformément à l’article 47 de la loi n° 2005-102 du 11 février 2005.
about-rgaa-scope = Cette déclaration d’accessibilité s’applique à { $address }.
about-rgaa-state-title = État de conformité
about-rgaa-state = Ce site est { $state } au référentiel général d’amélioration de l’accessibilité (RGAA 4.1) : aucun audit n’a encore été réalisé, et sans audit aucun autre état ne peut être déclaré.
about-rgaa-not = non conforme
about-rgaa-tests-title = Résultats des tests
about-rgaa-tests = Sans audit, il n’y a pas de taux de conformité. Les pages du logiciel sont vérifiées par des tests automatiques avec axe-core et au clavier avant chaque version, dans les deux langues, en clair et en sombre. De tels tests trouvent environ le tiers de ce que trouve un audit.
about-rgaa-known-title = Contenus non accessibles
about-rgaa-known-files = Les fichiers que partagent les établissements sont les leurs : tous n’ont pas de sous-titres, d’alternatives textuelles ou de balises. La page d’une ressource dit ce que son établissement en déclare, et « non vérifié » quand il n’en déclare rien.
about-rgaa-known-picture = L’image du commun est doublée par un tableau qui dit la même chose.
about-rgaa-known-code = Les noms de fichiers, le code et les identifiants sont montrés tels que leurs auteurs les ont écrits.
about-rgaa-made-title = Établissement de cette déclaration
about-rgaa-made = Elle est livrée avec le logiciel et décrit la version qui tourne ici. Technologies : HTML, CSS et SVG ; aucune page n’a besoin de JavaScript.
about-rgaa-back-title = Retour d’information et contact
about-rgaa-back = Si vous n’arrivez pas à accéder à un contenu ou à un service, écrivez à l’exploitant pour être orienté vers une alternative accessible ou obtenir le contenu sous une autre forme.
about-rgaa-recourse-title = Voies de recours
about-rgaa-recourse = Si vous signalez un défaut qui vous empêche d’accéder à un contenu ou à un service et que vous n’obtenez pas de réponse satisfaisante, vous pouvez contacter le Défenseur des droits : par le formulaire ci-dessous, auprès du délégué de votre région, ou par courrier sans timbre (Défenseur des droits, Libre réponse 71120, 75342 Paris CEDEX 07).
about-rgaa-defender = Formulaire du Défenseur des droits

## Personal data

about-privacy-lead = La lecture ne demande aucun compte, et personne n’est suivi.
about-privacy-cookies = Aucun cookie n’est déposé, et rien n’est conservé dans votre navigateur sinon ce qu’il garde des pages en cache.
about-privacy-others = Aucune page ne charge quoi que ce soit d’un autre site : ni traceur, ni service de statistiques, ni police de caractères étrangère.
about-privacy-log = Le logiciel compte les requêtes par sorte de page. Il n’écrit dans son journal ni les adresses des lecteurs ni ce qu’ils cherchent. Un serveur web que l’exploitant place devant lui peut tenir son propre journal : demandez-le à l’exploitant.
about-privacy-feeds = Un flux que vous suivez est demandé par votre lecteur ; rien ne le relie à vous.
about-privacy-authors-title = Noms des auteurs
about-privacy-authors = Les notices nomment les auteurs et les contributeurs tels que les établissements les déclarent, pour qu’ils soient crédités comme les licences le demandent. Les pages d’auteurs rassemblent ces noms et rien d’autre.
about-privacy-signed = Ce qui est signé est copié dans tous les établissements. Les noms se trouvent dans des parties que l’on peut effacer partout sans que les signatures qui les entourent perdent leur valeur.
about-privacy-rights-title = Vos droits
about-privacy-rights = Pour faire rectifier ou effacer vos données (articles 16 et 17 du RGPD), écrivez à l’établissement qui a publié la ressource ; l’exploitant peut vous aider à le trouver. Vous pouvez aussi saisir la CNIL.
