import unittest
from pathlib import Path

from quiz_md.parser import QuizError, parse

EXAMPLE = Path(__file__).parent.parent / "examples" / "fractions.md"


class Parser(unittest.TestCase):
    def test_the_example_has_two_questions(self):
        quiz = parse(EXAMPLE.read_text(encoding="utf-8"))
        self.assertEqual(quiz.title, "Fractions")
        self.assertEqual(quiz.introduction, "Dix minutes, sans calculatrice.")
        self.assertEqual(len(quiz.questions), 2)
        self.assertEqual([c.right for c in quiz.questions[0].choices], [False, True, False])

    def test_a_question_may_go_on_over_several_lines(self):
        quiz = parse("# T\n## One\ntwo\n- [ ] a\n- [x] b\n")
        self.assertEqual(quiz.questions[0].text, "One two")

    def test_a_question_without_a_right_choice_is_refused(self):
        with self.assertRaises(QuizError):
            parse("# T\n## Q\n- [ ] a\n- [ ] b\n")

    def test_an_empty_file_is_refused(self):
        with self.assertRaises(QuizError):
            parse("\n\n")


if __name__ == "__main__":
    unittest.main()
