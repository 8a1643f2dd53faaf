"""Give each row of the room its own order of choices."""

from dataclasses import replace
from random import Random


def shuffled(quiz, seed):
    """Return a copy of `quiz` whose choices are in an order that depends on `seed` alone."""
    chance = Random(seed)
    questions = []
    for question in quiz.questions:
        choices = list(question.choices)
        chance.shuffle(choices)
        questions.append(replace(question, choices=choices))
    return replace(quiz, questions=questions)
