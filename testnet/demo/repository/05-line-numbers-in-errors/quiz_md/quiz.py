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
    line: int = 0  # where the question begins in the file, from 1; 0 when it comes from no file


@dataclass
class Quiz:
    title: str
    introduction: str = ""
    questions: list = field(default_factory=list)
