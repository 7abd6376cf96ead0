"""Comparison of tables without a server: a batch against a reference table, or against a bundle's profile."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.contracts.operation import MonitoringPlan
from modelwright.data.figure import bars
from modelwright.features.plan import FeaturePlan
from modelwright.features.transform import Matrix, matrix
from modelwright.kernel.document import Block, Callout, Document, Facts, Figure, Table, Text
from modelwright.kernel.errors import DataInvalid, Fault
from modelwright.kernel.outcome import Outcome, Status
from modelwright.monitoring.drift import ColumnDrift, Compared, measure_drift
from modelwright.registry.bundle import Bundle
from modelwright.registry.reference import FeatureSketch, number_sketch
from modelwright.serving.sketch import FeatureCounts, counts_of

__all__ = ["DriftReport", "compare_batch", "compare_frames", "drift_figure", "drift_table"]

Vector = npt.NDArray[np.float64]

MOST_NAMED = 50
"""Categories counted by name; the rest counts as other, as in a bundle's profile."""

SHOWN = 30
"""Columns in a picture; the ones that moved most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DriftReport:
    """One table against another.

    Examples:
        >>> then = pl.DataFrame({"a": [float(i % 50) for i in range(500)]})
        >>> compare_frames(then, then).outcome.status.value
        'passed'
    """

    rows: int
    """Rows of the table."""
    reference_rows: int
    """Rows of the reference."""
    columns: tuple[ColumnDrift, ...]
    """Every column that could be compared."""
    missing: tuple[str, ...] = ()
    """Columns of the reference that the table lacks."""
    added: tuple[str, ...] = ()
    """Columns of the table that the reference does not know."""
    left_out: tuple[str, ...] = ()
    """Columns that always move on, such as dates."""
    outcome: Outcome
    """Failed when a column alerts or is missing; unknown with too few rows."""

    def document(self) -> Document:
        """Render the comparison with its picture."""
        blocks: list[Block] = [
            Callout(tone=self.outcome.status.value, text=f"{self.outcome.what}: {self.outcome.status.value}"),
            Facts(items=(("Rows", f"{self.rows:,}"), ("Rows of the reference", f"{self.reference_rows:,}"))),
        ]
        for names, words in (
            (self.missing, "Columns that are missing"),
            (self.added, "Columns that are new"),
            (self.left_out, "Columns that are not compared because they always move on"),
        ):
            if names:
                blocks.append(Text(text=f"{words}: {', '.join(names)}."))
        if self.columns:
            blocks += [drift_figure(self.columns, plan=MonitoringPlan()), drift_table(self.columns)]
        return Document(title="Drift", blocks=tuple(blocks))


def _report(
    columns: Sequence[Compared],
    *,
    rows: int,
    reference_rows: int,
    plan: MonitoringPlan,
    missing: Sequence[str] = (),
    added: Sequence[str] = (),
    left_out: Sequence[str] = (),
) -> DriftReport:
    measured = measure_drift(columns, plan=plan)
    moved = [drift.column for drift in measured if drift.level == "alert"]
    what = "no column has drifted"
    if moved or missing:
        told = tuple(f"{name}: drifted" for name in moved) + tuple(f"{name}: missing" for name in missing)
        outcome = Outcome(status=Status.FAILED, what=what, evidence=told)
    elif rows < plan.min_rows or not measured:
        told = (f"{rows:,} rows, {len(measured)} columns; at least {plan.min_rows:,} rows are needed",)
        outcome = Outcome(status=Status.UNKNOWN, what=what, evidence=told)
    else:
        outcome = Outcome(status=Status.PASSED, what=what, evidence=(f"{len(measured)} columns compared",))
    return DriftReport(
        rows=rows,
        reference_rows=reference_rows,
        columns=measured,
        missing=tuple(missing),
        added=tuple(added),
        left_out=tuple(left_out),
        outcome=outcome,
    )


def compare_batch(bundle: Bundle, frame: pl.DataFrame) -> DriftReport:
    """Compare a batch with what a bundle was trained on, read the way the model reads it.

    Args:
        bundle: Holds the reference profile and the plan.
        frame: The batch.

    Raises:
        DataInvalid: When it is empty.

    Examples:
        >>> compare_batch.__name__
        'compare_batch'
    """
    _not_empty(frame)
    plan, reference = bundle.pipeline.plan, bundle.reference
    present = [feature for feature in plan.features if feature.name in frame.columns]
    counted = counts_of(reference, plan, _matrix(plan, frame))
    sketches = [
        sketch for sketch in reference.features if sketch.name in counted and sketch.name in frame.columns
    ]
    return _report(
        [Compared(then=sketch, now=counted[sketch.name]) for sketch in sketches],
        rows=frame.height,
        reference_rows=reference.rows,
        plan=bundle.contract.monitoring,
        missing=[name for name in plan.columns if name not in frame.columns],
        left_out=[feature.name for feature in present if feature.kind == "date"],
    )


def _matrix(plan: FeaturePlan, frame: pl.DataFrame) -> Matrix:
    """Encode a batch; columns it lacks are empty, and reported as missing."""
    absent = [name for name in plan.columns if name not in frame.columns]
    return matrix(plan, frame.with_columns(pl.lit(None).alias(name) for name in absent))


def compare_frames(
    reference: pl.DataFrame, frame: pl.DataFrame, *, plan: MonitoringPlan | None = None
) -> DriftReport:
    """Compare two tables column by column, one pass over each.

    Args:
        reference: How it was.
        frame: How it is.
        plan: Limits; the contract's defaults when not given.

    Raises:
        DataInvalid: When one of them is empty; both are told.

    Examples:
        >>> then = pl.DataFrame({"a": [float(i % 50) for i in range(500)], "b": ["x", "y"] * 250})
        >>> now = then.with_columns(pl.col("a") + 20)
        >>> [drift.column for drift in compare_frames(then, now).columns if drift.level == "alert"]
        ['a']
    """
    _not_empty(reference, frame)
    both = [name for name in reference.columns if name in frame.columns]
    left_out = [
        name for name in both if reference[name].dtype.is_temporal() or reference[name].dtype.is_nested()
    ]
    return _report(
        [_compared(reference[name], frame[name]) for name in both if name not in left_out],
        rows=frame.height,
        reference_rows=reference.height,
        plan=plan or MonitoringPlan(),
        missing=[name for name in reference.columns if name not in frame.columns],
        added=[name for name in frame.columns if name not in reference.columns],
        left_out=left_out,
    )


def _not_empty(*frames: pl.DataFrame) -> None:
    faults = [Fault(f"table {place}", "no rows") for place, frame in enumerate(frames, 1) if not frame.height]
    if faults:
        raise DataInvalid(
            "there is nothing to compare",
            why="a difference needs rows on both sides",
            next_step="hand in tables with rows",
            faults=faults,
        )


def _compared(then: pl.Series, now: pl.Series) -> Compared:
    if then.dtype.is_numeric():
        sketch = number_sketch(then.name, _numbers(then))
        values = _numbers(now)
        present = values[~np.isnan(values)]
        places = np.searchsorted(np.asarray(sketch.edges), present, side="right")
        counts = np.bincount(places, minlength=len(sketch.counts))
        return Compared(
            then=sketch,
            now=FeatureCounts(counts=tuple(counts.tolist()), nulls=len(values) - len(present)),
        )
    sketch = _categories(then)
    tally = _tally(now)
    named = [tally.pop(category, 0) for category in sketch.categories]
    return Compared(
        then=sketch, now=FeatureCounts(counts=(*named, sum(tally.values())), nulls=now.null_count())
    )


def _numbers(values: pl.Series) -> Vector:
    """Return numbers, NaN where there is none; text that is no number is as good as missing."""
    return values.cast(pl.Float64, strict=False).fill_null(float("nan")).to_numpy()


def _tally(values: pl.Series) -> dict[str, int]:
    counted = values.drop_nulls().cast(pl.String).value_counts(name="rows")
    return {str(text): int(rows) for text, rows in counted.iter_rows()}


def _categories(values: pl.Series) -> FeatureSketch:
    """Sketch a column of categories from its tally, without a pass over its rows in Python."""
    tally = sorted(_tally(values).items(), key=lambda item: (-item[1], item[0]))
    named, rest = tally[:MOST_NAMED], tally[MOST_NAMED:]
    return FeatureSketch(
        name=values.name,
        kind="category",
        categories=tuple(text for text, _ in named),
        counts=(*(rows for _, rows in named), sum(rows for _, rows in rest)),
        nulls=values.null_count(),
    )


def drift_figure(columns: Sequence[ColumnDrift], *, plan: MonitoringPlan) -> Figure:
    """Draw how far each column moved, the farthest first.

    Examples:
        >>> then = pl.DataFrame({"a": [float(i % 50) for i in range(500)]})
        >>> drift_figure(compare_frames(then, then).columns, plan=MonitoringPlan()).svg[:4]
        '<svg'
    """
    ordered = sorted(columns, key=lambda drift: -drift.psi)[:SHOWN]
    svg = bars(
        [drift.column for drift in ordered],
        [drift.psi for drift in ordered],
        title="Drift by column",
        x_label=f"PSI (warning {plan.psi_warn:g}, alert {plan.psi_alert:g})",
    )
    return Figure(
        svg=svg,
        caption=f"Population stability index of {len(ordered)} of {len(columns)} columns, farthest first; "
        f"{sum(drift.level == 'alert' for drift in columns)} alert: above {plan.psi_alert:g}, beyond chance",
    )


def drift_table(columns: Sequence[ColumnDrift]) -> Table:
    """Return every column with its numbers, the farthest first.

    Examples:
        >>> drift_table(()).rows
        ()
    """
    return Table(
        columns=(
            "column",
            "level",
            "PSI",
            "Jensen-Shannon",
            "test",
            "p (corrected)",
            "missing then",
            "missing now",
        ),
        rows=tuple(
            (
                drift.column,
                drift.level,
                f"{drift.psi:.3f}",
                f"{drift.jensen_shannon:.3f}",
                f"{drift.test} {drift.statistic:.3f}",
                f"{drift.p_corrected:.2g}",
                f"{drift.null_rate_then:.1%}",
                f"{drift.null_rate:.1%}",
            )
            for drift in sorted(columns, key=lambda drift: -drift.psi)
        ),
        caption="Each column against training",
    )
