import unittest

from quiz_md.quiz import Choice, Question, Quiz
from quiz_md.shuffle import shuffled

QUIZ = Quiz("T", "", [Question(q, [Choice(c, c == "a") for c in "abcdef"]) for q in ("one", "two")])


def orders(quiz):
    return ["".join(choice.text for choice in question.choices) for question in quiz.questions]


class Shuffle(unittest.TestCase):
    def test_the_same_seed_gives_the_same_order(self):
        self.assertEqual(orders(shuffled(QUIZ, 7)), orders(shuffled(QUIZ, 7)))

    def test_ten_seeds_do_not_all_give_the_same_order(self):
        self.assertGreater(len({tuple(orders(shuffled(QUIZ, seed))) for seed in range(10)}), 1)

    def test_no_choice_is_lost_and_the_quiz_itself_is_left_alone(self):
        for order in orders(shuffled(QUIZ, 3)):
            self.assertEqual(sorted(order), list("abcdef"))
        self.assertEqual(orders(QUIZ), ["abcdef", "abcdef"])

    def test_questions_keep_their_order(self):
        self.assertEqual([question.text for question in shuffled(QUIZ, 3).questions], ["one", "two"])


if __name__ == "__main__":
    unittest.main()
