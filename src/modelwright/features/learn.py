"""Learning steps: what the training rows settle of the feature steps a contract declares."""

import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.contracts.data import Column
from modelwright.contracts.feature import FeatureStep
from modelwright.features.cell import clean_column
from modelwright.features.derive import deriver_of
from modelwright.features.derived import DerivedSpec, InputSpec
from modelwright.features.expression import express, load_function
from modelwright.features.guard import Guard
from modelwright.features.target_mean import smoothed_means, target_levels, target_numbers
from modelwright.features.text import document_frequencies
from modelwright.kernel.errors import DataInvalid

__all__ = ["input_of", "learn_guard", "learn_step"]

MOST_MEANS = 10_000
"""Categories with a target mean of their own."""

SAMPLE = 64
"""Rows on which a function of ours is tried, together and one by one."""


def _kind(column: Column) -> str:
    kinds = {"datetime": "date", "boolean": "boolean", "number": "number", "integer": "number"}
    return kinds.get(column.type, "category")


def input_of(name: str, column: Column, *, kind: str = "") -> InputSpec:
    """Return how a column is read for a step.

    Examples:
        >>> input_of("age", Column(type="integer")).kind
        'number'
    """
    replace = {old: new for old, new in column.replace.items() if new not in column.replace}
    wanted = kind or _kind(column)
    for known in ("number", "boolean", "category", "date"):
        if known == wanted:
            return InputSpec(name=name, kind=known, missing=column.missing_codes, replace=replace)
    raise ValueError(wanted)


def learn_guard(step: FeatureStep, values: pl.Series, column: Column, *, codes: Sequence[str] = ()) -> Guard:
    """Settle the policies of one column: the middle and the range of training.

    Args:
        step: The policies.
        values: The column in the training rows.
        column: What the contract says of it.
        codes: The categories in the order of their codes, when it is one.

    Examples:
        >>> step = FeatureStep(make="read", columns=("age",), missing="impute", beyond="clip")
        >>> guard = learn_guard(step, pl.Series([1.0, 2.0, 9.0, None]), Column(type="number"))
        >>> guard.fill, guard.low, guard.high
        (2.0, 1.0, 9.0)
    """
    if column.type in {"category", "text"}:
        known = _by_frequency(clean_column(input_of(values.name, column), values))
        most = next((float(codes.index(label)) for label in known if label in codes), None)
        return Guard(missing=step.missing, beyond=step.beyond, fill=most)
    numbers = values.cast(pl.Float64).drop_nulls()
    numbers = numbers.filter(numbers.is_finite())
    if not len(numbers):
        return Guard(missing=step.missing, beyond=step.beyond)
    bounded = step.beyond != "keep"
    return Guard(
        missing=step.missing,
        beyond=step.beyond,
        fill=float(np.median(numbers.to_numpy())) if column.type != "boolean" else _mode(numbers),
        low=float(np.min(numbers.to_numpy())) if bounded else None,
        high=float(np.max(numbers.to_numpy())) if bounded else None,
    )


def _mode(numbers: pl.Series) -> float:
    return float(numbers.mode().sort()[0])


def _by_frequency(labels: pl.Series) -> list[str]:
    counted = labels.drop_nulls().value_counts()
    ordered = sorted(counted.iter_rows(), key=lambda item: (-item[1], item[0]))
    return [str(label) for label, _ in ordered]


def _one_hot(step: FeatureStep, source: InputSpec, train: pl.DataFrame) -> DerivedSpec:
    levels = _by_frequency(clean_column(source, train[source.name]))[: step.size]
    outputs = (*(f"{source.name}={level}" for level in levels), f"{source.name}=")
    return DerivedSpec(kind="one_hot", inputs=(source,), outputs=outputs, levels=tuple(levels))


def _target_mean(
    step: FeatureStep, source: InputSpec, train: pl.DataFrame, contract: Contract
) -> DerivedSpec:
    labels = clean_column(source, train[source.name])
    levels = tuple(_by_frequency(labels)[:MOST_MEANS])
    known = {level: place for place, level in enumerate(levels)}
    codes = labels.replace_strict(known, default=len(known), return_dtype=pl.Int64).fill_null(len(known))
    classes = target_levels(train, contract)
    numbers = target_numbers(train[contract.prediction.target], classes)
    means = smoothed_means(codes.to_numpy(), numbers, levels=len(levels), smoothing=step.smoothing)
    return DerivedSpec(
        kind="target_mean",
        inputs=(source,),
        outputs=tuple(f"{source.name}.mean" + (f".{one}" if len(classes) > 1 else "") for one in classes),
        levels=levels,
        weights=tuple(map(tuple, means.tolist())),
        smoothing=step.smoothing,
    )


