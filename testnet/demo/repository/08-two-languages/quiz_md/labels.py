"""The few words that a sheet adds to the quiz, by language."""

LABELS = {
    "en": {"name": "Name", "date": "Date", "answers": "Answers"},
    "fr": {"name": "Nom", "date": "Date", "answers": "Corrigé"},
}
