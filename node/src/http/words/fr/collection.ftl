### A collection as a whole.

collection-whole = La collection entière
collection-nothing = Rien de ce qu’elle contient n’est montré ici.
collection-all-adaptable = Tout peut être utilisé, modifié et partagé, chaque partie sous sa propre licence.
collection-some-adaptable =
    { $count ->
        [0] Rien de ce qu’elle contient ne peut être modifié.
       *[other] { $count } parties sur { $total } peuvent être modifiées et partagées.
    }
collection-each = Chaque partie garde sa licence ; une collection n’en ajoute pas.
collection-unstated = sans licence déclarée
collection-credits = Les crédits de toutes les parties, prêts à copier
collection-credits-text = Texte
collection-kept = Tenue par { $institution }.
