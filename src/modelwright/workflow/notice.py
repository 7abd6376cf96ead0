"""Notices: what people are told when a decision waits for them or something was let through."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, Protocol

from modelwright.kernel.digest import digest_of

__all__ = ["Notice", "NoticeKind", "Notifier"]

NoticeKind = Literal["approval requested", "rolled back", "glass broken", "waiver expired"]
"""What people are told about."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One thing people are told, in words that need nothing else to be understood.

    Examples:
        >>> Notice.__slots__[0]
        'kind'
    """

    kind: NoticeKind
    """What it is about."""
    project: str
    """The model's name."""
    subject: str
    """The phase, version or finding, such as `promotion:v2`."""
    text: str
    """What has happened, in a sentence or two; never a value of the data, never a secret."""
    next_step: str
    """What to do about it."""
    at: datetime
    """When, UTC."""
    occasion: str
    """What makes it this one and no other: it is sent once."""
    deadline: datetime | None = None
    """Until when an answer counts; None when there is no such time."""

    @property
    def key(self) -> str:
        """The name under which it is remembered."""
        return digest_of([self.kind, self.subject, self.occasion])

    @property
    def title(self) -> str:
        """One line for a list of messages."""
        return f"{self.project}: {self.kind} ({self.subject})"


class Notifier(Protocol):
    """Carries notices to people.

    Promises of every member: `send` ends within some seconds, whatever the other side does; it raises
    `ServiceFailed` when the notice was not taken, and says why without naming a secret; it may be called from
    any thread.

    Examples:
        >>> def tell(notifier: Notifier, notice: Notice) -> str:
        ...     notifier.send(notice)
        ...     return notifier.name
    """

    @property
    def name(self) -> str:
        """What it is called in the ledger: the kind of carrier, never an address."""
        ...

    def send(self, notice: Notice) -> None:
        """Carry one notice.

        Raises:
            ServiceFailed: When it was not taken.
        """
        ...
