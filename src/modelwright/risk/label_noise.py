"""LABEL-NOISE: rows whose label contradicts what all other rows say."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

from modelwright.data.snapshot import ROW_ID
from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.target_combination import skill

__all__ = ["LabelNoiseCheck", "doubtful"]

SKILLED = 0.7
"""Skill of the probe (an AUC of 0.85) below which a surprising label is an ordinary one."""

SURE = 0.9
"""Probability of another class from which a label is doubted."""

WORTH, MANY = 0.003, 0.02
"""Share of doubtful labels worth a look, and worth mending before training."""

FEWEST = 5
"""Doubtful labels from which they are told of."""

SHOWN = 12
"""Row ids that are shown."""


class LabelNoiseCheck:
    """Finds labels that a model trained on the other rows is sure are wrong, by confident learning.

    Examples:
        >>> LabelNoiseCheck().code
        'LABEL-NOISE'
    """

    code = "LABEL-NOISE"
    category: Category = "data quality"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield at most one risk."""
        if view.target.task == "regression" or view.probe is None:
            return
        probe, classes = view.probe, view.target.classes
        label = view.sample.y[probe.rows].astype(np.int64)
        if skill(label.astype(np.float64), probe.scores, classes=len(classes)) < SKILLED:
            return
        found = doubtful(probe.scores, label)
        share = found.size / label.size
        if found.size < FEWEST or share < WORTH:
            return
        likely = probe.scores[found].argmax(axis=1)
        swaps: dict[str, int] = {}
        for given, other in zip(label[found], likely, strict=True):
            told = f"'{classes[given]}' that looks like '{classes[other]}'"
            swaps[told] = swaps.get(told, 0) + 1
        ids = (
            view.sample.frame[ROW_ID].to_numpy()[probe.rows[found]]
            if ROW_ID in view.sample.frame.columns
            else found
        )
        commonest = sorted(swaps.items(), key=lambda item: -item[1])[:4]
        yield raised(
            self,
            title=f"{share:.1%} of labels look wrong",
            severity=Severity.MEDIUM if share >= MANY else Severity.LOW,
            confidence=60,
            subject=view.target.name,
            evidence=(
                (
                    f"{found.size:,} of {label.size:,} rows looked at: another class is {SURE:.0%} likely or "
                    "more"
                ),
                ", ".join(f"{count} {told}" for told, count in commonest),
                f"rows to look at: {', '.join(str(int(one)) for one in ids[:SHOWN])}",
            ),
            why="Wrong labels teach the wrong thing, and a sealed test with wrong labels rewards whoever "
            "repeats them.",
            fix="Look at these rows and correct their labels at the source; never drop them from the "
            "test part alone.",
            question="Are the labels of these rows right? Rare cases and wrong labels look alike to a model.",
        )


def doubtful(scores: npt.NDArray[np.float64], label: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the rows whose label is in doubt, surest first.

    Confident learning (Northcutt, Jiang and Chuang, Journal of Artificial Intelligence Research 70, 2021): a
    row counts for a class when its out-of-fold probability reaches the mean that rows of that class get;
    rows that count for another class than their own are candidates. Of these only those stay of which
    another class is nearly certain, for classes that overlap are no mistake.

    Examples:
        >>> scores = np.array([[0.98, 0.02], [0.97, 0.03], [0.05, 0.95], [0.02, 0.98], [0.99, 0.01]])
        >>> doubtful(scores, np.array([0, 0, 1, 1, 1])).tolist()
        [4]
    """
    classes = scores.shape[1]
    means = np.array(
        [scores[label == one, one].mean() if (label == one).any() else 2.0 for one in range(classes)]
    )
    reached = np.where(scores >= means, scores, -1.0)
    counted = reached.argmax(axis=1)
    other = scores.copy()
    other[np.arange(label.size), label] = 0.0
    sure = other.max(axis=1)
    found = np.flatnonzero((reached.max(axis=1) >= 0) & (counted != label) & (sure >= SURE))
    return found[np.argsort(-sure[found], kind="stable")].astype(np.int64)
