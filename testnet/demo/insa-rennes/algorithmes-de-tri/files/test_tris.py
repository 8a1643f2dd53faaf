"""À lancer par : python3 -m unittest test_tris"""

import random
import unittest

from tris import tri_fusion, tri_insertion, tri_rapide


class Tris(unittest.TestCase):
    def test_les_trois_tris_donnent_la_liste_triee(self):
        hasard = random.Random(7)
        for tri in (tri_insertion, tri_fusion, tri_rapide):
            for longueur in (0, 1, 2, 5, 50):
                liste = [hasard.randint(0, 20) for _ in range(longueur)]
                self.assertEqual(tri(liste), sorted(liste))

    def test_la_liste_de_depart_ne_change_pas(self):
        liste = [3, 1, 2]
        tri_insertion(liste)
        self.assertEqual(liste, [3, 1, 2])


if __name__ == "__main__":
    unittest.main()
