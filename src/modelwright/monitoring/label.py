"""Labels: joined to the answers they belong to, and watched for arriving at all."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.contracts.duration import format_duration
from modelwright.kernel.outcome import Outcome, Status
from modelwright.tasks.target import TargetSpec

__all__ = ["Joined", "LabelHealth", "join_labels", "label_health"]

Vector = npt.NDArray[np.float64]
Matrix = npt.NDArray[np.float64]

LEAST_DUE = 30
"""Labels that have to be due before their absence means something."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Joined:
    """Answers with the label that came true, in the scores' convention.

    Examples:
        >>> Joined(y=np.zeros(2), scores=np.zeros((2, 2)), unreadable=0).rows
        2
    """

    y: Vector
    """Class index or value."""
    scores: Matrix
    """Scores of each answer."""
    unreadable: int
    """Labels that are none of the classes, or no number."""

    @property
    def rows(self) -> int:
        """Answers with a label."""
        return len(self.y)


@dataclass(frozen=True, slots=True, kw_only=True)
class LabelHealth:
    """Whether labels come, how many, and how late.

    Examples:
        >>> unknown = Outcome(status=Status.UNKNOWN, what="labels arrive")
        >>> LabelHealth(due=0, arrived=0, outcome=unknown).share is None
        True
    """

    due: int
    """Answers old enough that their label should be there."""
    arrived: int
    """Those of them whose label is there."""
    median_delay_s: float | None = None
    """Median time from answer to label, in seconds; None without labels."""
    last_at: datetime | None = None
    """When the last label came."""
    corrected: int = 0
    """Labels that came more than once."""
    outcome: Outcome
    """Passed when enough have arrived; unknown while few are due."""

    @property
    def share(self) -> float | None:
        """Share of the due labels that have arrived; None while none is due."""
        return self.arrived / self.due if self.due else None


def join_labels(log: pl.DataFrame, labels: pl.DataFrame, *, target: TargetSpec) -> Joined:
    """Join labels to the model's own answers; fallbacks and errors say nothing about the model.

    Args:
        log: Answers, with the columns of the prediction log.
        labels: Labels, with the columns of the label store.
        target: What is predicted.

    Examples:
        >>> spec = TargetSpec(task="binary", name="y", classes=("no", "yes"))
        >>> log = pl.DataFrame({"request_id": ["a"], "row": [0], "fallback": [False], "scores": [[0.2, 0.8]]})
        >>> labels = pl.DataFrame({"request_id": ["a"], "row": [0], "label": ["yes"], "value": [None]})
        >>> join_labels(log, labels, target=spec).y.tolist()
        [1.0]
    """
    width = len(target.classes) or 1
    both = log.filter(~pl.col("fallback") & (pl.col("scores").list.len() == width)).join(
        # The log has columns of the same names for what was answered: what happened gets names of its own.
        labels.select(
            "request_id", "row", pl.col("label").alias("actual"), pl.col("value").alias("actual_value")
        ),
        on=["request_id", "row"],
        how="inner",
    )
    if target.task == "regression":
        actual = both["actual_value"].cast(pl.Float64)
    else:
        actual = both["actual"].replace_strict(
            list(target.classes), list(range(width)), default=None, return_dtype=pl.Float64
        )
    known = actual.is_not_null() & actual.is_finite().fill_null(value=False)
    kept = both.filter(known)
    scores = np.array(kept["scores"].to_list(), dtype=np.float64).reshape(-1, width)
    return Joined(
        y=actual.filter(known).to_numpy().astype(np.float64),
        scores=scores,
        unreadable=both.height - kept.height,
    )


def label_health(
    log: pl.DataFrame, labels: pl.DataFrame, *, delay: timedelta, now: datetime, least: float
) -> LabelHealth:
    """Say whether labels arrive.

    Args:
        log: Answers, with the columns of the prediction log.
        labels: Labels, with the columns of the label store.
        delay: How long a label may take, from the contract.
        now: The present.
        least: The least share of due labels, from the contract.

    Examples:
        >>> from datetime import UTC
        >>> from modelwright.serving.labels import LABEL_SCHEMA
        >>> from modelwright.serving.log import LOG_SCHEMA
        >>> nothing = pl.DataFrame(schema=LOG_SCHEMA), pl.DataFrame(schema=LABEL_SCHEMA)
        >>> label_health(*nothing, delay=timedelta(0), now=datetime(2026, 1, 1, tzinfo=UTC), least=0.5).due
        0
    """
    what = f"at least {least:.0%} of the labels arrive within {format_duration(delay)}"
    answers = log.filter(pl.col("prediction").is_not_null()).select(
        "request_id", "row", answered=pl.col("at")
    )
    joined = answers.join(
        labels.select("request_id", "row", "at", "arrivals"), on=["request_id", "row"], how="left"
    )
    due = joined.filter(pl.col("answered") <= now - delay)
    arrived = due["at"].count()
    came = joined.filter(pl.col("at").is_not_null())
    delays = (came["at"] - came["answered"]).dt.total_milliseconds()
    median, last = delays.median(), came["at"].max()
    share = arrived / due.height if due.height else None
    if share is None or due.height < LEAST_DUE:
        status, told = Status.UNKNOWN, f"{due.height} are due so far, {came.height} have arrived"
    else:
        status = Status.PASSED if share >= least else Status.FAILED
        told = f"{arrived:,} of {due.height:,} that are due ({share:.0%})"
    return LabelHealth(
        due=due.height,
        arrived=arrived,
        median_delay_s=float(median) / 1000 if isinstance(median, int | float) else None,
        last_at=last if isinstance(last, datetime) else None,
        corrected=came.filter(pl.col("arrivals") > 1).height,
        outcome=Outcome(status=status, what=what, evidence=(told,)),
    )
