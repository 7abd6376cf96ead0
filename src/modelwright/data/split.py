"""The split: which row is for training, which for thresholds, which is sealed; settled by the contract."""

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.data.moment import moments_of, stretch_of
from modelwright.kernel.errors import DataInvalid, Fault
from modelwright.tasks.labels import as_labels
from modelwright.tasks.target import TargetSpec

__all__ = ["EVERY_PART", "LEFT_OUT", "PART", "PARTS", "assign", "each_alone"]

PARTS = ("train", "validation", "test")
"""The parts, in the order of time for a temporal split."""

LEFT_OUT = "left_out"
"""Rows between two parts that belong to neither: too late to be learned from, too early to be asked about."""

EVERY_PART = (*PARTS, "backtest", LEFT_OUT)
"""All parts there can be; the last two only when the policy asks for them."""

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


def each_alone(labels: pl.Series) -> pl.Series:
    """Give every row without a group a group of its own: nothing says which others it is like.

    Examples:
        >>> each_alone(pl.Series(["a", None, None])).n_unique()
        3
    """
    if not labels.null_count():
        return labels
    alone = pl.Series([f"\x00{position}" for position in range(len(labels))])
    return labels.zip_with(labels.is_not_null(), alone)


def _integers(column: pl.Series) -> Codes:
    return np.asarray(column.to_numpy(), dtype=np.int64)


def _grouped(frame: pl.DataFrame, contract: Contract) -> Codes:
    split = contract.data.split
    name = _named(split.group, frame, field="data.split.group", policy="group")
    groups = _integers(each_alone(as_labels(frame[name])).rank("dense")) - 1
    sizes = np.bincount(groups)
    order = np.argsort(_keys(len(sizes), split.seed), kind="stable")
    ends = np.cumsum(sizes[order])
    places = np.empty(len(sizes), dtype=np.float64)
    places[order] = (ends - sizes[order] / 2) / len(groups)
    codes: Codes = _cut(places, validation=split.validation, test=split.test)[groups]
    return codes


def _temporal(frame: pl.DataFrame, contract: Contract) -> Codes:
    split = contract.data.split
    moments = moments_of(frame, contract)
    ordered = np.sort(moments.at)
    shares = {"validation": split.validation, "backtest": split.backtest, "test": split.test}
    later = {name: share for name, share in shares.items() if share}
    borders = [_boundary(ordered, 1 - sum(list(later.values())[place:])) for place in range(len(later))]
    names = np.array([EVERY_PART.index(name) for name in ("train", *later)])
    codes: Codes = names[np.searchsorted(np.array(borders), moments.at, side="right")]
    gap, embargo = stretch_of(split.gap, moments, contract), stretch_of(split.embargo, moments, contract)
    for border in borders:
        out = (moments.at > border - gap) & (moments.at < border) if gap else np.zeros(len(codes), dtype=bool)
        out |= (moments.at >= border) & (moments.at < border + embargo)
        codes[out] = EVERY_PART.index(LEFT_OUT)
    return codes


def _of_new_groups(codes: Codes, frame: pl.DataFrame, contract: Contract) -> Codes:
    """Keep the rows whose part in time is also the part that their group was drawn for."""
    split = contract.data.split
    drawn = _grouped(frame, contract)
    if split.backtest:  # the backtest asks about the groups of validation
        drawn = np.where((codes == EVERY_PART.index("backtest")) & (drawn == 1), codes, drawn)
    kept: Codes = np.where(drawn == codes, codes, EVERY_PART.index(LEFT_OUT))
    return kept


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

    Rows with the same group, or for temporal splits with the same time, stay on one side; a row without a
    group is a group of its own. A temporal split may leave rows out between two parts (`gap`, `embargo`),
    hold a `backtest` part before the sealed test, and ask only about groups that training never saw.

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
    _fitting(contract)
    if split.policy == "temporal":
        codes = _temporal(frame, contract)
        codes = _of_new_groups(codes, frame, contract) if split.new_groups else codes
    elif split.policy == "group":
        codes = _grouped(frame, contract)
    elif split.policy == "stratified":
        codes = _random(_strata(frame, contract, spec), contract)
    else:
        codes = _random(np.zeros(frame.height, dtype=np.int64), contract)
    wanted = PARTS if not split.backtest else EVERY_PART[:-1]
    sizes = np.bincount(codes, minlength=len(EVERY_PART))[: len(wanted)]
    empty = [name for name, size in zip(wanted, sizes, strict=True) if size == 0]
    if empty:
        raise DataInvalid(
            f"the {split.policy} split leaves {' and '.join(empty)} without rows",
            why="every part is needed: train to learn, validation for thresholds, test for the sealed score",
            next_step="bring more rows, change the shares, or choose another split policy",
            found=", ".join(f"{name} {size}" for name, size in zip(wanted, sizes, strict=True)),
            expected="rows in each part",
        )
    return pl.Series(PART, np.array(EVERY_PART, dtype=object)[codes], dtype=pl.String)


def _fitting(contract: Contract) -> None:
    """Refuse what only a temporal split can keep, all of it at once."""
    split = contract.data.split
    asked = {name: getattr(split, name) for name in ("gap", "embargo", "backtest", "new_groups", "history")}
    told = f"only a temporal split knows before and after; this one is {split.policy}"
    faults = [
        Fault(
            f"data.split.{name}",
            f"{value} was asked; {told}",
            next_step="set policy: temporal, or leave it out",
        )
        for name, value in asked.items()
        if value and split.policy != "temporal"
    ]
    if split.new_groups and not split.group:
        faults.append(
            Fault(
                "data.split.group", "new_groups names no group", next_step="set group to a column of the data"
            )
        )
    total = split.validation + split.test + split.backtest
    if split.backtest and total >= 1:
        faults.append(
            Fault(
                "data.split.backtest",
                f"the held-out shares add up to {total:g}",
                next_step="leave rows to train on",
            )
        )
    if faults:
        raise DataInvalid(
            "the split cannot be made as the contract says",
            why="a promise of a split that is not kept is worse than none",
            next_step="correct data.split",
            faults=faults,
        )
