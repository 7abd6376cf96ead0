"""The transform: columns to matrix for many rows, and one row to one line of it; both proven equal."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.features.derive import deriver_of
from modelwright.features.distinct import distinct_places
from modelwright.features.plan import FeaturePlan, FeatureSpec
from modelwright.features.value import MISSING, date_part, flag_of, label_of, moment_of, number_of
from modelwright.kernel.errors import DataInvalid, Fault, nearest

__all__ = ["Matrix", "RowEncoder", "matrix", "vector"]

Matrix = npt.NDArray[np.float64]
"""Rows of features, or of scores."""

Reader = Callable[[object], float]
"""Reads one cell."""


def _number_reader(feature: FeatureSpec, read: Reader) -> Reader:
    absent = {number_of(code) for code in feature.missing} - {MISSING}
    guard = feature.guard
    spelled = {label: read(new) for label, new in feature.replace.items()}
    fill = MISSING if feature.fill is None else feature.fill
    # Spelled codes such as `n/a` read as missing anyway: they are no numbers.
    flagged = {label for code in feature.missing if (label := label_of(code)) is not None}

    def reader(value: object) -> float:
        if isinstance(value, str):
            label = value.strip()
            if label in flagged:
                return fill
            if label in spelled:
                value = spelled[label]
        number = read(value)
        return fill if number != number or number in absent else number  # noqa: PLR0124 - true for NaN alone

    return reader if guard is None else lambda value: guard.number(reader(value))


def _category_reader(feature: FeatureSpec) -> Reader:
    bucket = MISSING if feature.ordered else float(len(feature.categories))
    unseen = bucket if feature.guard is None else feature.guard.unseen(bucket)
    absent = MISSING if feature.guard is None else feature.guard.absent
    codes: dict[str | None, float] = {label: float(code) for code, label in enumerate(feature.categories)}
    codes[None] = absent
    for code in feature.missing:
        codes[label_of(code)] = absent
    for old, new in feature.replace.items():
        codes[label_of(old)] = codes.get(label_of(new), unseen)

    def reader(value: object) -> float:
        return codes.get(label_of(value), unseen)

    return reader


def _reader(feature: FeatureSpec) -> Reader:
    if feature.kind == "category":
        return _category_reader(feature)
    return _number_reader(feature, number_of if feature.kind == "number" else flag_of)


class RowEncoder:
    """One row at a time, without a frame: what the server calls for each request.

    Args:
        plan: The plan; look-up tables are made once.

    Examples:
        >>> plan = FeaturePlan(
        ...     features=(
        ...         FeatureSpec(name="age", kind="number"),
        ...         FeatureSpec(name="job", kind="category", categories=("a", "b")),
        ...     )
        ... )
        >>> RowEncoder(plan).vector({"age": 30, "job": "never seen"}).tolist()
        [[30.0, 2.0]]
    """

    def __init__(self, plan: FeaturePlan) -> None:
        """Make the look-up tables."""
        self._width = len(plan.names)
        self._single: list[tuple[int, str, Reader]] = []
        self._dates: list[tuple[int, str, tuple[str, ...]]] = []
        position = 0
        for feature in plan.features:
            if feature.kind == "date":
                self._dates.append((position, feature.name, feature.parts))
            else:
                self._single.append((position, feature.name, _reader(feature)))
            position += len(feature.matrix_names)
        self._derived = [(place, deriver_of(spec)) for spec, place in plan.derived_places]

    def vector(self, row: Mapping[str, object]) -> Matrix:
        """Return the row as a matrix of one line; a column that is not there is missing."""
        line = np.empty((1, self._width), dtype=np.float64)
        cells = line[0]
        get = row.get
        for position, name, read in self._single:
            cells[position] = read(get(name))
        for position, name, parts in self._dates:
            moment = moment_of(get(name))
            for offset, part in enumerate(parts):
                cells[position + offset] = MISSING if moment is None else date_part(moment, part)
        for position, deriver in self._derived:
            made = deriver.cells(row)
            cells[position : position + len(made)] = made
        return line


def _by_unique(values: pl.Series, read: Reader) -> Matrix:
    """Read each distinct value once; types without a shortcut go this way, so both paths agree."""
    known, places = distinct_places(values)
    table = np.array([read(value) for value in known], dtype=np.float64)
    read_off: Matrix = table[places]
    return read_off


def _single(feature: FeatureSpec, values: pl.Series) -> Matrix:
    plain_number = feature.kind == "number" and (values.dtype.is_integer() or values.dtype.is_float())
    if not plain_number:
        return _by_unique(values, _reader(feature))
    numbers = np.array(values.cast(pl.Float64).to_numpy(), dtype=np.float64)
    numbers[~np.isfinite(numbers)] = MISSING
    for code in feature.missing:
        numbers[numbers == number_of(code)] = MISSING
    if feature.fill is not None:
        numbers[np.isnan(numbers)] = feature.fill
    return numbers if feature.guard is None else feature.guard.numbers(numbers)


def _parts(feature: FeatureSpec, values: pl.Series) -> Matrix:
    if values.dtype == pl.Date or (isinstance(values.dtype, pl.Datetime) and values.dtype.time_zone is None):
        calendar = values.cast(pl.Datetime("us")).dt
        columns = [getattr(calendar, part)().cast(pl.Float64).to_numpy() for part in feature.parts]
        return np.column_stack(columns)

    def reader(part: str) -> Reader:
        return lambda value: MISSING if (moment := moment_of(value)) is None else date_part(moment, part)

    return np.column_stack([_by_unique(values, reader(part)) for part in feature.parts])


def matrix(plan: FeaturePlan, frame: pl.DataFrame) -> Matrix:
    """Turn a frame into the matrix the plan describes.

    Missing values are NaN, categories are codes, unseen categories get the code after the last.

    Raises:
        DataInvalid: When input columns of the plan are not in the frame; all are named.

    Examples:
        >>> plan = FeaturePlan(features=(FeatureSpec(name="job", kind="category", categories=("a", "b")),))
        >>> matrix(plan, pl.DataFrame({"job": ["b", None, "z"]})).ravel().tolist()
        [1.0, nan, 2.0]
    """
    absent = [name for name in plan.columns if name not in frame.columns]
    if absent:
        close = {name: nearest(name, frame.columns) for name in absent}
        raise DataInvalid(
            "the table lacks columns the model reads",
            why="a column that is not there cannot be told from one that is empty in every row",
            next_step="add the columns, empty where a value is not known",
            faults=[
                Fault(f"column {name}", "is not there", next_step=f"is it '{near}'?" if near else "")
                for name, near in close.items()
            ],
        )
    made = np.empty((frame.height, len(plan.names)), dtype=np.float64)
    position = 0
    for feature in plan.features:
        width = len(feature.matrix_names)
        values = frame[feature.name]
        made[:, position : position + width] = (
            _parts(feature, values) if feature.kind == "date" else _single(feature, values)[:, None]
        )
        position += width
    for spec, place in plan.derived_places:
        made[:, place : place + len(spec.outputs)] = deriver_of(spec).columns(frame)
    return made


def vector(plan: FeaturePlan, row: Mapping[str, object]) -> Matrix:
    """Turn one row into a matrix of one line; equal to `matrix` on a frame of that row.

    Who does this often keeps a `RowEncoder`.

    Examples:
        >>> plan = FeaturePlan(features=(FeatureSpec(name="day", kind="date", parts=("year", "month")),))
        >>> vector(plan, {"day": "2011-03-01"}).tolist()
        [[2011.0, 3.0]]
    """
    return RowEncoder(plan).vector(row)
