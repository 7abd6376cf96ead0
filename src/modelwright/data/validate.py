"""Validation: every promise of the data contract checked in one pass over the table."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import polars as pl
import polars.selectors as cs

from modelwright.contracts.contract import Contract
from modelwright.contracts.duration import format_duration, parse_duration
from modelwright.data.expression import Vocabulary, compile_term
from modelwright.data.promise import Plan, TablePromise, fits, plan
from modelwright.data.snapshot import ROW_ID
from modelwright.data.stream import row_by_row
from modelwright.data.validation import CheckResult, Validation
from modelwright.kernel.errors import DataInvalid
from modelwright.kernel.outcome import Outcome, Status

__all__ = ["validate"]

SAMPLE = 5
"""Keys of failing rows that are kept per check."""

MASK = "***"
"""What stands for a personal value."""

WHAT = "data contract"
"""What the outcome is about."""

BATCH = " batch"
"""The column that names the delivery of a row, beside the marks of what it breaks."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Seen:
    """What the query gave back."""

    rows: int
    """Rows of the table."""
    broken: pl.DataFrame
    """One row for each row that breaks anything: its id, its delivery, and a mark a promise."""
    looks: pl.DataFrame
    """What was seen of the table as a whole, in one row."""
    batches: int
    """Deliveries."""


def _structure(schema: Mapping[str, pl.DataType], contract: Contract, rows: int) -> Iterator[CheckResult]:
    """Check presence and type, which need no look at the rows."""
    for name, column in contract.data.columns.items():
        if column.role == "excluded":
            continue
        there = name in schema
        told = {"present": (there, "in the table")}
        if there:
            expected = f"{column.type}, found {schema[name]}"
            told["type"] = (fits(schema[name], column.type), expected)
        for check, (kept, expected) in told.items():
            yield CheckResult(
                check=check,
                column=name,
                status=Status.PASSED if kept else Status.FAILED,
                failing=0 if kept else rows,
                share=0.0 if kept else 1.0,
                expected=expected,
            )


def _batch(contract: Contract, schema: Mapping[str, pl.DataType]) -> pl.Expr:
    """Return what tells the deliveries apart."""
    data = contract.data
    if data.batch in schema:
        return pl.col(data.batch)
    if data.batch and data.event_time and data.event_time in schema and schema[data.event_time].is_temporal():
        moments = pl.col(data.event_time).cast(pl.Datetime("us"))
        return moments.dt.truncate(parse_duration(data.batch))
    return pl.lit(0, dtype=pl.Int8)


def _look(
    table: pl.LazyFrame, made: Plan, batch: pl.Expr, *, failing: Sequence[pl.Expr], streaming: bool
) -> _Seen:
    """Look at every row once: what each row breaks, and what the table is as a whole."""
    marks = {f"mark {index}": value for index, value in enumerate(failing)}
    looks = {look: value for promise in made.table for look, value in promise.looks.items()}
    any_broken = pl.any_horizontal(list(marks)) if marks else pl.lit(value=False)
    # Rows that break nothing are dropped at once: what is kept grows with the faults, not with the table.
    rows = table.select(ROW_ID, batch.alias(BATCH), **marks).filter(any_broken)
    whole = table.select(
        pl.len().alias(" rows"),
        batch.n_unique().alias(" batches"),
        *(value.alias(look) for look, value in looks.items()),
    )
    if streaming:  # one after the other: side by side, each column is held until both have used it
        broken, seen = rows.collect(engine="streaming"), whole.collect(engine="streaming")
    else:
        broken, seen = pl.collect_all([rows, whole])
    return _Seen(
        rows=seen.item(0, " rows"),
        batches=seen.item(0, " batches"),
        broken=broken,
        looks=seen.with_columns(cs.float().fill_nan(None)),
    )


def _samples(table: pl.LazyFrame, contract: Contract, keys: Sequence[int]) -> Mapping[int, str]:
    """Return the primary keys of rows, personal columns masked; nothing when the contract names no key."""
    names = [name for name in contract.data.primary_key if name in table.collect_schema()]
    if not names or not keys:
        return {}
    columns = contract.data.columns
    masked = {name for name in names if columns[name].keep_out or columns[name].pii != "none"}
    wanted = pl.col(ROW_ID).is_in(list(keys))
    found = table.select(ROW_ID, *names).filter(wanted).collect(engine="streaming")
    return {
        row[ROW_ID]: ", ".join(f"{name}={MASK if name in masked else row[name]}" for name in names)
        for row in found.iter_rows(named=True)
    }


def _rows_results(table: pl.LazyFrame, made: Plan, seen: _Seen, contract: Contract) -> list[CheckResult]:
    marks = [f"mark {index}" for index in range(len(made.rows))]
    if not marks:
        return []
    counts = seen.broken.select(pl.col(mark).sum() for mark in marks).row(0)
    first = [pl.col(ROW_ID).filter(pl.col(mark)).head(SAMPLE).implode().alias(mark) for mark in marks]
    keys: tuple[list[int], ...] = seen.broken.lazy().select(first).collect().row(0)
    samples = _samples(table, contract, sorted({key for listed in keys for key in listed}))
    return [
        CheckResult(
            check=promise.check,
            column=promise.column,
            status=Status.FAILED if count else Status.PASSED,
            failing=count,
            share=count / seen.rows,
            sample_keys=tuple(map(str, listed)),
            sample=tuple(samples[key] for key in listed if key in samples),
            expected=promise.expected,
            severity=promise.severity,
        )
        for promise, count, listed in zip(made.rows, counts, keys, strict=True)
    ]


