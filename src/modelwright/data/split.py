"""The split: which row is for training, which for thresholds, which is sealed; settled by the contract."""

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.kernel.errors import DataInvalid
from modelwright.tasks.labels import as_labels
from modelwright.tasks.target import TargetSpec

__all__ = ["PART", "PARTS", "assign"]

PARTS = ("train", "validation", "test")
"""The parts, in the order of time for a temporal split."""

PART = "part"
"""Name of the assigned series."""

STRATA = 10
"""Quantile bins a numeric target is stratified by."""

Codes = npt.NDArray[np.int64]


def _keys(count: int, seed: int) -> npt.NDArray[np.uint64]:
    # The raw stream of a bit generator never changes between NumPy versions (NEP 19); `permutation` may.
    return np.asarray(np.random.PCG64(seed).random_raw(count), dtype=np.uint64)


def _cut(places: npt.NDArray[np.float64], *, validation: float, test: float) -> Codes:
    """Return 2 for the first `test` share of places in 0 to 1, 1 for the next `validation`, else 0."""
    codes = np.zeros(len(places), dtype=np.int64)
    codes[places < test + validation] = 1
    codes[places < test] = 2
    return codes


def _random(strata: Codes, contract: Contract) -> Codes:
    split = contract.data.split
    order = np.lexsort((_keys(len(strata), split.seed), strata))
    sizes = np.bincount(strata)
    starts = np.concatenate(([0], np.cumsum(sizes)[:-1]))
    sorted_strata = strata[order]
    rank = np.arange(len(strata)) - starts[sorted_strata]
    # The half puts the place in the middle of the row, so that shares round to the nearest row.
    places = (rank + 0.5) / sizes[sorted_strata]
    codes = np.empty(len(strata), dtype=np.int64)
    codes[order] = _cut(places, validation=split.validation, test=split.test)
    return codes


def _strata(frame: pl.DataFrame, contract: Contract, spec: TargetSpec | None) -> Codes:
    column = frame[contract.prediction.target]
    classes = spec.classes if spec is not None else ()
    if classes or not column.dtype.is_numeric():
        return _integers(as_labels(column).rank("dense").fill_null(0))
    places = _integers(column.rank("ordinal").fill_null(1)) - 1
    strata: Codes = places * STRATA // max(len(column), 1)
    return strata


def _integers(column: pl.Series) -> Codes:
    return np.asarray(column.to_numpy(), dtype=np.int64)


def _grouped(frame: pl.DataFrame, contract: Contract) -> Codes:
    split = contract.data.split
    name = _named(split.group, frame, field="data.split.group", policy="group")
    groups = _integers(as_labels(frame[name]).fill_null("").rank("dense")) - 1
    sizes = np.bincount(groups)
    order = np.argsort(_keys(len(sizes), split.seed), kind="stable")
    ends = np.cumsum(sizes[order])
    places = np.empty(len(sizes), dtype=np.float64)
    places[order] = (ends - sizes[order] / 2) / len(groups)
    codes: Codes = _cut(places, validation=split.validation, test=split.test)[groups]
    return codes


def _temporal(frame: pl.DataFrame, contract: Contract) -> Codes:
    split = contract.data.split
    count = frame.height
    if split.order == "rows":
        moments = np.arange(count, dtype=np.int64)
    else:
        name = _named(split.time, frame, field="data.split.time", policy="temporal")
        column = frame[name]
        if not (column.dtype.is_temporal() or column.dtype.is_numeric()):
            raise DataInvalid(
                f"column {name} cannot order rows in time",
                why="a temporal split needs moments, not text",
                next_step=f"declare the type of {name} as datetime (or integer for a year or a step)",
                found=str(column.dtype),
                expected="a date, a moment or a number",
            )
        empty = column.null_count()
        if empty:
            raise DataInvalid(
                f"column {name} is empty in {empty} of {count} rows",
                why="a row without a time has no place in a temporal split",
                next_step="fill the times in, leave the rows out, or choose another split policy",
            )
        moments = _integers(column.rank("dense"))
    ordered = np.sort(moments)
    first = _boundary(ordered, 1 - split.test - split.validation)
    second = _boundary(ordered, 1 - split.test)
    return np.searchsorted(np.array([first, second]), moments, side="right")


def _boundary(ordered: Codes, share: float) -> int:
    """Return the moment that starts the later part: of the two ends of a tie, the one nearer to the share."""
    count = len(ordered)
    place = min(max(round(share * count), 0), count - 1)
    start = int(np.searchsorted(ordered, ordered[place], side="left"))
    end = int(np.searchsorted(ordered, ordered[place], side="right"))
    nearer = start if place - start <= end - place or end >= count else end
    return int(ordered[nearer])


def _named(name: str | None, frame: pl.DataFrame, *, field: str, policy: str) -> str:
    if name is None or name not in frame.columns:
        raise DataInvalid(
            f"a {policy} split needs a column and {field} is {name!r}",
            why="without it rows cannot be assigned as the contract says",
            next_step=f"set {field} to a column of the data, or choose another policy",
        )
    return name


def assign(frame: pl.DataFrame, contract: Contract, spec: TargetSpec | None = None) -> pl.Series:
    """Assign every row to train, validation or test as the contract says; the same seed gives the same split.

    Rows with the same group, or for temporal splits with the same time, stay on one side.

    Args:
        frame: The table.
        contract: Its split policy, shares and seed are used.
        spec: The target, when it is known; without it strata are read from the column's type.

    Returns:
        A text series named `part`, one value a row.

    Raises:
        DataInvalid: When the policy's column is missing or unfit, or a part would be empty.

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
        ...             "split": {"policy": "temporal", "order": "rows"},
        ...             "columns": {"y": {"type": "integer", "role": "target"}},
        ...         },
        ...         "evaluation": {"primary": "roc_auc"},
        ...     }
        ... )
        >>> assign(pl.DataFrame({"y": [0, 1, 0, 1, 0]}), contract).to_list()
        ['train', 'train', 'train', 'validation', 'test']
    """
    split = contract.data.split
    if split.policy == "temporal":
        codes = _temporal(frame, contract)
    elif split.policy == "group":
        codes = _grouped(frame, contract)
    elif split.policy == "stratified":
        codes = _random(_strata(frame, contract, spec), contract)
    else:
        codes = _random(np.zeros(frame.height, dtype=np.int64), contract)
    sizes = np.bincount(codes, minlength=len(PARTS))
    empty = [name for name, size in zip(PARTS, sizes, strict=True) if size == 0]
    if empty:
        raise DataInvalid(
            f"the {split.policy} split leaves {' and '.join(empty)} without rows",
            why="every part is needed: train to learn, validation for thresholds, test for the sealed score",
            next_step="bring more rows, change the shares, or choose another split policy",
            found=", ".join(f"{name} {size}" for name, size in zip(PARTS, sizes, strict=True)),
            expected="rows in each part",
        )
    return pl.Series(PART, np.array(PARTS, dtype=object)[codes], dtype=pl.String)
