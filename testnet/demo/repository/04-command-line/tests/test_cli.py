import contextlib
import io
import tempfile
import unittest
from pathlib import Path

from quiz_md.__main__ import main

EXAMPLE = Path(__file__).parent.parent / "examples" / "fractions.md"


class CommandLine(unittest.TestCase):
    def test_a_page_is_written(self):
        with tempfile.TemporaryDirectory() as folder:
            page = Path(folder) / "sheet.html"
            self.assertEqual(main([str(EXAMPLE), "-o", str(page)]), 0)
            self.assertIn("<h1>Fractions</h1>", page.read_text(encoding="utf-8"))

    def test_a_faulty_quiz_gives_exit_code_1_and_says_why(self):
        with tempfile.TemporaryDirectory() as folder:
            quiz = Path(folder) / "quiz.md"
            quiz.write_text("## No title\n", encoding="utf-8")
            errors = io.StringIO()
            with contextlib.redirect_stderr(errors):
                self.assertEqual(main([str(quiz)]), 1)
            self.assertIn("title", errors.getvalue())


if __name__ == "__main__":
    unittest.main()
