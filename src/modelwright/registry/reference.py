"""The reference profile: how inputs and answers were distributed in training, in counts; no raw rows.

Bins are open-ended: a number belongs to bin `bisect_right(edges, value)`, so that `edges` of length n
make n + 1 bins and nothing falls outside. Categories not listed count in the last bin.
"""

import math
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = ["FeatureSketch", "ReferenceProfile", "bin_of", "number_sketch", "text_sketch"]

BINS = 10
"""Bins of a number: deciles of the training rows, as the customary thresholds of PSI assume."""

LONGEST_LIST = 50
"""Categories kept by name, most frequent first; the rest counts as other."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureSketch:
    """Counts of one feature, or of the answers.

    Examples:
        >>> age = FeatureSketch(name="age", kind="number", edges=(30.0, 40.0), counts=(5, 9, 6), nulls=1)
        >>> age.rows
        21
    """

    name: str
    """The input column; `score`, `confidence` or `prediction` for answers."""
    kind: Literal["number", "category"]
    """Numbers are counted between edges, categories (booleans too) by value."""
    edges: tuple[float, ...] = ()
    """Inner edges, ascending and unique; a value belongs to bin `bisect_right(edges, value)`."""
    categories: tuple[str, ...] = ()
    """Values counted by name, most frequent first."""
    counts: tuple[int, ...] = ()
    """Rows per bin: one more than there are edges, or than there are categories (the last is `other`)."""
    nulls: int = 0
    """Rows without a value."""

    @property
    def rows(self) -> int:
        """All rows counted, nulls included."""
        return sum(self.counts) + self.nulls


@dataclass(frozen=True, slots=True, kw_only=True)
class ReferenceProfile:
    """What live traffic is compared with.

    Examples:
        >>> scores = FeatureSketch(name="score", kind="number", edges=(0.5,), counts=(1, 1))
        >>> ReferenceProfile(features=(), scores=scores, rows=2).feature("age") is None
        True
    """

    features: tuple[FeatureSketch, ...]
    """One sketch for each input column the model reads; dates are left out, for they always move on."""
    scores: FeatureSketch
    """The score of the positive class, the highest probability, or the predicted value."""
    confidence: FeatureSketch | None = None
    """The highest probability; None for regression."""
    predictions: FeatureSketch | None = None
    """How often each class was answered; None for regression."""
    rows: int
    """Training rows behind the counts."""

    def feature(self, name: str) -> FeatureSketch | None:
        """Return the sketch of one input column, None when there is none."""
        return next((sketch for sketch in self.features if sketch.name == name), None)


def bin_of(sketch: FeatureSketch, value: float | str | bool | None) -> int | None:  # noqa: FBT001 - a value
    """Return the bin a value belongs to; None for a missing one.

    Examples:
        >>> bin_of(FeatureSketch(name="age", kind="number", edges=(30.0,), counts=(1, 1)), 30)
        1
        >>> bin_of(FeatureSketch(name="job", kind="category", categories=("a",), counts=(1, 0)), "zz")
        1
    """
    if value is None:
        return None
    if sketch.kind == "category":
        text = category_text(value)
        return sketch.categories.index(text) if text in sketch.categories else len(sketch.categories)
    number = float(value)
    return None if math.isnan(number) else bisect_right(sketch.edges, number)


def category_text(value: object) -> str:
    """Write a value the way categories are listed: booleans in lower case.

    Examples:
        >>> category_text(True), category_text("a")
        ('true', 'a')
    """
    return str(value).lower() if isinstance(value, bool) else str(value)


def number_sketch(name: str, values: npt.NDArray[np.float64]) -> FeatureSketch:
    """Sketch numbers between their own deciles; NaN counts as missing.

    Examples:
        >>> number_sketch("x", np.array([0.0, 0.0, 0.0, 1.0, np.nan])).counts
        (3, 1)
    """
    present = values[~np.isnan(values)]
    edges: tuple[float, ...] = ()
    if len(present):
        inner = np.unique(np.quantile(present, np.arange(1, BINS) / BINS, method="inverted_cdf"))
        edges = tuple(float(edge) for edge in inner if edge > present.min())
        if not edges and present.max() > present.min():
            edges = (float(present[present > present.min()].min()),)
    places = np.searchsorted(np.asarray(edges), present, side="right")
    counts = np.bincount(places, minlength=len(edges) + 1)
    return FeatureSketch(
        name=name,
        kind="number",
        edges=edges,
        counts=tuple(int(count) for count in counts),
        nulls=len(values) - len(present),
    )


def text_sketch(name: str, values: Iterable[object]) -> FeatureSketch:
    """Sketch categories by value, most frequent first; None counts as missing.

    Examples:
        >>> text_sketch("job", ["a", "b", "a", None])
        FeatureSketch(name='job', kind='category', edges=(), categories=('a', 'b'), counts=(2, 1, 0), nulls=1)
    """
    tally: dict[str, int] = {}
    nulls = 0
    for value in values:
        if value is None:
            nulls += 1
        else:
            text = category_text(value)
            tally[text] = tally.get(text, 0) + 1
    ordered = sorted(tally.items(), key=lambda item: (-item[1], item[0]))
    named, rest = ordered[:LONGEST_LIST], ordered[LONGEST_LIST:]
    return FeatureSketch(
        name=name,
        kind="category",
        categories=tuple(text for text, _ in named),
        counts=(*(count for _, count in named), sum(count for _, count in rest)),
        nulls=nulls,
    )
