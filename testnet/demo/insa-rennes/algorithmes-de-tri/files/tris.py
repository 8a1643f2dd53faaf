"""Trois tris écrits pour être lus. Chacun rend une nouvelle liste."""

import random


def tri_insertion(valeurs):
    liste = list(valeurs)
    for i in range(1, len(liste)):
        # Invariant : liste[0:i] est triée et contient les i premiers éléments du départ.
        cle = liste[i]
        j = i
        while j > 0 and liste[j - 1] > cle:
            liste[j] = liste[j - 1]
            j -= 1
        liste[j] = cle
    return liste


def fusion(gauche, droite):
    resultat = []
    i = j = 0
    while i < len(gauche) and j < len(droite):
        # « <= » et non « < » : à égalité, la gauche passe d'abord, ce qui rend le tri stable.
        if gauche[i] <= droite[j]:
            resultat.append(gauche[i])
            i += 1
        else:
            resultat.append(droite[j])
            j += 1
    return resultat + gauche[i:] + droite[j:]


def tri_fusion(valeurs):
    liste = list(valeurs)
    if len(liste) <= 1:
        return liste
    milieu = len(liste) // 2
    return fusion(tri_fusion(liste[:milieu]), tri_fusion(liste[milieu:]))


def tri_rapide(valeurs):
    liste = list(valeurs)
    if len(liste) <= 1:
        return liste
    pivot = random.choice(liste)
    petits = [v for v in liste if v < pivot]
    egaux = [v for v in liste if v == pivot]
    grands = [v for v in liste if v > pivot]
    return tri_rapide(petits) + egaux + tri_rapide(grands)
