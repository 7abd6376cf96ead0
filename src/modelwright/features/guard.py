"""Guards: what is done with a value that is missing, or beyond what training saw, as the contract says."""

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from modelwright.features.value import ABSTAIN, MISSING

__all__ = ["Guard"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """The policies of one column, with what training settled for them.

    Examples:
        >>> guard = Guard(missing="impute", beyond="clip", fill=3.0, low=0.0, high=9.0)
        >>> [guard.number(value) for value in (float("nan"), -5.0, 12.0, 4.0)]
        [3.0, 0.0, 9.0, 4.0]
    """

    missing: Literal["informative", "impute", "abstain"] = "informative"
    """A missing value stays missing, becomes `fill`, or lets the row go without an answer."""
    beyond: Literal["keep", "clip", "bucket", "abstain"] = "keep"
    """A value training never saw stays, is moved to the nearest known, shares the bucket of the unseen (for
    numbers: of the missing), or lets the row go without an answer."""
    fill: float | None = None
    """The middle of training: the median of numbers, the code of the most frequent category."""
    low: float | None = None
    """The smallest number of training."""
    high: float | None = None
    """The largest number of training."""

    @property
    def abstains(self) -> bool:
        """Whether a row may go without an answer because of this column."""
        return "abstain" in {self.missing, self.beyond}

    @property
    def absent(self) -> float:
        """What a missing value is read as."""
        if self.missing == "abstain":
            return ABSTAIN
        return MISSING if self.missing == "informative" or self.fill is None else self.fill

    def unseen(self, bucket: float) -> float:
        """Return what a category without a code is read as; `bucket` is the code of the unseen."""
        if self.beyond == "abstain":
            return ABSTAIN
        return self.fill if self.beyond == "clip" and self.fill is not None else bucket

    def number(self, value: float) -> float:
        """Return what a number is read as."""
        if math.isnan(value):
            return self.absent
        below = self.low is not None and value < self.low
        above = self.high is not None and value > self.high
        if self.beyond == "keep" or not (below or above):
            return value
        if self.beyond == "clip":
            return float(self.low if below else self.high)  # type: ignore[arg-type]  # the end it is beyond is known
        return ABSTAIN if self.beyond == "abstain" else self.absent

    def numbers(self, values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
        """Return what many numbers are read as; equal to `number` on each."""
        missing = np.isnan(values)
        low = -math.inf if self.low is None else self.low
        high = math.inf if self.high is None else self.high
        made = np.where(missing, self.absent, values)
        outside = ~missing & ((values < low) | (values > high))
        if self.beyond == "clip":
            return np.where(outside, np.clip(values, low, high), made)
        if self.beyond == "keep":
            return made
        return np.where(outside, ABSTAIN if self.beyond == "abstain" else self.absent, made)
