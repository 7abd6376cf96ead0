"""Actors: who does a thing. People and services act; agents act but never decide."""

import unicodedata
from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Actor", "ActorKind", "folded"]

LOOKALIKES = str.maketrans(
    "\u0430\u0432\u0435\u043a\u043c\u043d\u043e\u0440\u0441\u0442\u0443\u0445\u0456\u0458"
    "\u0455\u0501\u0581\u04bb\u04cf\u03bf\u03b1\u03c1\u03bd\u03b9\u03ba\u03c4\u03c5\u03c7"
    "\u03b2\u03b5\u03b7\u0475\u051b\u051d"
    "01i",
    "abekmhopctyxljsdghloapvlktuxbenvqwoll",
)
"""Cyrillic, Greek and Armenian letters, and digits, that look like Latin letters: the common ones of Unicode
Technical Standard 39. They only ever make two names the same; one too many costs a refusal that says so."""


def folded(name: str) -> str:
    r"""Return what is left of a name when case, width, accents, spaces and lookalike letters are taken away.

    Two actors whose names fold to the same are the same person, however the names are written.

    Examples:
        >>> folded("  The\u00a0LEAD ") == folded("the lead")
        True
        >>> folded("l\u0435ad") == folded("lead")
        True
    """
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    kept = "".join(mark for mark in text if unicodedata.category(mark) not in {"Mn", "Me", "Cf", "Cc"})
    return " ".join(kept.translate(LOOKALIKES).split())


class ActorKind(StrEnum):
    """The three kinds of actor.

    Examples:
        >>> ActorKind.AGENT.value
        'agent'
    """

    PERSON = "person"
    """A human being, named."""
    SERVICE = "service"
    """A program that runs unattended, such as the rollout controller."""
    AGENT = "agent"
    """A coding agent: may run, read and ask; may never approve."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who acts, and in which role.

    Examples:
        >>> Actor(kind=ActorKind.PERSON, name="lead").label
        'person lead'
    """

    kind: ActorKind
    """Person, service or agent."""
    name: str
    """The name the actor is known by in this project."""
    role: str = ""
    """The role the actor acts in, such as `owner` or `ml-engineer`; empty when none was given."""

    @property
    def label(self) -> str:
        """Kind, name and role in one line."""
        return f"{self.kind.value} {self.name}" + (f" as {self.role}" if self.role else "")

    def is_same_as(self, other: "Actor") -> bool:
        """Whether two actors go by the same name, whatever its spelling."""
        return folded(self.name) == folded(other.name)
