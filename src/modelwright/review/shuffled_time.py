"""SHUFFLED-TIME: rows in the order of time are split at random."""

import ast
import re
from collections.abc import Iterator

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Call, Flow, Scope
from modelwright.review.rule import Focus, finding

__all__ = ["ShuffledTimeRule"]

TIME = re.compile(
    r"(^|_)(date|datetime|time|timestamp|day|month|year|week|period|ts|dt|created|occurred|event_at|created_at)(_|$)",
    re.IGNORECASE,
)
"""Columns that say when."""

SHUFFLING = frozenset({"ShuffleSplit", "StratifiedShuffleSplit"})
FOLDS = frozenset({"KFold", "StratifiedKFold"})


class ShuffledTimeRule:
    """A scope orders rows by time, or builds lags and rolling windows, and then divides them by chance.

    Examples:
        >>> ShuffledTimeRule().category
        'leakage'
    """

    code = "SHUFFLED-TIME"
    category = "leakage"
    severity = Severity.HIGH
    foci: tuple[Focus, ...] = ("ml practice",)
    why = "Trained on rows later than those it is tested on, the model seems to know the future."
    fix = (
        "Split by time: train on the past, test on the latest rows (TimeSeriesSplit, or `shuffle=False` on "
        "sorted rows)."
    )

    def run(self, flow: Flow) -> Iterator[Finding]:
        """Yield one finding a random split of rows that have a time."""
        for scope in flow.scopes:
            hints = list(_hints(scope))
            if not hints:
                continue
            for call in scope.calls:
                if not _shuffles(call):
                    continue
                before = [hint for hint in hints if hint[0] <= call.line] or hints
                confidence = max(hint[1] for hint in before)
                told = max(before, key=lambda hint: hint[1])
                yield finding(
                    self,
                    flow,
                    call.node,
                    title=f"{call.method} divides rows of a time series by chance",
                    confidence=confidence,
                    evidence=(f"{told[2]} at {flow.file.place(told[0])}",),
                )


def _constant(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _shuffles(call: Call) -> bool:
    shuffle = _constant(call.keyword("shuffle"))
    last = call.name.rsplit(".", 1)[-1]
    if last == "train_test_split":
        return shuffle is not False
    return last in SHUFFLING or (last in FOLDS and shuffle is True)


def _hints(scope: Scope) -> Iterator[tuple[int, int, str]]:
    """Yield (line, confidence, what) for every sign that rows have an order in time."""
    for call in scope.calls:
        texts = [node.value for node in ast.walk(call.node) if isinstance(node, ast.Constant)]
        named = [text for text in texts if isinstance(text, str) and TIME.search(text)]
        if call.method in {"sort_values", "sort", "sort_index"} and named:
            yield call.line, 90, f"rows are sorted by '{named[0]}'"
        elif call.method == "shift" and not any(text == 0 for text in texts) and call.node.args:
            yield call.line, 84, "a lag is built with shift"
        elif call.method == "rolling" and call.node.args:
            yield call.line, 82, "a rolling window is built"
        elif call.method == "set_index" and named:
            yield call.line, 82, f"'{named[0]}' is the index"
        elif call.name == "pandas.to_datetime" or (call.keyword("parse_dates") is not None):
            yield call.line, 65, "dates are parsed"
