"""Boosted trees as they are stored and scored; fitting is in `modelwright.candidates.boosting`."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from modelwright.candidates.native import NativeBooster
from modelwright.features.transform import Matrix
from modelwright.kernel.errors import BundleRejected
from modelwright.ledger.codec import decode, encode

__all__ = ["BoosterModel", "load_booster"]

TEXT = "trees.txt"
FACTS = "trees.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What the text of the trees does not say."""

    outputs: int
    """Columns of the scores."""
    transform: Literal["identity", "log1p"]
    """Scale the trees were fitted on."""
    names: tuple[str, ...]
    """Matrix columns."""
    curve: tuple[float, ...] = ()
    """Loss on the holdout after each round, until the rounds are settled."""


class BoosterModel:
    """Boosted trees.

    Args:
        text: The trees in LightGBM's text format.
        facts: What the text does not say.

    Examples:
        >>> BoosterModel.format
        'lightgbm-text'
    """

    format = "lightgbm-text"

    def __init__(self, text: bytes, facts: _Facts) -> None:
        """Load the trees."""
        self._text = text
        self._facts = facts
        self._booster = NativeBooster(text)

    @classmethod
    def of(
        cls,
        text: bytes,
        *,
        outputs: int,
        transform: Literal["identity", "log1p"],
        names: tuple[str, ...],
        curve: tuple[float, ...] = (),
    ) -> "BoosterModel":
        """Return the model of these trees."""
        return cls(text, _Facts(outputs=outputs, transform=transform, names=names, curve=curve))

    @property
    def rounds(self) -> int:
        """Rounds of boosting."""
        return self._booster.rounds

    @property
    def curve(self) -> tuple[float, ...]:
        """Loss on the holdout after each round; empty when there was none, or rounds are settled."""
        return self._facts.curve

    def truncated(self, rounds: int) -> "BoosterModel":
        """Return the model as it was after so many rounds."""
        return BoosterModel(self._booster.text(rounds), replace(self._facts, curve=()))

    def predict(self, x: Matrix) -> Matrix:
        """Return scores: both classes, all classes, or the value in the target's own unit."""
        raw = self._booster.predict(x)
        if self._facts.outputs == 1:
            return np.expm1(raw) if self._facts.transform == "log1p" else raw
        if self._facts.outputs == 2:
            made = np.empty((len(raw), 2), dtype=np.float64)
            made[:, 1] = raw[:, 0]
            made[:, 0] = 1.0 - raw[:, 0]
            return made
        return raw

    def files(self) -> Mapping[str, bytes]:
        """Return the trees as text and what it does not say as JSON."""
        return {TEXT: self._text, FACTS: encode(self._facts)}

    def importance(self) -> Mapping[str, float]:
        """Return the share of each column in the gain of all splits."""
        gains = self._booster.gains()
        total = float(gains.sum())
        if total <= 0:
            return {}
        return dict(zip(self._facts.names, (gains / total).tolist(), strict=True))


def load_booster(files: Mapping[str, bytes]) -> BoosterModel:
    """Return the model of a stored form.

    Raises:
        BundleRejected: When a file is missing or is not what it must be.

    Examples:
        >>> load_booster({})
        Traceback (most recent call last):
        modelwright.kernel.errors.BundleRejected: the stored trees lack trees.txt and trees.json...
    """
    absent = [name for name in (TEXT, FACTS) if name not in files]
    if absent:
        raise BundleRejected(
            f"the stored trees lack {' and '.join(absent)}",
            why="a part of a model does not answer",
            next_step="pack the model again from its run",
        )
    return BoosterModel(files[TEXT], decode(files[FACTS], _Facts))
