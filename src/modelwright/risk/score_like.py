"""SCORE-LIKE: columns that are somebody's judgement of the case already."""

from collections.abc import Iterator

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised
from modelwright.risk.column_name import words

__all__ = ["ScoreLikeCheck"]

NAMES = frozenset(
    {"score", "scores", "scored", "decile", "predicted", "prediction", "predictions", "probability", "proba",
     "likelihood", "propensity", "difficulty", "grade", "graded", "rating", "risk", "yhat", "logit"}
)  # fmt: skip
"""Words of columns that hold a score, a forecast or a judgement."""

TELLING = 0.1
"""Strength from which it says enough about the target to matter."""


class ScoreLikeCheck:
    """Finds features named like a score or judgement that say something about the target.

    Examples:
        >>> ScoreLikeCheck().code
        'SCORE-LIKE'
    """

    code = "SCORE-LIKE"
    category: Category = "data leakage"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a column."""
        for name in view.usable:
            hit = next((word for word in words(name) if word in NAMES), "")
            if not hit or view.sample.rows < 100 or view.sample.strength(name).power < TELLING:
                continue
            yield raised(
                self,
                title=f"{name} may be somebody's judgement of the case already",
                severity=Severity.LOW,
                confidence=60,
                subject=name,
                evidence=(
                    f"its name says '{hit}'",
                    f"alone it reaches {view.sample.strength(name).told} out of fold",
                ),
                why="A score made by a model or a person may have been made with the outcome in sight, "
                "may be "
                "what is to be judged, and ties this model to whoever goes on making it.",
                fix=f"Find out who makes {name}, when, and from what; keep it as context if it is to be "
                "audited.",
                question=f"Who makes {name}, when, and will it be made the same way when a prediction is "
                "asked "
                "for?",
                columns=(name,),
            )
