"""Read the Markdown form of a quiz."""

from quiz_md.quiz import Choice, Question, Quiz


class QuizError(Exception):
    """The text is not a quiz; the message says what to repair."""


def parse(text):
    """Return the Quiz that `text` describes, or raise QuizError."""
    quiz = None
    for line in text.splitlines():
        line = line.strip()
        if not line:
            continue
        if line.startswith("## "):
            if quiz is None:
                raise QuizError("a question comes before the title")
            quiz.questions.append(Question(line[3:].strip()))
        elif line.startswith("# "):
            if quiz is not None:
                raise QuizError("a quiz has one title")
            quiz = Quiz(line[2:].strip())
        elif quiz is None:
            raise QuizError("a quiz begins with a title, a line '# …'")
        elif not quiz.questions:
            quiz.introduction = join(quiz.introduction, line)
        else:
            add_to_question(quiz.questions[-1], line)
    if quiz is None:
        raise QuizError("the file is empty")
    for question in quiz.questions:
        check(question)
    return quiz


def add_to_question(question, line):
    mark = line[:6].lower()
    if mark in ("- [ ] ", "- [x] "):
        question.choices.append(Choice(line[6:].strip(), mark == "- [x] "))
    elif line.startswith(">"):
        question.explanation = join(question.explanation, line[1:].strip())
    elif question.choices:
        raise QuizError(f"neither a choice nor an explanation: {line}")
    else:
        question.text = join(question.text, line)


def check(question):
    if len(question.choices) < 2:
        raise QuizError(f"fewer than two choices: {question.text}")
    if not any(choice.right for choice in question.choices):
        raise QuizError(f"no right choice: {question.text}")


def join(before, after):
    return f"{before} {after}".strip()
