import unittest

from quiz_md.html_sheet import sheet
from quiz_md.quiz import Choice, Question, Quiz


class HtmlSheet(unittest.TestCase):
    def test_marks_of_html_are_escaped(self):
        quiz = Quiz("<b> & co", "", [Question("a < b ?", [Choice("<i>", True), Choice("no", False)])])
        page = sheet(quiz)
        self.assertIn("&lt;b&gt; &amp; co", page)
        self.assertIn("☐ &lt;i&gt;", page)
        self.assertNotIn("<i>", page)

    def test_the_sheet_does_not_tell_the_answers(self):
        right = sheet(Quiz("T", "", [Question("Q", [Choice("a", True), Choice("b", False)], "why")]))
        wrong = sheet(Quiz("T", "", [Question("Q", [Choice("a", False), Choice("b", True)], "else")]))
        self.assertEqual(right, wrong)

    def test_the_key_ticks_the_right_choices_and_explains_them(self):
        page = sheet(Quiz("T", "", [Question("Q", [Choice("a", True), Choice("b", False)], "because")]), answers=True)
        self.assertIn("☒ a", page)
        self.assertIn("☐ b", page)
        self.assertIn("because", page)


if __name__ == "__main__":
    unittest.main()
