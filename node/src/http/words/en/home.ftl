### The first page.

home-title = Open resources and software, shared between institutions
home-intro = The answer comes from this node, so it comes even when the others are offline.
home-members =
    { $count ->
        [one] { $count } institution shares its courses, exercises and code here.
       *[other] { $count } institutions share their courses, exercises and code here.
    }
home-institution = The institutions of this commons
home-newest = Latest additions
home-by-type = By kind
home-by-level = By level
home-by-subject = By subject
home-all = See everything
