"""Calibration: making scores mean what they say, on rows the model has not seen."""

from dataclasses import dataclass
from typing import Literal

import numpy as np

from modelwright.features.transform import Matrix

__all__ = ["Calibrator"]

SMALLEST = 1e-12
"""Probabilities are kept this far from 0 and 1 before a logarithm is taken."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibrator:
    """A monotone map from scores to honest probabilities.

    Examples:
        >>> twice = Calibrator(kind="sigmoid", slope=1.0, offset=0.0)
        >>> np.round(twice.apply(np.array([[0.8, 0.2]])), 6).tolist()
        [[0.8, 0.2]]
    """

    kind: Literal["sigmoid", "isotonic", "temperature"]
    """Sigmoid and isotonic for two classes, temperature for more."""
    slope: float = 1.0
    """Factor on the log-odds (sigmoid) or on the log-probabilities (temperature; its inverse is the heat)."""
    offset: float = 0.0
    """What is added to the log-odds (sigmoid)."""
    points: tuple[tuple[float, float], ...] = ()
    """Score and probability at the corners of the isotonic map; straight between them."""

    def apply(self, scores: Matrix) -> Matrix:
        """Return calibrated scores; each line still adds to 1."""
        if self.kind == "temperature":
            logs = self.slope * np.log(np.maximum(scores, SMALLEST))
            grown = np.exp(logs - logs.max(axis=1, keepdims=True))
            return np.asarray(grown / grown.sum(axis=1, keepdims=True), dtype=np.float64)
        positive = scores[:, 1]
        if self.kind == "isotonic":
            known, made = zip(*self.points, strict=True)
            calibrated = np.interp(positive, known, made)
        else:
            clipped = np.clip(positive, SMALLEST, 1 - SMALLEST)
            odds = self.slope * np.log(clipped / (1 - clipped)) + self.offset
            calibrated = 1 / (1 + np.exp(-odds))
        return np.column_stack((1 - calibrated, calibrated))
