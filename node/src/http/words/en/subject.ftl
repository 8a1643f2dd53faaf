### The page of a subject.

subject-eyebrow = Subject
subject-broader = Broader subjects
subject-narrower = More precisely
subject-newest = Latest additions
subject-none = Nothing has been published in this subject yet.
subject-all = Everything in this subject
subject-most = Most used
subject-adopted =
    { $count ->
        [one] { $count } institution says that it uses it
       *[other] { $count } institutions say that they use it
    }
subject-institutions = Shared by
subject-same = The same elsewhere
