"""PREDICT-IN-LOOP: a model is asked one row at a time."""

import ast
from collections.abc import Iterator

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Call, Flow
from modelwright.review.rule import Focus, finding

__all__ = ["PredictInLoopRule"]

ASKING = frozenset({"predict", "predict_proba", "decision_function"})


class PredictInLoopRule:
    """`predict` inside a loop, on one row wrapped in a list or reshaped to one row.

    Examples:
        >>> PredictInLoopRule().category
        'scalability'
    """

    code = "PREDICT-IN-LOOP"
    category = "scalability"
    severity = Severity.MEDIUM
    foci: tuple[Focus, ...] = ("performance and scalability",)
    why = (
        "Most of the time goes into checks and copies around each row; a batch answers a thousand rows as "
        "fast."
    )
    fix = "Ask for all rows at once, in chunks when they do not fit."

    def run(self, flow: Flow) -> Iterator[Finding]:
        """Yield one finding a call."""
        for call in flow.calls:
            if call.loops and call.method in ASKING and call.node.args and _one_row(call):
                yield finding(
                    self, flow, call.node, title=f"{call.method} is asked row by row in a loop", confidence=86
                )


def _one_row(call: Call) -> bool:
    given = call.node.args[0]
    if isinstance(given, ast.List):
        return len(given.elts) == 1
    if isinstance(given, ast.Call):
        written = ast.unparse(given).replace(" ", "")
        return (
            "reshape(1,-1)" in written
            or ".to_frame().T" in written
            or written.startswith(("pd.DataFrame([",))
        )
    return False
