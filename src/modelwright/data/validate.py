"""Validation: every promise of the data contract checked in one pass over the table."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.contracts.data import Column
from modelwright.data.snapshot import ROW_ID
from modelwright.kernel.document import Callout, Document, Facts, Table
from modelwright.kernel.outcome import Outcome, Status

__all__ = ["CheckResult", "Validation", "validate"]

SAMPLE = 5
"""Keys of failing rows that are kept per check."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckResult:
    """One promise and whether it is kept.

    Examples:
        >>> CheckResult(check="nulls", column="age", status=Status.PASSED, failing=0, share=0.0).sample_keys
        ()
    """

    check: str
    """Which promise: `present`, `type`, `nulls`, `range`, `categories` or `key`."""
    column: str
    """The column, or the key's columns joined by a plus."""
    status: Status
    """Passed, failed, or unknown when it could not be looked at."""
    failing: int
    """Rows that break it."""
    share: float
    """Their share of all rows."""
    sample_keys: tuple[str, ...] = ()
    """Row ids of the first failing rows; never their values."""
    expected: str = ""
    """What the contract says."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Validation:
    """What came of checking a table.

    Examples:
        >>> outcome = Outcome(status=Status.PASSED, what="data contract")
        >>> Validation(rows=2, checks=(), issue_rate=0.0, outcome=outcome).rows
        2
    """

    rows: int
    """Rows looked at."""
    checks: tuple[CheckResult, ...]
    """Every check, passed ones too."""
    issue_rate: float
    """Share of rows that break at least one promise."""
    outcome: Outcome
    """Passed only when every check passed."""

    def document(self) -> Document:
        """Render the result for people, what failed first."""
        ordered = sorted(self.checks, key=lambda item: (item.status is Status.PASSED, item.column))
        rows = tuple(
            (
                item.check,
                item.column,
                item.status.value,
                f"{item.failing:,}",
                f"{item.share:.2%}",
                item.expected,
            )
            for item in ordered
        )
        facts = Facts(
            items=(
                ("Rows", f"{self.rows:,}"),
                ("Checks", f"{len(self.checks):,}"),
                ("Rows with an issue", f"{self.issue_rate:.3%}"),
            )
        )
        told = "every check passed" if self.outcome.allows else "; ".join(self.outcome.evidence)
        table = Table(columns=("check", "column", "status", "rows", "share", "expected"), rows=rows)
        return Document(
            title="Data validation", blocks=(Callout(tone=self.outcome.status.value, text=told), facts, table)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Check:
    check: str
    """The promise."""
    column: str
    """What it is about."""
    expected: str
    """What the contract says."""
    failing: pl.Expr
    """True where a row breaks it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Found:
    failing: tuple[int, ...]
    """Rows that break each check."""
    keys: tuple[Sequence[int], ...]
    """Row ids of the first of them."""
    rows: int
    """Rows that break any check."""


TYPES = {
    "boolean": (pl.Boolean,),
    "category": (pl.String,),
    "text": (pl.String,),
    "datetime": (pl.Datetime, pl.Date),
}


def _fits(dtype: pl.DataType, kind: str) -> bool:
    if kind == "integer":
        return dtype.is_integer()
    if kind == "number":
        return dtype.is_numeric()
    return isinstance(dtype, TYPES[kind])


def _checks_of(name: str, column: Column) -> Iterator[_Check]:
    value = pl.col(name)
    if not column.nulls:
        yield _Check(check="nulls", column=name, expected="never empty", failing=value.is_null())
    if column.range is not None and column.type in {"number", "integer"}:
        low, high = column.range
        below = value < low if low is not None else pl.lit(value=False)
        above = value > high if high is not None else pl.lit(value=False)
        told = f"from {'any' if low is None else f'{low:g}'} to {'any' if high is None else f'{high:g}'}"
        outside = (below | above | value.is_nan()) if column.type == "number" else (below | above)
        yield _Check(check="range", column=name, expected=told, failing=outside.fill_null(value=False))
    if column.categories is not None and column.type in {"category", "text"}:
        told = ", ".join(column.categories[:6]) + (", ..." if len(column.categories) > 6 else "")
        strange = value.is_not_null() & ~value.is_in(list(column.categories))
        yield _Check(check="categories", column=name, expected=told, failing=strange)


