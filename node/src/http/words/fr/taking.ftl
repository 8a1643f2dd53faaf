### What was taken down, and why.

taking-withdrawn-on = Retiré par { $institution } le { $date }.
taking-withdrawn-by-on = Retiré par { $institution } ({ $person }) le { $date }.
taking-withdrawn-reason = Motif : { $reason }
taking-code-error = une erreur
taking-code-outdated = périmé
taking-code-duplicate = un doublon
taking-code-rights = les droits d’autrui
taking-code-personal-data = des données personnelles
taking-code-illegal = contraire à la loi
taking-code-harmful = nuisible
taking-code-other = un autre motif
taking-code-source-deleted = supprimé à la source dont il provient
taking-erased-files = Les fichiers ont été effacés par l’établissement.
taking-hidden-title = Non montré ici
taking-report-hint = Quelque chose ne devrait pas être ici ? Signalez-le aux établissements :
