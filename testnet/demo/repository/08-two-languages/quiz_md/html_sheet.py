"""Write a quiz as a self-contained HTML page."""

from html import escape

from quiz_md.labels import LABELS

STYLE = """
body { font-family: serif; max-width: 42em; margin: 2em auto; line-height: 1.4; }
ol.questions > li { margin-bottom: 1.2em; break-inside: avoid; }
ul.choices { list-style: none; padding-left: 0.5em; }
p.explanation { font-style: italic; }
p.identity { border-bottom: 1px solid #555555; padding-bottom: 1em; }
"""


def sheet(quiz, answers=False, language="fr"):
    """Return the page as text; with `answers`, the right choices are ticked and explained.

    `language` is a key of LABELS: the language of the quiz, which the page declares.
    """
    labels = LABELS[language]
    title = escape(quiz.title)
    if answers:
        title = f"{title} – {labels['answers']}"
    parts = [
        "<!DOCTYPE html>",
        f'<html lang="{language}">',
        f'<head><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style></head>',
        f"<body><h1>{title}</h1>",
    ]
    if not answers:
        parts.append(f'<p class="identity">{labels["name"]} …………………… {labels["date"]} ……………</p>')
    if quiz.introduction:
        parts.append(f"<p>{escape(quiz.introduction)}</p>")
    parts.append('<ol class="questions">')
    for question in quiz.questions:
        parts.append(f"<li><p>{escape(question.text)}</p>")
        parts.append('<ul class="choices">')
        for choice in question.choices:
            box = "☒" if answers and choice.right else "☐"
            parts.append(f"<li>{box} {escape(choice.text)}</li>")
        parts.append("</ul>")
        if answers and question.explanation:
            parts.append(f'<p class="explanation">{escape(question.explanation)}</p>')
        parts.append("</li>")
    parts.append("</ol></body></html>")
    return "\n".join(parts) + "\n"
