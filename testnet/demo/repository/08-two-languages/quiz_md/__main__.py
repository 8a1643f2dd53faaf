"""The command line: python3 -m quiz_md QUIZ.md > sheet.html"""

import argparse
import sys
from pathlib import Path

from quiz_md import __version__
from quiz_md.html_sheet import sheet
from quiz_md.labels import LABELS
from quiz_md.parser import QuizError, parse
from quiz_md.shuffle import shuffled


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="quiz_md", description="Turn a Markdown quiz into a printable page.")
    parser.add_argument("quiz", type=Path, help="the quiz, a Markdown file")
    parser.add_argument("-o", "--output", type=Path, help="the page to write (default: standard output)")
    parser.add_argument("-a", "--answers", action="store_true", help="tick the right choices and explain them")
    parser.add_argument("-s", "--seed", type=int, help="shuffle the choices; the same number gives the same order")
    parser.add_argument("-l", "--lang", choices=sorted(LABELS), default="fr", help="language of the quiz (default: fr)")
    parser.add_argument("--version", action="version", version=__version__)
    options = parser.parse_args(arguments)
    try:
        quiz = parse(options.quiz.read_text(encoding="utf-8"))
        if options.seed is not None:
            quiz = shuffled(quiz, options.seed)
        page = sheet(quiz, answers=options.answers, language=options.lang)
        if options.output:
            options.output.write_text(page, encoding="utf-8")
        else:
            sys.stdout.write(page)
    except QuizError as error:
        # file:line: message, as compilers write it
        print(f"{options.quiz}:{error}", file=sys.stderr)
        return 1
    except (OSError, UnicodeDecodeError) as error:
        print(f"{options.quiz}: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
