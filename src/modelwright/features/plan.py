"""The plan: which columns become which matrix columns, and how each value is read."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.contracts.data import Column
from modelwright.features.derived import DerivedSpec
from modelwright.features.guard import Guard
from modelwright.features.learn import learn_guard, learn_step
from modelwright.features.value import DATE_PARTS, date_part, label_of, moment_of
from modelwright.kernel.digest import ABSENT_WHEN_EMPTY, digest_of
from modelwright.kernel.document import Document, Facts, Heading, Table
from modelwright.kernel.errors import Fault, TrainingFailed

__all__ = ["FeaturePlan", "FeatureSpec", "compile_plan"]

MOST_CATEGORIES = 255
"""Categories with a code of their own; rarer ones share the code of the unseen."""

TEXT_CATEGORIES = 50
"""A text column with more distinct values than this is prose, not a category."""

NAME_LIKE = 0.5
"""A category whose values are distinct in more than this share of rows names rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureSpec:
    """How one column is read.

    Examples:
        >>> FeatureSpec(name="job", kind="category", categories=("admin.", "student")).matrix_names
        ('job',)
    """

    name: str
    """The input column."""
    kind: Literal["number", "boolean", "category", "date"]
    """What is made of it: the number, 0 or 1, a code, or parts of a date."""
    categories: tuple[str, ...] = ()
    """The known values in the order of their codes; what is not among them gets the code after the last."""
    parts: tuple[str, ...] = ()
    """Date parts, one matrix column each."""
    fill: float | None = None
    """What a missing number is read as; None leaves it missing, which every estimator here can handle."""
    ordered: bool = False
    """Whether the codes follow a natural order and are used as numbers; then an unseen value is missing."""
    missing: tuple[str | float, ...] = ()
    """Values that mean missing. They are nulls already in a snapshot; a served row may still spell them."""
    replace: Mapping[str, str] = field(default_factory=dict)
    """Spellings rewritten before anything else, as the contract says."""
    guard: Guard | None = field(default=None, metadata=ABSENT_WHEN_EMPTY)
    """Policies for missing and unseen values; None keeps both as they are read."""

    @property
    def matrix_names(self) -> tuple[str, ...]:
        """Names of the matrix columns made of this column."""
        return tuple(f"{self.name}.{part}" for part in self.parts) if self.kind == "date" else (self.name,)

    @property
    def nominal(self) -> bool:
        """Whether its codes are names, not amounts."""
        return self.kind == "category" and not self.ordered


@dataclass(frozen=True, slots=True, kw_only=True)
class FeaturePlan:
    """One plan for training and serving: both paths of `modelwright.features.transform` read it.

    Examples:
        >>> plan = FeaturePlan(
        ...     features=(
        ...         FeatureSpec(name="age", kind="number"),
        ...         FeatureSpec(name="day", kind="date", parts=("month", "weekday")),
        ...         FeatureSpec(name="job", kind="category", categories=("a", "b")),
        ...     )
        ... )
        >>> plan.names, plan.categorical, plan.columns
        (('age', 'day.month', 'day.weekday', 'job'), (3,), ('age', 'day', 'job'))
    """

    features: tuple[FeatureSpec, ...]
    """The features, in matrix order."""
    left_out: Mapping[str, str] = field(default_factory=dict)
    """Feature columns of the contract that are not used, each with its reason."""
    derived: tuple[DerivedSpec, ...] = field(default=(), metadata=ABSENT_WHEN_EMPTY)
    """What is made of columns beyond reading each; their matrix columns stand after those of the features."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the matrix columns."""
        read = (name for feature in self.features for name in feature.matrix_names)
        return (*read, *(name for spec in self.derived for name in spec.outputs))

    @property
    def derived_places(self) -> tuple[tuple[DerivedSpec, int], ...]:
        """The derived features, each with the position of its first matrix column."""
        place = sum(len(feature.matrix_names) for feature in self.features)
        found = []
        for spec in self.derived:
            found.append((spec, place))
            place += len(spec.outputs)
        return tuple(found)

    @property
    def abstains(self) -> bool:
        """Whether a row may go without an answer because of a value."""
        return any(feature.guard is not None and feature.guard.abstains for feature in self.features)

    @property
    def categorical(self) -> tuple[int, ...]:
        """Positions of matrix columns whose numbers are codes of names."""
        nominal = {feature.name for feature in self.features if feature.nominal}
        return tuple(position for position, name in enumerate(self.names) if name in nominal)

    @property
    def columns(self) -> tuple[str, ...]:
        """The input columns a row must bring."""
        derived = (one.name for spec in self.derived for one in spec.inputs)
        return tuple(dict.fromkeys((*(feature.name for feature in self.features), *derived)))

    @property
    def inputs(self) -> tuple[tuple[str, str], ...]:
        """The input columns, each with how it is read: number, boolean, category or date."""
        derived = {one.name: one.kind for spec in reversed(self.derived) for one in reversed(spec.inputs)}
        kinds = {**derived, **{feature.name: feature.kind for feature in self.features}}
        return tuple((name, kinds[name]) for name in self.columns)

    @property
    def digest(self) -> str:
        """The name of this plan."""
        return digest_of(self)

    def document(self) -> Document:
        """Render the plan."""
        rows = tuple(
            (
                feature.name,
                feature.kind,
                ", ".join(feature.parts)
                or (f"{len(feature.categories)} values" if feature.categories else ""),
            )
            for feature in self.features
        )
        left = tuple(self.left_out.items())
        return Document(
            title="Feature plan",
            blocks=(
                Heading(text=f"{len(self.features)} columns, {len(self.names)} matrix columns"),
                Table(columns=("column", "read as", "detail"), rows=rows),
                *(
                    (
                        Heading(text=f"{len(self.derived)} derived features"),
                        Table(columns=("made", "of", "matrix columns"), rows=tuple(map(_told, self.derived))),
                    )
                    if self.derived
                    else ()
                ),
                Heading(text="Left out"),
                Facts(items=left or (("none", "every feature of the contract is used"),)),
            ),
        )


