"""What a quiz is made of."""

from dataclasses import dataclass, field


@dataclass
class Choice:
    text: str
    right: bool


@dataclass
class Question:
    text: str
    choices: list = field(default_factory=list)
    explanation: str = ""


@dataclass
class Quiz:
    title: str
    introduction: str = ""
    questions: list = field(default_factory=list)
