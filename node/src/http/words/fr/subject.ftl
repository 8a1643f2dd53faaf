### The page of a subject.

subject-eyebrow = Discipline
subject-broader = Disciplines plus larges
subject-narrower = Plus précisément
subject-newest = Derniers ajouts
subject-none = Rien n’a encore été publié dans cette discipline.
subject-all = Tout dans cette discipline
subject-most = Les plus utilisés
subject-adopted =
    { $count ->
        [one] { $count } établissement déclare l’utiliser
       *[other] { $count } établissements déclarent l’utiliser
    }
subject-institutions = Partagé par
subject-same = La même ailleurs
