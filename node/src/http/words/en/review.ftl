### What people think of an item.

review-title = Reviews
review-approving =
    { $count ->
        [one] { $count } other institution approves of it.
       *[other] { $count } other institutions approve of it.
    }
review-help = Each review is signed by whoever wrote it, and says which version they looked at.
# { $person }: a person and a link to their institution.
review-approves = { $person } approves
review-rejects = { $person } advises against it
review-comments = { $person } remarks
review-current = the version shown
review-stale = another version than the one shown
review-own = of the institution that published it
review-more = The first { $count } are shown; the programming interface has all.
