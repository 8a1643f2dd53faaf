### The page of an author.

author-eyebrow = Author
author-by-name = Gathered by name: people who share it stand here together.
author-items = What they made
author-items-all = Everything by this author
author-fellows = Together with
author-who = Who
author-page-of-id = What carries this identifier
author-variants = Also written
author-unsure =
    { $count ->
        [one] { $count } more item has this name, without the identifier
       *[other] { $count } more items have this name, without the identifier
    }
author-source = From the records that institutions sign. To have something corrected, write to the institution that published it.
author-institutions = Published by
author-subjects = Subjects
