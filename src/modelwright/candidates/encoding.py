"""Encoding: how columns are spread for weights, and the layer that adds up what each contributes.

A fit sees a dense design matrix. Scoring never makes one: each column adds its own term, in a fixed order,
so an answer depends on its row alone, bit for bit, whoever its neighbours are.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from modelwright.candidates.arrays import array_of, bytes_of
from modelwright.candidates.estimator import Vector
from modelwright.features.plan import FeaturePlan
from modelwright.features.transform import Matrix
from modelwright.ledger.codec import decode, encode

__all__ = ["AdditiveLayer", "Encoding", "fit_encoding"]

HARD_LIMIT = 10.0
"""Standardised numbers are cut at so many deviations: one absurd value must not decide alone."""

SOFT_LIMIT = 3.0
"""Scale of the smooth cut of the neural family (Holzmueller et al., RealMLP, NeurIPS 2024)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Encoding:
    """How each matrix column is spread over columns of the design matrix.

    Examples:
        >>> Encoding(clip="hard", centre=(1.0,), scale=(2.0,), flagged=(False,), levels=(0,)).width
        1
    """

    clip: Literal["hard", "smooth"]
    """How far numbers reach: cut at ten deviations, or bent smoothly."""
    centre: tuple[float, ...]
    """What is taken off a number; a missing one stands there afterwards."""
    scale: tuple[float, ...]
    """What a number is divided by."""
    flagged: tuple[bool, ...]
    """Whether missing values of a number were seen and have a column of their own."""
    levels: tuple[int, ...]
    """Levels of a category (rarer and unseen ones share one more, missing ones another); 0 for a number."""

    @property
    def width(self) -> int:
        """Columns of the design matrix."""
        return sum(
            count + 2 if count else 1 + flag for count, flag in zip(self.levels, self.flagged, strict=True)
        )

    def numbers(self, x: Matrix) -> tuple[Matrix, npt.NDArray[np.bool_]]:
        """Return standardised columns, and where values are missing."""
        missing = np.isnan(x)
        with np.errstate(over="ignore"):
            z = (x - np.array(self.centre)) / np.array(self.scale)
        if self.clip == "hard":
            z = np.clip(z, -HARD_LIMIT, HARD_LIMIT)
        else:
            z = np.clip(z, -1e6, 1e6)
            z = z / np.sqrt(1 + (z / SOFT_LIMIT) ** 2)
        z[missing] = 0.0
        return z, missing

    def codes(self, column: Vector, levels: int) -> npt.NDArray[np.intp]:
        """Return the level of each value of a category."""
        missing = np.isnan(column)
        codes = np.clip(np.where(missing, 0, column), 0, levels).astype(np.intp)
        codes[missing] = levels + 1
        return codes

    def design(self, x: Matrix) -> Matrix:
        """Return the dense design matrix a fit sees."""
        z, missing = self.numbers(x)
        blocks = []
        for column, (count, flag) in enumerate(zip(self.levels, self.flagged, strict=True)):
            if count:
                blocks.append(np.eye(count + 2)[self.codes(x[:, column], count)])
            else:
                blocks.append(z[:, column : column + 1])
                if flag:
                    blocks.append(missing[:, column : column + 1].astype(np.float64))
        return np.hstack(blocks)


