"""Questions: what the data cannot tell, each with a default that is recorded when nobody answers."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from modelwright.kernel.errors import UnknownName, UserFault

__all__ = ["Answers", "Question"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Something only a person knows.

    Examples:
        >>> Question(
        ...     key="owner", text="Who owns the decision?", why="alerts need a reader", default="lead"
        ... ).options
        ()
    """

    key: str
    """The name answers use."""
    text: str
    """The question."""
    why: str
    """What depends on the answer."""
    default: str
    """What is assumed when nobody answers."""
    options: tuple[str, ...] = ()
    """The possible answers; empty when any text will do."""


class Answers:
    """Answers to questions, with defaults for those not given.

    Args:
        asked: The questions.
        given: Answers by key.

    Raises:
        UnknownName: When an answer has no question, or is not one of the choices.

    Examples:
        >>> asked = (Question(key="owner", text="Who?", why="so", default="lead"),)
        >>> Answers(asked, {}).assumptions()
        ("Who? 'lead' until somebody answers (owner)",)
    """

    def __init__(self, asked: Sequence[Question], given: Mapping[str, str]) -> None:
        """Check the answers against the questions."""
        self._asked = {question.key: question for question in asked}
        self._given = {}
        for key, answer in given.items():
            if key not in self._asked:
                raise UnknownName.among("question", key, self._asked)
            options = self._asked[key].options
            if options and answer not in options:
                raise UnknownName.among(f"answer to {key}:", answer, options, why=self._asked[key].why)
            self._given[key] = answer

    def value(self, key: str, otherwise: str = "") -> str:
        """Return the answer, or the default; `otherwise` when the question was not asked."""
        if key in self._given:
            return self._given[key]
        return self._asked[key].default if key in self._asked else otherwise

    def number(self, key: str) -> float:
        """Return the answer as a number that is not negative.

        Raises:
            UserFault: When it is not one.
        """
        text = self.value(key)
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not (math.isfinite(value) and value >= 0):
            raise UserFault(
                f"the answer to {key} is no cost",
                why="thresholds and gates are computed from what mistakes cost",
                next_step="give a number such as 1 or 7.5",
                found=text,
                expected="a number, 0 or more",
            )
        return value

    def assumptions(self) -> tuple[str, ...]:
        """Return one line for each question that nobody answered."""
        return tuple(
            f"{question.text} '{question.default}' until somebody answers ({key})"
            for key, question in self._asked.items()
            if key not in self._given
        )
