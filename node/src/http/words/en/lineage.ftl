### Where an item comes from, what others made of it, collections.

lineage-title = Origin and reuse
lineage-from = Made from
lineage-into = Others made from it
lineage-collected = In collections
lineage-newest = the newest version
lineage-behind =
    { $count ->
        [one] { $count } version behind
       *[other] { $count } versions behind
    }
lineage-credits = Everybody to be credited, ready to copy
lineage-members = What it holds
lineage-empty = Nothing yet.
lineage-withdrawn = withdrawn
lineage-hidden = not shown here
lineage-unknown = not known here
lineage-feed = Follow its changes (Atom)
# Followed by a command.
lineage-fork = To have a copy of your own:
lineage-changed-on = Changed on { $date }
