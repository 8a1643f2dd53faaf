### What is said instead of a page.

error-404-title = Page introuvable
error-404-text = Il n’y a rien à cette adresse. Peut-être le nom a-t-il changé : cherchez-le.
error-400-title = Demande incomprise
error-500-title = Une erreur de notre part
error-500-text = Le nœud n’a pas pu répondre. Son administrateur en trouvera la cause sous ce numéro.
error-503-title = Trop occupé
error-other-title = Impossible
error-back = Retour à la recherche
error-request = Demande
