"""What one arm of a rollout has shown so far: answers in order of arrival, and labels that came back."""

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import numpy.typing as npt

from modelwright.rollout.quality import Labelled

__all__ = ["ArmEvidence", "Flags"]

Vector = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
"""One yes or no an answer."""
Places = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ArmEvidence:
    """The answers of one arm at one step, and all labels that its answers of this rollout have met.

    Every array has one element an answer, in order of arrival. `place` counts the answers of both arms
    together, so that "what was known when the challenger had given n answers" is the same question
    however often and however late it is asked: after a kill, the same looks give the same answers.

    Examples:
        >>> ArmEvidence.empty("v1").requests
        0
        >>> arm = ArmEvidence.of("v2", failed=[False, True], latency_ms=[4.0, 9.0], answer=[0.2, 0.7])
        >>> arm.requests, arm.errors
        (2, 1)
    """

    version: str
    """The version that answered."""
    place: Places
    """Position of each answer among the answers of both arms."""
    failed: Flags
    """Whether the answer was an error of the server's side."""
    fell_back: Flags
    """Whether the fallback answered."""
    latency_ms: Vector
    """How long it took, in milliseconds."""
    answer: Vector
    """What the distribution of answers is made of: probability, class index or value; NaN where none."""
    kind: Literal["number", "class"] = "number"
    """Whether `answer` has an order."""
    labelled: Labelled = field(default_factory=Labelled.empty)
    """The labels that have arrived for this arm since the rollout began."""

    @property
    def requests(self) -> int:
        """How many answers there are, errors included."""
        return len(self.place)

    @property
    def errors(self) -> int:
        """How many of them were errors."""
        return int(self.failed.sum())

    @property
    def fallbacks(self) -> int:
        """How many the fallback gave."""
        return int(self.fell_back.sum())

    @property
    def p99_ms(self) -> float | None:
        """The 99th percentile of the latency; None without answers."""
        return float(np.quantile(self.latency_ms, 0.99)) if self.requests else None

    @classmethod
    def empty(cls, version: str) -> "ArmEvidence":
        """Return an arm that has not answered yet."""
        return cls.of(version, failed=(), latency_ms=(), answer=())

    @classmethod
    def of(
        cls,
        version: str,
        *,
        failed: npt.ArrayLike,
        latency_ms: npt.ArrayLike,
        answer: npt.ArrayLike,
        place: npt.ArrayLike | None = None,
        fell_back: npt.ArrayLike | None = None,
        kind: Literal["number", "class"] = "number",
        labelled: Labelled | None = None,
    ) -> "ArmEvidence":
        """Build an arm from plain sequences; without places, its answers are the only ones."""
        errors = np.asarray(failed, dtype=np.bool_)
        none = np.zeros(len(errors), np.bool_)
        return cls(
            version=version,
            place=np.arange(len(errors)) if place is None else np.asarray(place, dtype=np.int64),
            failed=errors,
            fell_back=none if fell_back is None else np.asarray(fell_back, dtype=np.bool_),
            latency_ms=np.asarray(latency_ms, dtype=np.float64),
            answer=np.asarray(answer, dtype=np.float64),
            kind=kind,
            labelled=labelled if labelled is not None else Labelled.empty(),
        )

    def before(self, place: int) -> int:
        """Return how many of this arm's answers came before a place."""
        return int(np.searchsorted(self.place, place, side="left"))