def _told(spec: DerivedSpec) -> tuple[str, str, str]:
    shown = ", ".join(spec.outputs[:4]) + (f" and {len(spec.outputs) - 4} more" if spec.outputs[4:] else "")
    made = f"{spec.kind} ({spec.function})" if spec.function else spec.kind
    return made, ", ".join(one.name for one in spec.inputs), shown


def _replacements(column: Column) -> dict[str, str]:
    # A chain (a to b, b to c) is not safe to apply twice, and a snapshot has had it applied once.
    return {old: new for old, new in column.replace.items() if new not in column.replace}


def _labels(values: pl.Series) -> dict[str, int]:
    """Count the spellings of a column, most frequent first, ties by spelling."""
    counted: dict[str, int] = {}
    for value, count in values.drop_nulls().value_counts().iter_rows():
        label = label_of(value)
        if label is not None:
            counted[label] = counted.get(label, 0) + count
    return dict(sorted(counted.items(), key=lambda item: (-item[1], item[0])))


def _category(name: str, values: pl.Series, column: Column) -> FeatureSpec | str:
    absent = {label_of(code) for code in column.missing_codes}
    counted = {label: count for label, count in _labels(values).items() if label not in absent}
    if len(counted) < 2:
        return f"one value in all training rows: {next(iter(counted), 'none')}"
    if column.type == "text" and len(counted) > TEXT_CATEGORIES:
        return f"prose with {len(counted)} distinct texts: no feature is made of text yet"
    known = values.len() - values.null_count()
    if len(counted) > MOST_CATEGORIES and len(counted) > NAME_LIKE * known:
        return f"{len(counted)} distinct values in {known} rows: it names rows instead of describing them"
    listed = tuple(label_of(value) or "" for value in column.categories or ())
    ordered = column.ordered and set(counted) <= set(listed)
    return FeatureSpec(
        name=name,
        kind="category",
        categories=listed if ordered else tuple(counted)[:MOST_CATEGORIES],
        ordered=ordered,
        missing=column.missing_codes,
        replace=_replacements(column),
    )


def _date(name: str, values: pl.Series) -> FeatureSpec | str:
    moments = [moment for value in values.drop_nulls().unique().to_list() if (moment := moment_of(value))]
    parts = tuple(part for part in DATE_PARTS if len({date_part(moment, part) for moment in moments}) > 1)
    if not parts:
        return "no part of the date varies in the training rows"
    return FeatureSpec(name=name, kind="date", parts=parts)


def _feature(name: str, values: pl.Series, column: Column) -> FeatureSpec | str:
    """Return how a column is read, or why it is not."""
    if values.null_count() == values.len():
        return "no value in any training row"
    if column.type in ("category", "text"):
        return _category(name, values, column)
    if column.type == "datetime":
        return _date(name, values)
    if values.drop_nulls().n_unique() == 1 and not values.null_count():
        return f"one value in all training rows: {values[0]}"
    return FeatureSpec(
        name=name,
        kind="boolean" if column.type == "boolean" else "number",
        missing=column.missing_codes,
        replace=_replacements(column),
    )


