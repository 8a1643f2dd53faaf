### The state of the node, for those who run it.

status-title = État du nœud
status-good = Tout va bien.
status-bad =
    { $count ->
        [one] { $count } chose à regarder.
       *[other] { $count } choses à regarder.
    }
status-node = Ce nœud
status-commons = Commun
status-charter = Charte n° { $number }
status-members =
    { $count ->
        [one] { $count } établissement
       *[other] { $count } établissements
    }
status-writer = écrit le journal de son établissement
status-replica = réplique : n’écrit pas
status-uptime = En marche depuis
status-ssh = Git par SSH
status-ssh-key = empreinte de la clé du serveur
status-version = Version du logiciel
status-logs = Journaux
status-log-of = Établissement
status-size = Entrées
status-root = Racine
status-witnessed = Attesté
status-witnessed-up-to = jusqu’à { $entries }, par
status-witnessed-none = par personne encore
status-state = État
status-behind-by =
    { $entries ->
        [one] { $entries } entrée de retard
       *[other] { $entries } entrées de retard
    }
state-ok = à jour
state-behind = en retard
state-frozen = gelé : deux versions contradictoires
state-former = ancien membre
status-peers = Autres nœuds
status-peer = Nœud
status-connected = connecté
status-disconnected = injoignable
status-rtt = Aller-retour
status-path = Chemin
status-path-direct = direct
status-path-relay = par relais
status-catalogue = Catalogue
status-items = Éléments
status-position = Ligne du registre local
status-fold = Règles (version)
status-catalogue-root = Racine du catalogue
status-root-help = Deux nœuds qui ont la même racine ont exactement le même catalogue.
status-index = Index de recherche
status-documents = Documents
status-content = Contenu
status-held = Éléments gardés ici
status-wanted = Éléments attendus
status-bytes = Place occupée
status-offences = Messages refusés
status-offences-none = Aucun.
status-peers-none = Aucun autre nœud n’est encore connu.
status-offences-help = Ce que d’autres ont envoyé et qui n’était pas valable. Rien n’en a été gardé.
status-todo = Que faire
fix-frozen = Prévenez l’établissement { $institution } : il doit désigner la bonne version de son journal (succession). D’ici là, ce qui était accepté reste.
fix-behind = Rien, si cela ne dure que quelques minutes. Sinon, vérifiez que ce nœud joint celui de { $institution }.
fix-peer = Ce nœud le reprendra dès qu’il répondra. S’il manque longtemps, demandez à { $institution }.
fix-index = Rien pour l’instant : l’index rattrape le journal. S’il reste en retard, lancez « commun-node rebuild ».
fix-content = Rien, si cela avance. Sinon, vérifiez l’espace disque et que les nœuds qui publient répondent.
fix-writer = Ce nœud demande aux autres jusqu’où va son journal avant d’y écrire. S’il est seul, démarrez-le avec « --alone ».
problem-frozen = Le journal de { $institution } est gelé : il s’est contredit.
problem-behind =
    { $entries ->
        [one] Le journal de { $institution } a { $entries } entrée de retard ici.
       *[other] Le journal de { $institution } a { $entries } entrées de retard ici.
    }
problem-peer = Le nœud de { $institution } ne répond pas.
problem-index =
    { $lines ->
        [one] L’index de recherche a { $lines } ligne de retard sur le registre.
       *[other] L’index de recherche a { $lines } lignes de retard sur le registre.
    }
problem-content =
    { $count ->
        [one] { $count } élément n’est pas encore arrivé ici.
       *[other] { $count } éléments ne sont pas encore arrivés ici.
    }
problem-writer = Ce nœud ne peut pas encore écrire dans son journal.
problem-full = { $institution } a atteint son quota sur ce nœud ; la suite de ses contenus n’est plus récupérée.
fix-full = Parlez-en à l’établissement, ou augmentez quota_bytes ou quota_statements dans commun.toml puis redémarrez le nœud.
problem-held-back = Ce que { $institution } propose en demandes de fusion n’est pas récupéré (dépôts d’autres établissements : { $size }) ; son quota est atteint sur ce nœud.
fix-held-back = Ce qui est fusionné compte pour le propriétaire du dépôt. Parlez-en à { $institution }, ou augmentez quota_bytes ou quota_statements dans commun.toml puis redémarrez le nœud.
problem-upkeep = Le dépôt { $repository } n’a pas pu être compacté : { $error }
fix-upkeep = Il fonctionne tout de même et un nouvel essai aura lieu. Si cela dure, vérifiez le disque et lancez git fsck dans son dossier.
status-upkeep = Dernier entretien des dépôts
status-upkeep-never = pas depuis le démarrage
status-usage = Ce que chaque établissement occupe ici
unit-seconds = { $count } s
unit-minutes = { $count } min
unit-hours = { $count } h
unit-days = { $count } j
status-notices-stated = indiquées par l’exploitant
status-notices-missing = non indiquées par l’exploitant ; à régler dans commun.toml :
