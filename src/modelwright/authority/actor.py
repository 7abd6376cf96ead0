"""Actors: who does a thing. People and services act; agents act but never decide."""

from dataclasses import dataclass
from enum import StrEnum

__all__ = ["Actor", "ActorKind"]


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