def _number(value: object) -> str:
    if isinstance(value, float):
        return f"{value:.6g}"
    return "nothing" if value is None else f"{value:,}" if isinstance(value, int) else str(value)


def _whole(promise: TablePromise, seen: _Seen, at: datetime | None, contract: Contract) -> CheckResult:
    """Judge a promise of the table as a whole by what was seen of it."""
    columns = contract.data.columns
    named = [promise.column] if promise.term is None else promise.term.columns()
    masked = any(columns[name].keep_out or columns[name].pii == "direct" for name in named)
    told = ", ".join(
        f"{look} = {MASK if masked else _number(seen.looks.item(0, look))}" for look in promise.looks
    )
    kept: object = None
    if promise.age is not None:
        newest = seen.looks.item(0, next(iter(promise.looks)))
        if at is None:
            told = "nobody said when the data was looked at"
        elif isinstance(newest, datetime):
            age = at.astimezone(UTC).replace(tzinfo=None) - newest
            future = age < timedelta(0)
            told = f"newest moment {format_duration(abs(age))} {'in the future' if future else 'old'}"
            kept = not future and age <= promise.age
    elif promise.term is not None:
        looked = {look: pl.col(look) for look in promise.looks}
        condition = compile_term(promise.term, Vocabulary(schema={}, looked=looked))
        kept = seen.looks.select(condition).item()
    status = Status.UNKNOWN if kept is None else Status.PASSED if kept else Status.FAILED
    return CheckResult(
        check=promise.check,
        column=promise.column,
        status=status,
        failing=0,
        share=0.0,
        expected=promise.expected,
        found=told,
        severity=promise.severity,
    )


def validate(
    table: pl.DataFrame | pl.LazyFrame,
    contract: Contract,
    *,
    at: datetime | None = None,
    references: Mapping[str, pl.Series] | None = None,
) -> Validation:
    """Check a table against every promise of its data contract, in one lazy query.

    Args:
        table: The table as `read_sources` gives it, or new rows of the same shape; a lazy one, such as
            `pl.scan_parquet(...)`, is streamed and may be larger than memory.
        contract: The promises.
        at: The moment at which freshness is judged; without it freshness is unknown.
        references: Values that `refers` looks up, by `table.column`, as `read_references` gives them.

    Raises:
        DataInvalid: When a lazy table cannot be read to its end: a file is cut short, or gone.

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
        ...             "checks": ["row_count >= 2"],
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
    streaming = isinstance(table, pl.LazyFrame)
    lazy = table.lazy()
    try:
        schema = dict(lazy.collect_schema())
        numbered = lazy if ROW_ID in schema else lazy.with_row_index(ROW_ID)
        made = plan(schema, contract, references=references)
        failing = [promise.failing for promise in made.rows]
        if streaming:
            failing = row_by_row(made.rows, numbered, schema, references=references)
        batch = _batch(contract, schema)
        seen = _look(numbered, made, batch, failing=failing, streaming=streaming)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataInvalid(
            "the table cannot be read to its end",
            why="a table that was read in part was not checked",
            next_step="check that the files are whole and not being written, and run again",
            found=str(error).splitlines()[0],
        ) from error
    if seen.rows == 0:
        nothing = Outcome(status=Status.UNKNOWN, what=WHAT, evidence=("the table has no rows",))
        return Validation(rows=0, checks=(), issue_rate=0.0, batches=0, batch_pass_rate=0.0, outcome=nothing)
    checks = (
        *_structure(schema, contract, seen.rows),
        *_rows_results(numbered, made, seen, contract),
        *(_whole(promise, seen, at, contract) for promise in made.table),
        *(
            CheckResult(
                check=item.check,
                column=item.column,
                status=Status.UNKNOWN,
                failing=0,
                share=0.0,
                found=item.why,
                severity=item.severity,
            )
            for item in made.unseen
        ),
    )
    return _validation(checks, made, seen)


def _validation(checks: tuple[CheckResult, ...], made: Plan, seen: _Seen) -> Validation:
    """Count rows and deliveries, and judge the whole."""
    stopping = [item for item in checks if item.severity == "error" and item.status is not Status.PASSED]
    warned = [item for item in checks if item.severity == "warning" and item.status is not Status.PASSED]
    misshapen = any(item.check in {"present", "type"} for item in stopping)
    errors = [f"mark {index}" for index, promise in enumerate(made.rows) if promise.severity == "error"]
    bad = seen.broken.filter(pl.any_horizontal(errors))[BATCH].n_unique() if errors else 0
    whole = any(not item.failing for item in stopping)
    if misshapen or (whole and seen.batches == 1):
        bad = seen.batches
    failed = any(item.status is Status.FAILED for item in stopping)
    status = Status.FAILED if failed else Status.UNKNOWN if stopping else Status.PASSED
    passed = f"{len(checks) - len(warned)} checks passed on {seen.rows:,} rows"
    return Validation(
        rows=seen.rows,
        checks=checks,
        issue_rate=1.0 if misshapen else seen.broken.height / seen.rows,
        batches=seen.batches,
        batch_pass_rate=1 - bad / seen.batches,
        outcome=Outcome(
            status=status,
            what=WHAT,
            evidence=(
                *([f"{item.column}: {item.told}" for item in stopping[:20]] or [passed]),
                *(f"warning: {item.column}: {item.told}" for item in warned[:20]),
            ),
            next_step="correct the source, or amend the contract when the new values are right"
            if stopping
            else "",
        ),
    )
