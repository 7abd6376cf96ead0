"""Checking rows against the contract: every fault of every row in one answer, and nothing paid for good rows.

A column that the model reads must be there; null says that its value is not known. Numbers outside the
declared range are refused. A column that lists `categories` is closed: other values are refused; without
a list every value is accepted, and one that training never saw is read as unseen. A text must match the
pattern of its column, and a row must keep the conditions of `data.checks` that it can answer by itself.
"""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC

import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.contracts.data import Column
from modelwright.contracts.duration import parse_duration
from modelwright.features.plan import FeaturePlan
from modelwright.features.row_promise import BrokenPromise, RowPromises
from modelwright.features.value import flag_of, label_of, moment_of, number_of
from modelwright.kernel.clock import Clock
from modelwright.kernel.errors import nearest
from modelwright.registry.schema import accepted_columns

__all__ = ["RowChecker", "RowFault"]

LONGEST_TEXT = 10_000
"""Characters of one value; longer is an attack or an accident."""

LONGEST_NAME = 60
"""Characters of a column's name that are shown, and compared with known names."""

LARGEST = 1.7976931348623157e308
"""The largest finite number; what is larger, or not a number, has no place between."""

KINDS: Mapping[type, str] = {
    str: "text",
    bool: "a boolean",
    int: "a number",
    float: "a number",
    list: "a list",
    dict: "an object",
}
"""Values as a client would call them."""

NEAR_MATCHES = 20
"""Faults of one request that get a near match; looking for it is the dearest part of a refusal."""

