"""The page of a profile: distributions, missingness, associations, outliers, drift, roles, personal data."""

from collections.abc import Sequence

from modelwright.data.association import Association
from modelwright.data.column_profile import ColumnProfile
from modelwright.data.profile_figure import distributions, heatmap, trends
from modelwright.kernel.document import Block, Callout, Facts, Figure, Heading, Table, Text

__all__ = ["MOVED", "profile_blocks"]

MOVED = 0.1
"""An index of stability from which a column is shown to have moved."""
STRONG = 0.3
"""An association from which a pair is listed."""
MOST_PAIRS = 20
MOST_TRENDS = 12


def _share(part: int, whole: int) -> str:
    return f"{part:,} ({part / max(whole, 1):.2%})"


def _row(column: ColumnProfile) -> tuple[str, ...]:
    reach = f"{column.minimum:g} to {column.maximum:g}" if column.minimum is not None else ""
    top = ", ".join(f"{value} ({count:,})" for value, count in column.top[:3])
    return (
        column.name,
        column.kind,
        column.suspected_role,
        f"{column.nulls / max(column.rows, 1):.1%}" if column.nulls else "",
        f"{column.unique:,}",
        reach,
        f"{column.mean:.4g}" if column.mean is not None else "",
        f"{column.outliers:,}" if column.outliers else "",
        top,
    )


def _personal(columns: Sequence[ColumnProfile]) -> list[Block]:
    rows = tuple(
        (column.name, item.kind, item.privacy, f"{item.share:.1%}" if item.share else "", item.reason)
        for column in columns
        for item in column.personal
    )
    if not rows:
        return []
    table = Table(columns=("column", "seems to hold", "class", "share", "because"), rows=rows)
    told = "Values of columns that identify somebody are shown nowhere in this report."
    return [Heading(text="Personal data and secrets"), Text(text=told), table]


def _together(found: Sequence[Association], title: str) -> list[Block]:
    if not found:
        return []
    rows = tuple((item.first, item.second, item.measure, f"{item.value:+.2f}") for item in found[:MOST_PAIRS])
    table = Table(columns=("column", "with", "measure", "strength"), rows=rows)
    return [Heading(text=title), table]


def _drift(columns: Sequence[ColumnProfile], time: str | None) -> list[Block]:
    moved = sorted(
        (column for column in columns if column.drift is not None and column.drift >= MOVED),
        key=lambda column: -(column.drift or 0.0),
    )
    if time is None:
        return []
    told = f"Rows are ordered by {time}; the last quarter of them is held against the first."
    if not moved:
        return [Heading(text="Drift over time"), Text(text=f"{told} No column moved.")]
    picture = Figure(
        svg=trends(moved[:MOST_TRENDS]),
        caption="Averages of eight periods, for the columns that moved most: "
        + ", ".join(f"{column.name} ({column.drift:.2f})" for column in moved[:MOST_TRENDS]),
    )
    return [Heading(text="Drift over time"), Text(text=told), picture]


def profile_blocks(
    columns: Sequence[ColumnProfile],
    *,
    rows: int,
    duplicate_rows: int,
    complete_rows: int,
    pairs: Sequence[Association],
    missing: Sequence[Association],
    time: str | None,
) -> tuple[Block, ...]:
    """Lay out what a table holds.

    Args:
        columns: The columns.
        rows: Rows of the table.
        duplicate_rows: Rows equal to an earlier one.
        complete_rows: Rows without an empty cell.
        pairs: Associations of columns, the strongest first.
        missing: Columns that are missing together.
        time: The column that orders rows.

    Examples:
        >>> made = profile_blocks(
        ...     (), rows=0, duplicate_rows=0, complete_rows=0, pairs=(), missing=(), time=None
        ... )
        >>> made[0].items[0]
        ('Rows', '0')
    """
    facts = Facts(
        items=(
            ("Rows", f"{rows:,}"),
            ("Columns", f"{len(columns):,}"),
            ("Repeated rows", _share(duplicate_rows, rows)),
            ("Rows without an empty cell", _share(complete_rows, rows)),
            ("Empty cells", f"{sum(column.nulls for column in columns):,}"),
        )
    )
    heads = (
        "column",
        "kind",
        "seems to be",
        "empty",
        "distinct",
        "lowest to highest",
        "mean",
        "far out",
        "most frequent",
    )
    table = Table(columns=heads, rows=tuple(map(_row, columns)), caption="What each column holds")
    blocks: list[Block] = [facts, table]
    blocks += [
        Callout(tone="note", text=f"{column.name}: {column.note}") for column in columns if column.note
    ]
    blocks += _personal(columns)
    picture = distributions(columns)
    if picture:
        blocks += [
            Heading(text="Distributions"),
            Figure(svg=picture, caption="Numbers as histograms, categories by their commonest values"),
        ]
    strong = [item for item in pairs if abs(item.value) >= STRONG]
    blocks += _together(strong, "Columns that go together")
    if len(strong) > 1:
        blocks.append(Figure(svg=heatmap(strong), caption="Strength of association, darker is stronger"))
    blocks += _together(missing, "Columns that are missing together")
    blocks += _drift(columns, time)
    return tuple(blocks)
