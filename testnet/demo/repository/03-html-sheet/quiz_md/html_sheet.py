"""Write a quiz as a self-contained HTML page."""

from html import escape

STYLE = """
body { font-family: serif; max-width: 42em; margin: 2em auto; line-height: 1.4; }
ol.questions > li { margin-bottom: 1.2em; break-inside: avoid; }
ul.choices { list-style: none; padding-left: 0.5em; }
"""


def sheet(quiz):
    """Return the page as text."""
    title = escape(quiz.title)
    parts = [
        "<!DOCTYPE html>",
        "<html>",
        f'<head><meta charset="utf-8"><title>{title}</title><style>{STYLE}</style></head>',
        f"<body><h1>{title}</h1>",
    ]
    if quiz.introduction:
        parts.append(f"<p>{escape(quiz.introduction)}</p>")
    parts.append('<ol class="questions">')
    for question in quiz.questions:
        parts.append(f"<li><p>{escape(question.text)}</p>")
        parts.append('<ul class="choices">')
        parts.extend(f"<li>☐ {escape(choice.text)}</li>" for choice in question.choices)
        parts.append("</ul></li>")
    parts.append("</ol></body></html>")
    return "\n".join(parts) + "\n"