def _structure(frame: pl.DataFrame, contract: Contract) -> Iterator[CheckResult]:
    """Check presence and type, which need no look at the rows."""
    for name, column in contract.data.columns.items():
        if column.role == "excluded":
            continue
        there = name in frame.columns
        yield CheckResult(
            check="present",
            column=name,
            status=Status.PASSED if there else Status.FAILED,
            failing=0 if there else frame.height,
            share=0.0 if there else 1.0,
            expected="in the table",
        )
        if there:
            fits = _fits(frame[name].dtype, column.type)
            yield CheckResult(
                check="type",
                column=name,
                status=Status.PASSED if fits else Status.FAILED,
                failing=0 if fits else frame.height,
                share=0.0 if fits else 1.0,
                expected=f"{column.type}, found {frame[name].dtype}",
            )


def _planned(frame: pl.DataFrame, contract: Contract) -> list[_Check]:
    planned = [
        check
        for name, column in contract.data.columns.items()
        if name in frame.columns and column.role != "excluded" and _fits(frame[name].dtype, column.type)
        for check in _checks_of(name, column)
    ]
    key = [name for name in contract.data.primary_key if name in frame.columns]
    if key and len(key) == len(contract.data.primary_key):
        repeated = pl.struct(key).is_duplicated()
        planned.append(_Check(check="key", column="+".join(key), expected="one row a key", failing=repeated))
    return planned


def validate(frame: pl.DataFrame, contract: Contract) -> Validation:
    """Check a table against every promise of its data contract, in one lazy query.

    Args:
        frame: The table as `read_sources` gives it, or new rows of the same shape.
        contract: The promises.

    Returns:
        Every check with the number of failing rows and a few of their row ids; an empty table is unknown.

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
        ...         "prediction": {"task": "binary", "target": "y", "positive": "yes"},
        ...         "data": {
        ...             "sources": [{"path": "a.csv"}],
        ...             "columns": {
        ...                 "age": {"type": "integer", "range": [0, 120]},
        ...                 "y": {"type": "category", "role": "target"},
        ...             },
        ...         },
        ...         "evaluation": {"primary": "roc_auc"},
        ...     }
        ... )
        >>> checked = validate(pl.DataFrame({"age": [31, 200], "y": ["no", "yes"]}), contract)
        >>> [(item.column, item.failing, item.sample_keys) for item in checked.checks if item.failing]
        [('age', 1, ('1',))]
    """
    rows = frame.height
    what = "data contract"
    if rows == 0:
        nothing = Outcome(status=Status.UNKNOWN, what=what, evidence=("the table has no rows",))
        return Validation(rows=0, checks=(), issue_rate=0.0, outcome=nothing)
    numbered = frame if ROW_ID in frame.columns else frame.with_row_index(ROW_ID)
    planned = _planned(frame, contract)
    structure = tuple(_structure(frame, contract))
    found = _found(numbered, planned)
    content = tuple(
        CheckResult(
            check=check.check,
            column=check.column,
            status=Status.FAILED if failing else Status.PASSED,
            failing=failing,
            share=failing / rows,
            sample_keys=tuple(map(str, keys)),
            expected=check.expected,
        )
        for check, failing, keys in zip(planned, found.failing, found.keys, strict=True)
    )
    checks = (*structure, *content)
    broken = [item for item in checks if item.status is not Status.PASSED]
    whole = any(item.check in {"present", "type"} for item in broken)
    return Validation(
        rows=rows,
        checks=checks,
        issue_rate=1.0 if whole else found.rows / rows,
        outcome=Outcome(
            status=Status.FAILED if broken else Status.PASSED,
            what=what,
            evidence=tuple(map(_told, broken[:20])) or (f"{len(checks)} checks passed on {rows:,} rows",),
            next_step="correct the source, or amend the contract when the new values are right"
            if broken
            else "",
        ),
    )


def _told(item: CheckResult) -> str:
    return f"{item.column}: {item.check} broken in {item.failing:,} rows (expected {item.expected})"


def _found(numbered: pl.DataFrame, planned: Sequence[_Check]) -> _Found:
    """Look at every row once."""
    named = {f"mark {index}": check.failing for index, check in enumerate(planned)}
    # What was seen of each row is kept as one bit a check: all that follows reads the bits, not the table.
    marked = numbered.lazy().select(ROW_ID, **named).collect()
    keys = [pl.col(ROW_ID).filter(pl.col(mark)).head(SAMPLE).implode().alias(mark) for mark in named]
    anything = pl.any_horizontal(list(named)) if named else pl.lit(value=False)
    return _Found(
        failing=marked.select(pl.col(mark).sum() for mark in named).row(0) if named else (),
        keys=marked.lazy().select(keys).collect().row(0) if named else (),
        rows=int(marked.select(anything.sum()).item()),
    )
