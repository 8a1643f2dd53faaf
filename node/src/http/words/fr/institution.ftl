### The page of an institution.

institution-items = Derniers ajouts
institution-items-all = Tout ce que cet établissement partage
institution-none = Cet établissement n’a encore rien publié.
institution-log = Journal
institution-address = Adresse
institution-former = Ancien membre : ce qu’il a publié avant son départ reste.
