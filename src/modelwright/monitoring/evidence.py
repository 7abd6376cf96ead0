"""Evidence of one look: everything that was measured, gathered before anything is concluded."""

from dataclasses import dataclass
from datetime import datetime

from modelwright.contracts.contract import Contract
from modelwright.evaluation.estimate import Estimate
from modelwright.evaluation.report import EvaluationReport
from modelwright.kernel.outcome import Outcome
from modelwright.monitoring.drift import ColumnDrift
from modelwright.monitoring.label import LabelHealth
from modelwright.monitoring.quality import WindowQuality, newest
from modelwright.monitoring.window import Window
from modelwright.registry.bundle import Bundle
from modelwright.registry.reference import ReferenceProfile
from modelwright.tasks.target import TargetSpec
from modelwright.training.pipeline import DecisionRule

__all__ = ["Evidence", "Watched"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Watched:
    """The version that is watched, and what it was promised to be.

    Examples:
        >>> Watched.__slots__[0]
        'version'
    """

    version: str
    """The version's name."""
    contract: Contract
    """What was agreed."""
    reference: ReferenceProfile
    """How inputs and answers were distributed in training."""
    target: TargetSpec
    """What is predicted."""
    rule: DecisionRule
    """How scores become decisions."""
    evaluation: EvaluationReport | None = None
    """What evaluation measured; None leaves drops of quality unknown."""
    promoted_at: datetime | None = None
    """When it became the champion; None when that is not known."""
    previous: str | None = None
    """The champion before it; None for the first, from which there is no way back."""
    agreed: str | None = None
    """Digest of the contract it is registered under; None when nobody says."""
    vouched: Outcome | None = None
    """Whether its verdict, or a broken glass, lets it answer now; None when nobody says."""

    @classmethod
    def of(
        cls,
        bundle: Bundle,
        *,
        evaluation: EvaluationReport | None = None,
        promoted_at: datetime | None = None,
        previous: str | None = None,
        agreed: str | None = None,
        vouched: Outcome | None = None,
    ) -> "Watched":
        """Return what a bundle says of itself."""
        return cls(
            version=bundle.version,
            contract=bundle.contract,
            reference=bundle.reference,
            target=bundle.pipeline.target,
            rule=bundle.pipeline.rule,
            evaluation=evaluation,
            promoted_at=promoted_at,
            previous=previous,
            agreed=agreed,
            vouched=vouched,
        )

    @property
    def promised(self) -> Estimate | None:
        """The primary metric as evaluation measured it."""
        return self.evaluation.estimate(self.contract.evaluation.primary) if self.evaluation else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What was measured at one look.

    Examples:
        >>> Evidence.__slots__[0]
        'windows'
    """

    windows: tuple[Window, ...]
    """The windows, oldest first; there is always one."""
    drift: tuple[ColumnDrift, ...]
    """Inputs of the last window against the reference."""
    answers: tuple[ColumnDrift, ...]
    """Scores, confidence and answers of the last window against the reference."""
    quality: tuple[WindowQuality, ...]
    """What the labels say, window by window."""
    labels: LabelHealth
    """Whether labels arrive."""

    @property
    def current(self) -> Window:
        """The last window."""
        return self.windows[-1]

    @property
    def known_quality(self) -> WindowQuality | None:
        """The newest window with enough labels; None when none has."""
        return newest(self.quality)
