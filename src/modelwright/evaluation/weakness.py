"""Weaknesses: what a reader of a report must not overlook, in words."""

from collections.abc import Sequence

from modelwright.evaluation.estimate import Comparison, Estimate, SliceResult, number
from modelwright.evaluation.metric import METRICS
from modelwright.kernel.outcome import Status

__all__ = ["weaknesses"]

CALIBRATION_SHOWN = 0.02
"""A calibration error that is surely above this is told."""

MOST_SLICES = 8
"""Weak slices that are named one by one."""


def weaknesses(
    estimates: Sequence[Estimate],
    slices: Sequence[SliceResult],
    comparisons: Sequence[Comparison],
    *,
    primary: str,
    missing: Sequence[str] = (),
) -> tuple[str, ...]:
    """Return what is weak, what could not be told, and why.

    Args:
        estimates: The metrics on all rows.
        slices: The declared slices.
        comparisons: The model against others.
        primary: The metric that slices are judged by here.
        missing: Declared slice columns that the data does not have.

    Examples:
        >>> weaknesses((), (), (), primary="roc_auc", missing=("job",))
        ('Slices of job are unknown: the rows have no such column.',)
    """
    overall = {found.metric: found for found in estimates}
    lines = [f"Slices of {column} are unknown: the rows have no such column." for column in missing]
    lines += [
        f"{found.metric} is not defined on these {found.rows:,} rows."
        for found in estimates
        if found.value is None
    ]
    lines += [
        f"{found.metric} has no interval: too few rows of a second class, or too few resamples with a value."
        for found in estimates
        if found.value is not None and found.low is None
    ]
    calibration = overall.get("calibration_error")
    if calibration is not None and calibration.low is not None and calibration.low > CALIBRATION_SHOWN:
        lines.append(
            f"Scores cannot be taken at their word: calibration error {calibration.told()}. Decide by the "
            "chosen threshold, and show scores as an order, not as probabilities."
        )
    lines += [
        f"Not shown to beat {found.other} on {found.metric}: {found.outcome.evidence[0]}."
        if found.outcome.status is Status.UNKNOWN
        else f"Worse than {found.other} on {found.metric}: {found.outcome.evidence[0]}."
        for found in comparisons
        if found.metric == primary and found.outcome.status is not Status.PASSED
    ]
    return (*lines, *_weak_slices(overall.get(primary), slices, primary=primary))


def _weak_slices(overall: Estimate | None, slices: Sequence[SliceResult], *, primary: str) -> list[str]:
    small = [
        item for item in slices if item.estimates and all(found.value is None for found in item.estimates)
    ]
    lines = []
    if overall is not None and overall.value is not None:
        better = METRICS.get(primary).better
        whole = better(overall.value)
        worse = []
        for item in slices:
            found = item.of(primary)
            if found is None or found.value is None or found.low is None or found.high is None:
                continue
            if max(better(found.low), better(found.high)) < whole:
                worse.append((better(found.value), item, found))
        worse.sort(key=lambda entry: entry[0])
        lines += [
            f"{primary} is worse where {item.name}: {found.told()} on {item.rows:,} rows, "
            f"against {number(overall.value)} overall."
            for _, item, found in worse[:MOST_SLICES]
        ]
        if len(worse) > MOST_SLICES:
            lines.append(f"{len(worse) - MOST_SLICES} more slices are worse than the whole.")
    if small:
        names = ", ".join(item.name for item in small[:MOST_SLICES])
        more = f" and {len(small) - MOST_SLICES} more" if len(small) > MOST_SLICES else ""
        lines.append(f"Too few rows to tell: {names}{more}.")
    return lines