Check = Callable[[object], str | None]
"""Looks at one value: None when it fits, else what is wrong."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RowFault:
    """One thing that is wrong with one row.

    Examples:
        >>> str(RowFault(row=0, column="age", what="is missing", next_step="send null if it is not known"))
        'row 0, age: is missing; send null if it is not known'
    """

    row: int
    """Place of the row, from 0."""
    column: str
    """The column; empty when it is about the whole row."""
    what: str
    """What is wrong."""
    next_step: str = ""
    """What to do."""

    def __str__(self) -> str:
        """Render as one line."""
        place = f"row {self.row}" + (f", {self.column}" if self.column else "")
        return f"{place}: {self.what}" + (f"; {self.next_step}" if self.next_step else "")


def _shown(value: object, column: Column) -> str:
    """Show a value, unless it is personal."""
    if column.pii != "none" or column.keep_out:
        return "the value"
    text = repr(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _kind(value: object) -> str:
    names = {
        str: "text",
        bool: "a boolean",
        int: "a number",
        float: "a number",
        list: "a list",
        dict: "an object",
    }
    return names.get(type(value), type(value).__name__)


def _number_check(column: Column) -> Check:
    low, high = column.range or (None, None)
    least = -LARGEST if low is None else low
    most = LARGEST if high is None else high
    numbers = {number for code in column.missing_codes if (number := number_of(code)) == number}
    words = {label_of(code) for code in column.missing_codes} | {label_of(old) for old in column.replace}
    whole = column.type == "integer"
    nulls = column.nulls
    ends = [f"{end:g}" if end is not None else "any number" for end in (low, high)]
    allowed = f"allowed is {ends[0]} to {ends[1]}"

    def check(value: object) -> str | None:
        if type(value) is int or type(value) is float:
            if least <= value <= most and (not whole or value == value // 1):
                return None
            if value in numbers:
                return None
            if type(value) is float and not math.isfinite(value):
                return "is not a finite number"
            if least <= value <= most:
                return f"{_shown(value, column)} is not a whole number"
            return f"{_shown(value, column)} is out of range, {allowed}"
        if value is None:
            return None if nulls else "must not be null"
        if isinstance(value, str) and value.strip() in words:
            return None
        return f"{_kind(value)} where a number belongs"

    return check


def _flag_check(column: Column) -> Check:
    words = {label_of(code) for code in column.missing_codes} | {label_of(old) for old in column.replace}

    def check(value: object) -> str | None:
        if value is True or value is False:
            return None
        if value is None:
            return None if column.nulls else "must not be null"
        if isinstance(value, str | int | float) and (
            label_of(value) in words or not math.isnan(flag_of(value))
        ):
            return None
        return f"{_kind(value)} where true or false belongs"

    return check


def closed_labels(column: Column) -> frozenset[str]:
    """Return every spelling a closed column accepts."""
    listed = (*(column.categories or ()), *column.missing_codes, *column.replace)
    return frozenset(label for value in listed if (label := label_of(value)) is not None)


def _text_check(column: Column) -> Check:
    closed = None if column.categories is None else closed_labels(column)

    def check(value: object) -> str | None:
        if value is None:
            return None if column.nulls else "must not be null"
        if not isinstance(value, str | int | float):
            return f"{_kind(value)} where text belongs"
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            return f"{len(value)} characters, at most {LONGEST_TEXT} are read"
        label = label_of(value)
        if label is None:
            return None if column.nulls else "must not be blank"
        if closed is None or label in closed:
            return None
        return f"{_shown(value, column)} is not one of the {len(closed)} values of the contract"

    return check


def _moment_check(column: Column) -> Check:
    words = {label_of(code) for code in column.missing_codes}

    def check(value: object) -> str | None:
        if value is None:
            return None if column.nulls else "must not be null"
        if isinstance(value, str) and (moment_of(value) is not None or value.strip() in words):
            return None
        return "is not a date or moment in ISO 8601, such as 2026-01-31T12:00:00Z"

    return check


def _check_of(column: Column) -> Check:
    if column.type in {"number", "integer"}:
        return _number_check(column)
    if column.type == "boolean":
        return _flag_check(column)
    return _moment_check(column) if column.type == "datetime" else _text_check(column)


def _row_of(fault: RowFault) -> int:
    return fault.row


def _ages(contract: Contract) -> Mapping[str, tuple[str, ...]]:
    """Return how old moments of a row may be, by column.

    Features are left out: rows of the past are asked again, for certificates and rehearsals, and bring the
    features they had.
    """
    data = contract.data
    found: dict[str, tuple[str, ...]] = {}
    for name, column in data.columns.items():
        own = column.freshness if column.type == "datetime" and "freshness" not in column.warn else ""
        whole = data.freshness if name == data.event_time else ""
        limits = tuple(limit for limit in (own, whole) if limit)
        if limits and column.role != "feature":
            found[name] = limits
    return found


class RowChecker:
    """Checks rows of one contract for one plan.

    Args:
        contract: What each column may hold.
        plan: The columns that must be there.
        clock: Tells how old a row is, where the contract limits that; None leaves it unlooked at.

    Examples:
        >>> RowChecker.__name__
        'RowChecker'
    """

    def __init__(self, contract: Contract, plan: FeaturePlan, *, clock: Clock | None) -> None:
        """Compile one check a column."""
        columns = contract.data.columns
        accepted = accepted_columns(contract)
        self._known = set(accepted)
        self._columns = columns
        self._required = [(name, _check_of(columns[name])) for name in plan.columns]
        self._more = {name: _check_of(columns[name]) for name in accepted if name not in set(plan.columns)}
        self._promises = RowPromises(contract, accepted)
        self.reads = self._promises.reads
        """Columns that conditions and patterns look at."""
        self._clock = clock
        self._ages = {name: limits for name, limits in _ages(contract).items() if name in self._known}
        self.aging = tuple(self._ages) if clock is not None else ()
        """Columns whose moments may be too old."""

    def faults(self, rows: Sequence[object]) -> list[RowFault]:
        """Return every fault of every row; none for rows that fit."""
        found: list[RowFault] = []
        for index, row in enumerate(rows):
            if not isinstance(row, Mapping):
                cure = "send each row as an object of column names and values"
                found.append(RowFault(row=index, column="", what=f"is {_kind(row)}", next_step=cure))
                continue
            seen = 0
            for name, check in self._required:
                if name in row:
                    seen += 1
                    told = check(row[name])
                    if told is not None:
                        found.append(self._fault(index, name, told, row[name], len(found)))
                else:
                    cure = "send null when its value is not known"
                    found.append(RowFault(row=index, column=name, what="is missing", next_step=cure))
            if seen != len(row):
                self._beyond(index, row, found)
        return self._with_promises(rows, found) if self.reads else found

    def _with_promises(self, rows: Sequence[object], found: list[RowFault]) -> list[RowFault]:
        """Add what whole rows break; what is said of a column already is not said twice."""
        told = {(fault.row, fault.column) for fault in found}
        more = [
            self._broken(broken, rows[broken.row])
            for broken in self._promises.broken(rows)
            if not any((broken.row, name) in told for name in broken.columns)
        ]
        return sorted([*found, *more], key=_row_of)

    def _broken(self, broken: BrokenPromise, row: object) -> RowFault:
        if broken.check == "condition":
            return RowFault(row=broken.row, column="", what=f"breaks the condition {broken.text}")
        (name,) = broken.columns
        value = row[name] if isinstance(row, Mapping) else None
        what = f"{_shown(value, self._columns[name])} does not match the pattern {broken.text}"
        return RowFault(row=broken.row, column=name, what=what)

    def breaking(self, frame: pl.DataFrame) -> pl.Series:
        """Return which rows of a table break a pattern or a condition that its columns can answer."""
        return self._promises.breaking(frame)

    def _fault(self, index: int, name: str, told: str, value: object, before: int) -> RowFault:
        column = self._columns[name]
        cure = f"send it in {column.unit}" if column.unit and "range" in told else ""
        short = isinstance(value, str) and len(value) <= LONGEST_NAME
        if column.categories is not None and short and before < NEAR_MATCHES and column.pii == "none":
            close = nearest(str(value), sorted(closed_labels(column)))
            cure = f"did you mean {close!r}?" if close else ""
        return RowFault(row=index, column=name, what=told, next_step=cure)

    def _beyond(self, index: int, row: Mapping[str, object], found: list[RowFault]) -> None:
        """Look at columns the model does not read: allowed ones must fit too, others are refused."""
        required = {name for name, _ in self._required}
        for name, value in row.items():
            if name in required:
                continue
            check = self._more.get(name)
            if check is None:
                found.append(self._unknown(index, name, row, len(found)))
                continue
            told = check(value)
            if told is None and name in self._ages:
                told = self._stale(name, value)
            if told is not None:
                found.append(self._fault(index, name, told, value, len(found)))

    def _stale(self, name: str, value: object) -> str | None:
        moment = moment_of(value)
        if moment is None or self._clock is None:
            return None
        age = self._clock.now() - moment.replace(tzinfo=UTC)
        for limit in self._ages[name]:
            if age > parse_duration(limit):
                return f"is older than {limit}: its features may be stale"
        return None

    def _unknown(self, index: int, name: str, row: Mapping[str, object], before: int) -> RowFault:
        column = self._columns.get(name)
        shown = name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "…"
        if column is not None:
            why = {
                "target": "is what is predicted",
                "excluded": "is excluded by the contract",
            }.get(column.role, "is known only after the outcome")
            return RowFault(row=index, column=shown, what=why, next_step="leave it out")
        close = None
        if len(name) <= LONGEST_NAME and before < NEAR_MATCHES:
            close = nearest(name, [other for other in self._known if other not in row])
        cure = f"did you mean {close!r}?" if close else "leave it out"
        return RowFault(row=index, column=shown, what="is not a column of the contract", next_step=cure)
