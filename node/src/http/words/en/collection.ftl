### A collection as a whole.

collection-whole = The whole collection
collection-nothing = Nothing in it is shown here.
collection-all-adaptable = All of it may be used, changed and shared, each part under its own licence.
# { $count } of { $total }: parts that may be changed.
collection-some-adaptable =
    { $count ->
        [0] Nothing in it may be changed.
       *[other] { $count } of { $total } parts may be changed and shared.
    }
collection-each = Each part keeps its own licence; a collection adds none.
collection-unstated = no licence stated
collection-credits = Credits of all parts, ready to copy
collection-credits-text = Text
# { $institution }: a link.
collection-kept = Kept in order by { $institution }.