def _cyclical(step: FeatureStep, source: InputSpec) -> DerivedSpec:
    outputs = tuple(f"{source.name}.{part}.{turn}" for part in step.parts for turn in ("sin", "cos"))
    return DerivedSpec(kind="cyclical", inputs=(source,), outputs=outputs, parts=step.parts)


def _hashed(step: FeatureStep, source: InputSpec) -> DerivedSpec:
    outputs = tuple(f"{source.name}#{place}" for place in range(step.size))
    return DerivedSpec(kind="hashed_text", inputs=(source,), outputs=outputs)


def _tfidf(step: FeatureStep, source: InputSpec, train: pl.DataFrame) -> DerivedSpec:
    texts = clean_column(source, train[source.name]).drop_nulls()
    count = len(texts)
    found = document_frequencies((str(text), times) for text, times in texts.value_counts().iter_rows())
    # Words that stand in every text separate nothing.
    useful = [(term, times) for term, times in found.items() if times < count]
    ranked = sorted(useful, key=lambda item: (-item[1], item[0]))[: step.size]
    weights = tuple(math.log((1 + count) / (1 + times)) + 1 for _, times in ranked)
    terms = tuple(term for term, _ in ranked)
    outputs = tuple(f"{source.name}~{term}" for term in terms)
    return DerivedSpec(kind="tfidf", inputs=(source,), outputs=outputs, levels=terms, weights=(weights,))


def _custom(step: FeatureStep, sources: Sequence[InputSpec], train: pl.DataFrame, root: Path) -> DerivedSpec:
    function, digest = load_function(step.function, root=root)
    stored = express(function, [one.name for one in sources], reference=step.function)
    spec = DerivedSpec(
        kind="custom",
        inputs=tuple(sources),
        outputs=(step.name,),
        expression=stored,
        function=step.function,
        source_digest=digest,
    )
    _prove(spec, train)
    return spec


def _prove(spec: DerivedSpec, train: pl.DataFrame) -> None:
    """Hold rows together against rows one by one: a feature that looks at other rows differs."""
    names = [one.name for one in spec.inputs]
    sample = train.select(names).head(SAMPLE)
    sample = pl.concat([sample, pl.DataFrame({name: [None] for name in names}, schema=sample.schema)])
    try:
        deriver = deriver_of(spec)
        together = deriver.columns(sample)
        alone = np.array([deriver.cells(row) for row in sample.iter_rows(named=True)])
    except (TypeError, ValueError, pl.exceptions.PolarsError) as error:
        raise DataInvalid(
            f"the feature function {spec.function} cannot be computed: {error}",
            why="a feature is one number a row",
            next_step="return an expression of numbers, or of true and false, over the step's columns",
        ) from error
    if together.shape != alone.shape or not np.array_equal(together, alone, equal_nan=True):
        raise DataInvalid(
            f"the feature function {spec.function} gives a row another value alone than among others",
            why="the server sees one row at a time: what looks at other rows cannot be made there, and leaks",
            next_step="use the row's own values; aggregates of the past belong in data.feature_tables",
        )


def learn_step(
    step: FeatureStep, train: pl.DataFrame, contract: Contract, *, root: Path | None
) -> tuple[DerivedSpec, ...]:
    """Settle what a declared step makes, on the training rows.

    Args:
        step: The step; `read` makes nothing of its own.
        train: The training part; the target is looked at by target means alone.
        contract: What the columns hold.
        root: The project's folder, where functions of ours stand; None when there is none.

    Raises:
        DataInvalid: When a function of ours is not there, cannot be stored, or looks at other rows.

    Examples:
        >>> learn_step.__name__
        'learn_step'
    """
    columns = contract.data.columns
    dates, texts = {"cyclical", "elapsed"}, {"one_hot", "target_mean", "hashed_text", "tfidf"}
    kind = "date" if step.make in dates else "category" if step.make in texts else ""
    sources = [input_of(name, columns[name], kind=kind) for name in step.columns]
    if step.make == "read":
        return ()
    if step.make == "elapsed":
        return (DerivedSpec(kind="elapsed", inputs=tuple(sources), outputs=(step.name,)),)
    if step.make == "custom":
        return (_custom(step, sources, train, root or Path()),)
    makers: Mapping[str, Callable[[InputSpec], DerivedSpec]] = {
        "one_hot": lambda source: _one_hot(step, source, train),
        "target_mean": lambda source: _target_mean(step, source, train, contract),
        "cyclical": lambda source: _cyclical(step, source),
        "hashed_text": lambda source: _hashed(step, source),
        "tfidf": lambda source: _tfidf(step, source, train),
    }
    return tuple(makers[step.make](source) for source in sources)
