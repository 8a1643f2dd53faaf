"""Turn a quiz written in Markdown into a printable sheet."""

__version__ = "0.2.0"
