### The page of the commons: its members, their connections, its charter.

commons-title = The commons
commons-lead =
    { $count ->
        [one] { $count } institution keeps everything that is shared here.
       *[other] { $count } institutions each keep everything that is shared here.
    }
commons-now = Who is connected, and how far each log has come
# { $institution }: the handle of this node’s institution.
commons-seen-from = As the node of { $institution } sees it at this moment. Another node may see it otherwise.
# The text alternative of the picture.
commons-picture =
    { $count ->
        [one] One institution, drawn as a dot. The table that follows says the same.
       *[other] { $count } institutions, drawn as dots that are linked by lines. The table that follows says the same.
    }
commons-table = Institutions, their connections and their logs
commons-legend-linked = connected to this node now
commons-legend-cut = not reached at this moment
commons-legend-cosigned = one has cosigned the log of the other: it keeps it
commons-connection = Connection from here
commons-here = this node
commons-cosigners = Cosigned by
commons-charter = Charter
commons-charter-help = The rules that the members have signed.
commons-charter-number = In force: number
commons-copies = Copies wanted of each item
commons-licences = Licences accepted
commons-licences-any = Any open licence that a resource states
commons-required = What a resource must state
commons-required-none = Nothing beyond what the form needs
commons-join = Join
commons-join-how = An institution enters by the invitation of a member and the signature of the majority. Write to the operator of a node:
