"""What one look at sealed labels told: the record that stands in its report."""

from dataclasses import dataclass
from typing import Literal

from modelwright.kernel.outcome import Status

__all__ = ["SealedLook", "ToldLine"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldLine:
    """What a look told about one line of the contract, when its figures stay sealed.

    Examples:
        >>> ToldLine(text="roc_auc >= 0.75", status=Status.UNKNOWN).against
        ''
    """

    text: str
    """The line as it stands in the contract."""
    status: Status
    """What the scorer's judgement of it was."""
    against: str = ""
    """The model it was judged against; empty when it names a number."""
    forbidden: bool = False
    """Whether the line says what must not be."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedLook:
    """Which look this was, at which level it was answered, and how much of the truth it told.

    Examples:
        >>> look = SealedLook(number=2, allowed=3, level=0.999, bits=13, told="nothing new")
        >>> look.opens
        False
    """

    number: int
    """The look's number over all snapshots of the same rows."""
    allowed: int
    """Looks the contract allows."""
    level: float
    """Confidence level of the intervals: what this look may spend, after what earlier answers told."""
    bits: int
    """Bits that earlier answers about these rows told, counted as a prefix code."""
    told: Literal["everything", "comparison", "standing", "nothing new"]
    """Everything, where the look decided; a comparison, where all lines passed after such a look; else how
    lines and primary metric stand, or that it is not better than the best told by more than the step."""
    step: float | None = None
    """The Ladder's step: the grid that the primary metric is told on before the deciding look."""
    lines: tuple[ToldLine, ...] = ()
    """How the contract's lines came out, where their figures stay sealed."""
    opened_before: int = 0
    """The look that had told everything about these rows before, under another contract or of another model;
    0 when none had. The level holds no longer against someone who used what that look told."""

    @property
    def opens(self) -> bool:
        """Whether this look told everything."""
        return self.told == "everything"

    def line(self, text: str, *, forbidden: bool = False) -> ToldLine | None:
        """Return what was told about one line, None when nothing was."""
        return next((line for line in self.lines if (line.text, line.forbidden) == (text, forbidden)), None)
