"""LABEL-DELAY: a split in time that learns from labels which were not known yet."""

from collections.abc import Iterator
from datetime import timedelta

from modelwright.contracts.duration import parse_duration
from modelwright.kernel.errors import ModelwrightError
from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised

__all__ = ["LabelDelayCheck"]


class LabelDelayCheck:
    """Finds temporal splits whose gap is shorter than the delay of the label, or whose delay nobody stated.

    Examples:
        >>> LabelDelayCheck().code
        'LABEL-DELAY'
    """

    code = "LABEL-DELAY"
    category: Category = "data leakage"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield at most one risk."""
        split, delay = view.contract.data.split, view.contract.data.label.delay
        if split.policy != "temporal" or split.gap == "label" or (split.gap and not delay):
            return
        if not delay:
            yield self._unknown(view)
            return
        late, gap = _length(delay), _length(split.gap)
        if late is None or gap is None or gap >= late:
            return
        yield raised(
            self,
            title=f"labels come {delay} late and the split leaves "
            f"{f'only {split.gap}' if split.gap else 'no gap'}",
            severity=Severity.MEDIUM,
            confidence=95,
            subject=view.target.name,
            evidence=(f"data.label.delay is {delay}, data.split.gap is '{split.gap}'",),
            why="The latest training rows had no label when the first held-out row was asked about: the "
            "score is "
            "of a model that nobody could have had.",
            fix="Set `data.split.gap: label`.",
            change="set data.split.gap to label",
        )

    def _unknown(self, view: RiskView) -> Risk:
        name = view.target.name
        return raised(
            self,
            title=f"nobody said how late {name} is known",
            severity=Severity.INFO,
            confidence=100,
            subject=name,
            evidence=("data.label.delay is empty and the split has no gap",),
            why="Rows whose label was not known yet when the next part begins cannot be learned from in "
            "production.",
            fix="State `data.label.delay`, and set `data.split.gap: label`.",
            question=f"How long after the event is {name} known?",
        )


def _length(written: str) -> timedelta | None:
    if not written:
        return timedelta(0)
    try:
        return parse_duration(written)
    except ModelwrightError:  # a number of steps: how long a step is, nobody says
        return None
