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
import polars as pl

from modelwright.features.plan import FeatureSpec
from modelwright.features.transform import matrix
from modelwright.features.value import label_of
from modelwright.training.pipeline import Pipeline

__all__ = [
    "FeatureSketch",
    "ReferenceProfile",
    "bin_of",
    "build_reference",
    "number_sketch",
    "score_of",
    "text_sketch",
]

Vector = npt.NDArray[np.float64]

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
        text = label_of(value)
        if text is None:
            return None
        return sketch.categories.index(text) if text in sketch.categories else len(sketch.categories)
    number = float(value)
    return None if math.isnan(number) else bisect_right(sketch.edges, number)


def number_sketch(name: str, values: Vector) -> FeatureSketch:
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
        text = label_of(value)
        if text is None:
            nulls += 1
        else:
            tally[text] = tally.get(text, 0) + 1
    return _named(name, tally, nulls=nulls)


def _named(name: str, tally: dict[str, int], *, nulls: int, other: int = 0) -> FeatureSketch:
    ordered = sorted(tally.items(), key=lambda item: (-item[1], item[0]))
    named, rest = ordered[:LONGEST_LIST], ordered[LONGEST_LIST:]
    return FeatureSketch(
        name=name,
        kind="category",
        categories=tuple(text for text, _ in named),
        counts=(*(count for _, count in named), other + sum(count for _, count in rest)),
        nulls=nulls,
    )


def _feature_sketch(feature: FeatureSpec, values: Vector) -> FeatureSketch:
    """Sketch one matrix column; codes and spellings that mean missing are missing there already."""
    if feature.kind == "number":
        return number_sketch(feature.name, values)
    names = ("false", "true") if feature.kind == "boolean" else feature.categories
    present = values[~np.isnan(values)].astype(np.int64)
    counts = np.bincount(present, minlength=len(names) + 1).tolist()
    return _named(
        feature.name,
        dict(zip(names, counts, strict=False)),
        nulls=len(values) - len(present),
        other=counts[len(names)],
    )


def score_of(scores: Vector, task: str) -> Vector:
    """Return the one score that stands for an answer: positive class, highest probability, or value.

    Examples:
        >>> score_of(np.array([[0.9, 0.1]]), "binary").tolist()
        [0.1]
    """
    if task == "binary":
        return scores[:, 1]
    return scores[:, 0] if task == "regression" else np.asarray(scores.max(axis=1))


def build_reference(pipeline: Pipeline, train: pl.DataFrame) -> ReferenceProfile:
    """Count how the training rows and the pipeline's answers to them are distributed.

    Args:
        pipeline: What will be served, with its decision rule.
        train: The training part of the snapshot.

    Examples:
        >>> from modelwright.candidates.prior import PriorModel
        >>> from modelwright.features.plan import FeaturePlan
        >>> from modelwright.tasks.target import TargetSpec
        >>> plan = FeaturePlan(features=(FeatureSpec(name="age", kind="number"),))
        >>> target = TargetSpec(task="regression", name="y", prior=(1.0,))
        >>> pipeline = Pipeline(plan=plan, model=PriorModel((1.0,)), target=target)
        >>> build_reference(pipeline, pl.DataFrame({"age": [1, 2, None]})).feature("age").nulls
        1
    """
    x = matrix(pipeline.plan, train)
    scores = pipeline.scores_of_matrix(x)
    place = 0
    features: list[FeatureSketch] = []
    for feature in pipeline.plan.features:
        if feature.kind != "date":
            features.append(_feature_sketch(feature, x[:, place]))
        place += len(feature.matrix_names)
    classes = bool(pipeline.target.classes)
    return ReferenceProfile(
        features=tuple(features),
        scores=number_sketch("score", score_of(scores, pipeline.target.task)),
        confidence=number_sketch("confidence", np.asarray(scores.max(axis=1))) if classes else None,
        predictions=text_sketch("prediction", pipeline.decide(scores)) if classes else None,
        rows=train.height,
    )
