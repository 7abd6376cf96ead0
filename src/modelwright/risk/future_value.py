"""FUTURE-VALUE: moments in a row that lie after the moment the row is asked about."""

from collections.abc import Iterator

import polars as pl

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.column_name import words

__all__ = ["FutureValueCheck"]

WORTH = 0.002
"""Share of rows with a later moment from which it is no slip of a clock."""

PLANNED = frozenset(
    {"due", "planned", "plan", "scheduled", "schedule", "expiry", "expires", "expiration", "deadline",
     "appointment", "maturity", "arrival", "departure", "valid", "until", "booking", "delivery"}
)  # fmt: skip
"""Words of moments that lie ahead and are known all the same."""


class FutureValueCheck:
    """Finds moments later than the row's own, and labels that were known before the features were.

    Examples:
        >>> FutureValueCheck().code
        'FUTURE-VALUE'
    """

    code = "FUTURE-VALUE"
    category: Category = "data leakage"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a column whose moments lie after the row's, and one for the time of the label."""
        data = view.contract.data
        named = (data.feature_time, data.event_time, data.split.time, *data.of_role("time"))
        anchor = next((name for name in named if name and _tells_moments(view, name)), None)
        if anchor is None:
            return
        whole = pl.concat(
            [frame.drop(view.target.name, strict=False) for frame in view.parts.values()],
            how="diagonal_relaxed",
        )
        for name in view.usable:
            if name != anchor and _tells_moments(view, name):
                share, rows = later_share(whole, name, anchor)
                if share >= WORTH:
                    yield self._risk(name, anchor, share=share, rows=rows)
        label = data.label.time
        if label and label != anchor and _tells_moments(view, label):
            share, rows = later_share(whole, anchor, label)
            if share >= WORTH:
                yield self._label(label, anchor, share=share, rows=rows)

    def _risk(self, name: str, anchor: str, *, share: float, rows: int) -> Risk:
        planned = sorted(PLANNED & set(words(name)))
        return raised(
            self,
            title=f"{name} lies after {anchor} in {share:.1%} of rows",
            severity=Severity.MEDIUM if planned else Severity.HIGH,
            confidence=60 if planned else 90,
            subject=name,
            evidence=(
                f"{rows:,} rows hold a moment in {name} later than {anchor}",
                *((f"its name says '{planned[0]}': it may be a plan",) if planned else ()),
            ),
            why="What happened after the moment of the prediction cannot be known then; in training it "
            "gives the "
            "outcome away.",
            fix=f"Exclude {name}, or read it as it was known at {anchor}.",
            question=f"Is {name} a plan that is known at {anchor}, or what happened later?",
            proposal="accept" if planned else "modify",
            change=f"exclude column {name}",
            columns=(name,),
        )

    def _label(self, label: str, anchor: str, *, share: float, rows: int) -> Risk:
        return raised(
            self,
            title=f"the label was known ({label}) before the features ({anchor}) in {share:.1%} of rows",
            severity=Severity.HIGH,
            confidence=90,
            subject=label,
            evidence=(f"in {rows:,} rows {anchor} is later than {label}",),
            why="Features of a time when the outcome was known already may hold it; at serving they come "
            "before it.",
            fix=f"Take features as of a moment before {label}, or leave these rows out.",
            question=f"Which is the moment of the prediction: {anchor}, or one before {label}?",
        )


def _tells_moments(view: RiskView, name: str) -> bool:
    if name not in view.train.columns or name not in view.test.columns:
        return False
    kind = view.train[name].dtype
    return kind == pl.Date or isinstance(kind, pl.Datetime)


def _moment(column: pl.Series) -> pl.Series:
    kind = column.dtype
    if isinstance(kind, pl.Datetime) and kind.time_zone:
        column = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None)
    return column.cast(pl.Datetime("us"))


def later_share(frame: pl.DataFrame, name: str, anchor: str) -> tuple[float, int]:
    """Return in which share, and in how many, of the rows with both moments one is later than the other.

    A date has no hour: dates are compared by the day.

    Examples:
        >>> from datetime import date
        >>> later_share(pl.DataFrame({"a": [date(2026, 1, 2)], "b": [date(2026, 1, 1)]}), "a", "b")
        (1.0, 1)
    """
    first, second = _moment(frame[name]), _moment(frame[anchor])
    if pl.Date in (frame[name].dtype, frame[anchor].dtype):
        first, second = first.dt.date(), second.dt.date()
    later = (first > second).drop_nulls()
    rows = int(later.sum())
    return rows / max(len(later), 1), rows
