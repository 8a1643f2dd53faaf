### The page of an institution.

institution-items = Latest additions
institution-items-all = Everything this institution shares
institution-none = This institution has not published anything yet.
institution-log = Log
institution-address = Address
institution-former = Former member: what it published before it left stays.
institution-about = About this institution
institution-items-count = Shared
institution-repositories-count = Repositories
institution-given-count = Used by others
institution-received-count = Used from others
institution-given = What it gives
institution-given-none = No other institution has said yet that it uses something of this one.
institution-given-by =
    { $count ->
        [one] { $count } other institution says that it uses these.
       *[other] { $count } other institutions say that they use these.
    }
institution-received = What it receives
institution-received-none = It has not said yet that it uses something of another institution.
institution-own = What it uses of its own
institution-contact-there = on its own node
institution-contact-unknown = It states no address of a node.
