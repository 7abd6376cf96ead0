"""Schema drift: files of one source that do not agree on columns, types or time zones."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from modelwright.kernel.errors import Fault, nearest

__all__ = ["Batch", "Stacked", "formula_cells", "stack"]

MOST_NAMED = 3
"""Files named for one fault; the others are counted."""

FORMULA = r"^[=@\t\r]|^[+-][^\d\s.,+-]"
"""How a text begins that a spreadsheet would run as a formula; a sign before a digit makes a number."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Batch:
    """One file of a source, as it was read.

    Examples:
        >>> Batch(name="part-1.csv", frame=pl.DataFrame({"a": [1]}), zoned={}).frame.height
        1
    """

    name: str
    """What messages call the file."""
    frame: pl.DataFrame
    """Its table, of plain types."""
    zoned: Mapping[str, bool]
    """For each column of moments, whether the file says in which time zone."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Stacked:
    """The files of a source as one table.

    Examples:
        >>> stack([Batch(name="a.csv", frame=pl.DataFrame({"a": [1]}), zoned={})]).faults
        ()
    """

    frame: pl.DataFrame
    """All rows, in the order of the files; without rows when the files do not agree."""
    faults: tuple[Fault, ...] = ()
    """What does not agree."""
    notes: tuple[str, ...] = ()
    """What was brought together on the way."""


def _named(names: Sequence[str]) -> str:
    more = len(names) - MOST_NAMED
    return ", ".join(names[:MOST_NAMED]) + (f" and {more:,} more" if more > 0 else "")


def _column_faults(batches: Sequence[Batch], names: Sequence[str]) -> list[Fault]:
    faults = []
    for name in names:
        lacking = [batch.name for batch in batches if name not in batch.frame.columns]
        if lacking:
            others = next(batch for batch in batches if batch.name == lacking[0]).frame.columns
            close = nearest(name, [other for other in others if other not in batches[0].frame.columns])
            cure = f"is it '{close}' there?" if close else "write the files again with the same columns"
            holding = len(batches) - len(lacking)
            told = f"is in {holding:,} of {len(batches):,} files, not in {_named(lacking)}"
            faults.append(Fault(f"column {name}", told, next_step=cure))
    return faults


def _zone_faults(batches: Sequence[Batch], names: Sequence[str]) -> list[Fault]:
    faults = []
    for name in names:
        zoned = [batch.name for batch in batches if batch.zoned.get(name) is True]
        bare = [batch.name for batch in batches if batch.zoned.get(name) is False]
        if zoned and bare:
            told = f"moments have a time zone in {_named(zoned)} and none in {_named(bare)}"
            cure = "write all of them in UTC with a time zone"
            faults.append(Fault(f"column {name}", told, next_step=cure))
    return faults


def _one_type(name: str, batches: Sequence[Batch]) -> tuple[pl.DataType, str]:
    """Return the type that holds the values of all files, and what to tell about it."""
    types: dict[str, list[str]] = {}
    found: dict[str, pl.DataType] = {}
    for batch in batches:
        dtype = batch.frame.schema[name]
        if dtype != pl.Null and batch.frame[name].null_count() < batch.frame.height:
            types.setdefault(str(dtype), []).append(batch.name)
            found[str(dtype)] = dtype
    if len(found) <= 1:
        return next(iter(found.values()), pl.String()), ""
    kinds = list(found.values())
    if all(kind.is_numeric() for kind in kinds):
        wider = pl.concat([pl.DataFrame(schema={name: kind}) for kind in kinds], how="vertical_relaxed")
        return wider.schema[name], ""
    if all(isinstance(kind, pl.Date | pl.Datetime) for kind in kinds):
        return pl.Datetime("us"), ""
    told = "; ".join(f"{kind} in {_named(names)}" for kind, names in types.items())
    return pl.String(), f"column {name}: the type changes between files ({told}); read as text"


def stack(batches: Sequence[Batch], *, ignored: Collection[str] = ()) -> Stacked:
    """Return the files of a source as one table, or everything they do not agree on.

    Numbers of different width become the wider, dates and moments become moments, anything else that changes
    its type becomes text, with a note, and is then read as the contract says.

    Args:
        batches: The files; at least one.
        ignored: Columns that are left out and need not agree.

    Examples:
        >>> parts = [
        ...     Batch(name=f"{name}.csv", frame=pl.DataFrame({name: [1]}), zoned={})
        ...     for name in ("age", "aeg")
        ... ]
        >>> print(stack(parts).faults[0])
        column age: is in 1 of 2 files, not in aeg.csv; is it 'aeg' there?
    """
    names = [
        name
        for name in dict.fromkeys(name for batch in batches for name in batch.frame.columns)
        if name not in ignored
    ]
    faults = _column_faults(batches, names) + _zone_faults(batches, names)
    if faults:
        return Stacked(frame=batches[0].frame.clear(), faults=tuple(faults))
    if len(batches) == 1:
        return Stacked(frame=batches[0].frame.select(names))
    types = {name: _one_type(name, batches) for name in names}
    casts = [pl.col(name).cast(dtype) for name, (dtype, _) in types.items()]
    frame = pl.concat([batch.frame.select(casts) for batch in batches])
    return Stacked(frame=frame, notes=tuple(note for _, note in types.values() if note))


def formula_cells(frame: pl.DataFrame) -> tuple[str, ...]:
    """Tell which text columns hold cells that a spreadsheet would run; they stay text here.

    Opening an export in a spreadsheet runs them (CWE-1236, improper neutralisation of formula elements).

    Examples:
        >>> formula_cells(pl.DataFrame({"note": ["=cmd()", "-5", "fine"]}))
        ('column note: 1 cell begins like a spreadsheet formula; kept as text',)
    """
    texts = [name for name, dtype in frame.schema.items() if dtype == pl.String]
    if not texts or not frame.height:
        return ()
    counts = frame.select(pl.col(texts).str.contains(FORMULA).sum()).row(0)
    return tuple(
        f"column {name}: {count:,} cell{'s begin' if count > 1 else ' begins'} like a spreadsheet formula; "
        "kept as text"
        for name, count in zip(texts, counts, strict=True)
        if count
    )
