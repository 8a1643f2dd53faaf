### The quality of the records of an institution.

quality-link = Qualité des notices
quality-title = Qualité des notices : { $institution }
quality-intro = Ce qui manque, ce qui n’est pas clair et ce qui existe en double parmi les ressources de cet établissement, telles que ce nœud les connaît. Tout le monde peut le lire ; les bibliothécaires de l’établissement le corrigent.
quality-items =
    { $count ->
        [one] { $count } ressource
       *[other] { $count } ressources
    }
quality-none = Il n’y a pas encore de ressources ici.
quality-good = Rien à corriger.
quality-fields = Remplissage des champs
quality-field = Champ
quality-filled = Renseigné
quality-needed = Utilité
quality-everybody = pour être trouvée et utilisée
quality-suplomfr = dans SupLOMFR
quality-helps = recommandé
quality-to-mend = À corriger
quality-first = Les { $shown } premières sur { $all } ; toutes sont dans le tableau.
quality-table = Tout dans un tableau (CSV)
quality-links = Liens
quality-links-never =
    { $count ->
        [0] Il n’y a pas encore de lien à vérifier. Quand il y en aura, un ou une bibliothécaire les fera vérifier par :
        [one] { $count } lien n’a jamais été vérifié. Un ou une bibliothécaire le fait vérifier par :
       *[other] { $count } liens n’ont jamais été vérifiés. Un ou une bibliothécaire les fait vérifier par :
    }
quality-links-checked =
    { $links ->
        [one] { $checked } lien sur { $links } a été vérifié, le dernier le { $date }.
       *[other] { $checked } liens sur { $links } ont été vérifiés, le dernier le { $date }.
    }
quality-links-waiting =
    { $count ->
        [one] { $count } attend d’être vérifié.
       *[other] { $count } attendent d’être vérifiés.
    }
quality-missing = Sans valeur : { $field }
quality-unclear-licence = Licence indéterminée
quality-nothing-to-open = Ni fichier ni adresse
quality-untagged-text = Titre ou description sans langue
quality-unknown-term = Discipline hors de tout vocabulaire connu
quality-unreadable = Valeurs illisibles
quality-unread = Documents dont le texte n’a pas pu être lu
quality-behind = Adaptations dont l’original a de nouvelles versions
quality-guessed = Valeurs seulement devinées
quality-duplicate = Peut-être en double
quality-dead-link = Liens morts
quality-unsure-link = Liens qui n’ont pas pu être jugés
quality-fix-field = Indiquez-le :
quality-fix-licence = Choisissez l’identifiant SPDX de ce que dit l’auteur, comme CC-BY-SA-4.0 ; si personne ne le sait, demandez à l’auteur.
quality-fix-nothing-to-open = Publiez une version avec ses fichiers, ou donnez l’adresse où elle se trouve.
quality-fix-untagged-text = Redonnez-le avec sa langue.
quality-fix-unknown-term = Choisissez un concept d’ISCED-F, ou d’un vocabulaire que publie votre établissement.
quality-fix-unreadable = Importez de nouveau la notice, ou donnez les valeurs à la main.
quality-fix-unread = Publiez le fichier sous une autre forme : sans mot de passe, plus petit, ou avec son texte.
quality-fix-behind = Voyez ce qui y a changé, et reprenez ce qui est utile dans une version à vous :
quality-fix-guessed = Vérifiez, et dites-le.
quality-fix-duplicate = Regardez les deux, puis acceptez ou refusez :
quality-fix-dead-link = Corrigez l’adresse, ou retirez-la :
quality-fix-unsure-link = Ouvrez-le vous-même : son serveur demande une identification, refuse, ou était en panne.
quality-also = Aussi publié sous
quality-also-translation = dans une autre langue
