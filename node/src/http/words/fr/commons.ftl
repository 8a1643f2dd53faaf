### The page of the commons: its members, their connections, its charter.

commons-title = Le commun
commons-lead =
    { $count ->
        [one] { $count } établissement garde tout ce qui est partagé ici.
       *[other] { $count } établissements gardent chacun tout ce qui est partagé ici.
    }
commons-now = Qui est relié à qui, et où en est chaque journal
commons-seen-from = Vu du nœud de { $institution } en ce moment. Un autre nœud peut le voir autrement.
commons-picture =
    { $count ->
        [one] Un établissement, dessiné comme un point. Le tableau qui suit dit la même chose.
       *[other] { $count } établissements, dessinés comme des points reliés par des traits. Le tableau qui suit dit la même chose.
    }
commons-table = Établissements, leurs liaisons et leurs journaux
commons-legend-linked = relié à ce nœud maintenant
commons-legend-cut = injoignable en ce moment
commons-legend-cosigned = l’un a cosigné le journal de l’autre : il le garde
commons-connection = Liaison depuis ici
commons-here = ce nœud
commons-cosigners = Cosigné par
commons-charter = Charte
commons-charter-help = Les règles que les membres ont signées.
commons-charter-number = En vigueur : numéro
commons-copies = Copies voulues de chaque contenu
commons-licences = Licences acceptées
commons-licences-any = Toute licence ouverte qu’une ressource déclare
commons-required = Ce qu’une ressource doit indiquer
commons-required-none = Rien au-delà de ce que demande le formulaire
commons-join = Rejoindre
commons-join-how = Un établissement entre sur l’invitation d’un membre et avec la signature de la majorité. Écrivez à l’exploitant d’un nœud :
