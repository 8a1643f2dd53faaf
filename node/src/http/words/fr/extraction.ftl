### What was read out of files.

extraction-picture = Première image de cette ressource
extraction-page = page { $page }
extraction-outline = Sommaire
extraction-unread-title = Mots non cherchés
extraction-unread-help = Le texte de ces fichiers n’a pas pu être lu. Ils sont conservés et téléchargeables ; on les trouve par leur titre et leur description.
extraction-damaged = endommagé, ou autre chose que ce que dit son nom
extraction-encrypted = protégé par un mot de passe
extraction-too-large = trop volumineux
extraction-refused = empaqueté d’une façon qu’il n’est pas sûr d’ouvrir
extraction-too-slow = trop long à lire
extraction-other = illisible
extraction-unconfined = Le programme qui lit les documents est borné, mais ce système ne peut pas lui interdire fichiers et réseau.
extraction-unconfined-fix = Faites tourner le nœud sous Linux avec seccomp (toutes les distributions courantes l’ont ; certains conteneurs le coupent).
