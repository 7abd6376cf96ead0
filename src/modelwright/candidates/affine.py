"""The linear model as it is stored and scored; fitting is in `modelwright.candidates.linear`."""

from collections.abc import Mapping
from dataclasses import dataclass

from modelwright.candidates.encoding import AdditiveLayer
from modelwright.candidates.link import Link
from modelwright.features.transform import Matrix
from modelwright.kernel.errors import BundleRejected
from modelwright.ledger.codec import decode, encode

__all__ = ["LinearModel", "load_linear"]

FACTS = "linear.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Facts:
    """What the arrays do not say."""

    link: Link
    """From sums to scores."""
    importance: Mapping[str, float]
    """Share of each column in the contributions, on the rows of the fit."""


class LinearModel:
    """Contributions of columns, added up: readable as a table of points.

    Args:
        layer: The contributions.
        link: From sums to scores.
        importance: Share of each column in the contributions.

    Examples:
        >>> LinearModel.format
        'linear'
    """

    format = "linear"

    def __init__(self, layer: AdditiveLayer, *, link: Link, importance: Mapping[str, float]) -> None:
        """Keep the parts."""
        self.layer = layer
        self.link = link
        self._importance = importance

    def predict(self, x: Matrix) -> Matrix:
        """Return scores."""
        return self.link.scores(self.layer.forward(x))

    def files(self) -> Mapping[str, bytes]:
        """Return the stored form."""
        facts = _Facts(link=self.link, importance=self._importance)
        return {FACTS: encode(facts), **self.layer.files()}

    def importance(self) -> Mapping[str, float]:
        """Return the share of each column in the contributions."""
        return self._importance


def load_linear(files: Mapping[str, bytes]) -> LinearModel:
    """Return the model of a stored form.

    Raises:
        BundleRejected: When a part is missing or parts do not fit together.

    Examples:
        >>> load_linear({})
        Traceback (most recent call last):
        modelwright.kernel.errors.BundleRejected: the stored linear model lacks linear.json...
    """
    absent = [name for name in (FACTS, "encoding.json") if name not in files]
    if absent:
        raise BundleRejected(
            f"the stored linear model lacks {' and '.join(absent)}",
            why="a part of a model does not answer",
            next_step="pack the model again from its run",
        )
    facts = decode(files[FACTS], _Facts)
    return LinearModel(AdditiveLayer.from_files(files), link=facts.link, importance=facts.importance)
