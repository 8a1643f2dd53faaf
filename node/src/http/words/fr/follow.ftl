### Following a search: feeds, and the description of the search for browsers.

follow-this = Suivre cette recherche
follow-help = Mettez une de ces adresses dans votre lecteur de flux : les nouveautés arrivent d’elles-mêmes, sans compte.
follow-title = { $search } – { $commons }
follow-about = Les nouveautés de cette recherche : { $search }.
follow-everything = Tout le contenu
follow-opensearch = Chercher dans { $commons } : ressources pédagogiques et logiciels libres de plusieurs établissements.