def fit_encoding(
    x: Matrix, plan: FeaturePlan, *, clip: Literal["hard", "smooth"], most_levels: int
) -> Encoding:
    """Settle the encoding on the rows of a fit.

    Args:
        x: The rows.
        plan: Which columns are categories, with their values most frequent first.
        clip: `hard` standardises by mean and deviation, `smooth` by median and quartiles.
        most_levels: Levels of a category with a column of their own.

    Examples:
        >>> from modelwright.features.plan import FeatureSpec
        >>> plan = FeaturePlan(features=(FeatureSpec(name="a", kind="number"),))
        >>> fit_encoding(np.array([[1.0], [3.0], [np.nan]]), plan, clip="hard", most_levels=9).flagged
        (True,)
    """
    known = {
        name: len(feature.categories)
        for feature in plan.features
        if feature.nominal
        for name in feature.matrix_names
    }
    centre, scale, flagged, levels = [], [], [], []
    for column, name in enumerate(plan.names):
        values = x[:, column][~np.isnan(x[:, column])]
        middle, spread = (0.0, 1.0) if name in known or not len(values) else _location(values, clip)
        centre.append(middle)
        scale.append(spread)
        flagged.append(name not in known and len(values) < len(x))
        levels.append(min(known.get(name, 0), most_levels))
    return Encoding(
        clip=clip, centre=tuple(centre), scale=tuple(scale), flagged=tuple(flagged), levels=tuple(levels)
    )


def _location(values: Vector, clip: Literal["hard", "smooth"]) -> tuple[float, float]:
    if clip == "smooth":
        low, middle, high = np.quantile(values, (0.25, 0.5, 0.75))
        # The quartiles of a normal distribution lie 1.349 deviations apart.
        spread = float(high - low) / 1.349
        if spread > 0:
            return float(middle), spread
    spread = float(values.std())
    return float(values.mean()), spread if spread > 0 else 1.0


class AdditiveLayer:
    """Adds up what each column contributes to each output.

    Args:
        encoding: How columns are spread.
        weights: One line per column of the design matrix, one column per output.
        bias: What is there before any column.

    Examples:
        >>> encoding = Encoding(clip="hard", centre=(0.0,), scale=(1.0,), flagged=(False,), levels=(0,))
        >>> AdditiveLayer(encoding, np.array([[2.0]]), np.array([1.0])).forward(np.array([[3.0]])).tolist()
        [[7.0]]
    """

    def __init__(self, encoding: Encoding, weights: Matrix, bias: Vector) -> None:
        """Keep the weights."""
        self.encoding = encoding
        self.weights = weights
        self.bias = bias

    def forward(self, x: Matrix) -> Matrix:
        """Return the sums."""
        z, missing = self.encoding.numbers(x)
        made = np.repeat(self.bias[None, :], len(x), axis=0)
        place = 0
        for column, (count, flag) in enumerate(zip(self.encoding.levels, self.encoding.flagged, strict=True)):
            if count:
                made += self.weights[place + self.encoding.codes(x[:, column], count)]
                place += count + 2
                continue
            made += z[:, column : column + 1] * self.weights[place]
            place += 1
            if flag:
                made += missing[:, column : column + 1] * self.weights[place]
                place += 1
        return made

    def strength(self, x: Matrix) -> Vector:
        """Return the mean absolute contribution of each matrix column over some rows, about its own mean."""
        z, missing = self.encoding.numbers(x)
        made = np.zeros(x.shape[1])
        place = 0
        for column, (count, flag) in enumerate(zip(self.encoding.levels, self.encoding.flagged, strict=True)):
            if count:
                terms = self.weights[place + self.encoding.codes(x[:, column], count)]
                place += count + 2
            else:
                terms = z[:, column : column + 1] * self.weights[place]
                place += 1
                if flag:
                    terms = terms + missing[:, column : column + 1] * self.weights[place]
                    place += 1
            made[column] = np.abs(terms - terms.mean(axis=0)).mean()
        return made

    def files(self) -> Mapping[str, bytes]:
        """Return the stored form."""
        return {
            "encoding.json": encode(self.encoding),
            "weights.npy": bytes_of(self.weights),
            "bias.npy": bytes_of(self.bias),
        }

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> "AdditiveLayer":
        """Return the layer of a stored form.

        Raises:
            BundleRejected: When a part is missing or parts do not fit together.
        """
        encoding = decode(files["encoding.json"], Encoding)
        bias = array_of(files, "bias.npy", shape=(None,))
        weights = array_of(files, "weights.npy", shape=(encoding.width, len(bias)))
        return cls(encoding, weights, bias)