def _steps(
    train: pl.DataFrame,
    contract: Contract,
    left_out: dict[str, str],
    *,
    exclude: Collection[str],
    root: Path | None,
) -> tuple[DerivedSpec, ...]:
    """Settle the declared steps; one that reads a column which was taken out is left out with it."""
    made: list[DerivedSpec] = []
    for step in contract.data.feature_steps:
        taken = [name for name in step.columns if name in exclude]
        single = step.make not in {"elapsed", "custom"}
        if taken and not single:
            left_out[step.name] = f"reads {', '.join(taken)}, taken out by a decision about a risk"
            continue
        kept = step.model_copy(update={"columns": tuple(n for n in step.columns if n not in exclude)})
        made += learn_step(kept, train, contract, root=root)
    return tuple(spec for spec in made if spec.outputs)


def _guarded(feature: FeatureSpec, train: pl.DataFrame, contract: Contract) -> FeatureSpec:
    for step in contract.data.feature_steps:
        if step.make == "read" and feature.name in step.columns:
            column = contract.data.columns[feature.name]
            guard = learn_guard(step, train[feature.name], column, codes=feature.categories)
            if guard.missing == "abstain" and train[feature.name].null_count():
                raise TrainingFailed(
                    f"{train[feature.name].null_count():,} training rows would get no answer: "
                    f"{feature.name} is missing in them",
                    why="a model whose answers are unknown cannot be evaluated, and unknown blocks",
                    next_step="choose `missing: impute` or `informative`, or leave these rows out",
                )
            return replace(feature, guard=guard)
    return feature


def _replaced(contract: Contract) -> frozenset[str]:
    """Return the columns that are read through a step alone."""
    beside = {"read", "elapsed", "custom"}
    steps = (step for step in contract.data.feature_steps if step.make not in beside and not step.keep)
    return frozenset(name for step in steps for name in step.columns)


def compile_plan(
    train: pl.DataFrame, contract: Contract, *, exclude: Collection[str] = (), root: Path | None = None
) -> FeaturePlan:
    """Settle from the training rows how each feature column of the contract is read, and what is made of it.

    Nothing here looks at the target, but for target means where the contract asks for them. Columns that
    carry nothing (constant, all missing, prose, names of rows) are left out, each with its reason.

    Args:
        train: The training part.
        contract: Which columns are features, and what each may hold.
        exclude: Columns that a decision about a risk took out.
        root: The project's folder, where feature functions stand.

    Raises:
        TrainingFailed: When no feature is left, a feature column is not in the data, or training rows would
            get no answer.
        DataInvalid: When a feature function is not there, cannot be stored, or looks at other rows.

    Examples:
        >>> from modelwright.contracts.contract import Contract
        >>> contract = Contract.model_validate(
        ...     {
        ...         "name": "demo",
        ...         "decision": {
        ...             "goal": "call likely clients",
        ...             "owner": "lead",
        ...             "action": "call",
        ...             "success_metric": {"name": "sales"},
        ...         },
        ...         "prediction": {"task": "binary", "target": "y", "positive": "1"},
        ...         "data": {
        ...             "sources": [{"path": "a.csv"}],
        ...             "columns": {
        ...                 "age": {"type": "number"},
        ...                 "job": {"type": "category"},
        ...                 "y": {"type": "integer", "role": "target"},
        ...             },
        ...         },
        ...         "evaluation": {"primary": "roc_auc"},
        ...     }
        ... )
        >>> train = pl.DataFrame({"age": [30, 40, 50], "job": ["b", "a", "b"], "y": [0, 1, 0]})
        >>> compile_plan(train, contract).features[1].categories
        ('b', 'a')
    """
    features: list[FeatureSpec] = []
    left_out: dict[str, str] = {}
    absent = [name for name in contract.data.features if name not in train.columns and name not in exclude]
    replaced = _replaced(contract)
    for name in contract.data.features:
        if name in exclude:
            left_out[name] = "taken out by a decision about a risk"
        elif name in train.columns and name not in replaced:
            made = _feature(name, train[name], contract.data.columns[name])
            if isinstance(made, FeatureSpec):
                features.append(_guarded(made, train, contract))
            else:
                left_out[name] = made
    derived = () if absent else _steps(train, contract, left_out, exclude=exclude, root=root)
    if absent or not (features or derived):
        raise TrainingFailed(
            "no plan can be made of the feature columns" if absent else "no feature is left to learn from",
            why="a model needs at least one column that differs between rows",
            next_step="correct the columns of the contract, or bring data that has them",
            faults=[
                *(Fault(f"column {name}", "named in the contract, not in the data") for name in absent),
                *(Fault(f"column {name}", reason) for name, reason in left_out.items()),
            ],
        )
    return FeaturePlan(features=tuple(features), left_out=left_out, derived=derived)
