"""TUNED-ON-TEST: a threshold, a model or a setting is chosen by what the test rows say."""

import ast
from collections.abc import Iterator

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Call, Flow, Scope, part_of
from modelwright.review.rule import Focus, finding

__all__ = ["TunedOnTestRule"]

CURVES = frozenset({"precision_recall_curve", "roc_curve", "det_curve"})
"""Functions whose result is a list of thresholds."""

SCORES = frozenset({"score", "evaluate"})
"""Methods that measure."""

CHOICES = frozenset({"argmax", "argmin", "idxmax", "idxmin", "nanargmax", "nanargmin", "max", "min"})
"""Functions that choose."""

STOPS = frozenset({"eval_set", "valid_sets", "evals", "validation_data"})
"""Keyword arguments by which training decides when to stop."""

STOPPING = ("early_stopping", "EarlyStopping", "ModelCheckpoint")
"""What makes a watched score decide."""


class TunedOnTestRule:
    """A loop keeps the best test score, a threshold comes from a test curve, or training stops by it.

    Examples:
        >>> TunedOnTestRule().code
        'TUNED-ON-TEST'
    """

    code = "TUNED-ON-TEST"
    category = "evaluation"
    severity = Severity.CRITICAL
    foci: tuple[Focus, ...] = ("ml practice",)
    why = (
        "The best of many test scores is too good by chance; nothing is left that could tell how good the "
        "choice is."
    )
    fix = "Choose on validation rows or by cross-validation, and look at the test rows once, at the end."

    def run(self, flow: Flow) -> Iterator[Finding]:
        """Yield one finding a choice."""
        if flow.file.is_test:
            return
        for scope in flow.scopes:
            yield from self._curves(flow, scope)
            yield from self._loops(flow, scope)
            yield from self._stops(flow, scope)

    def _curves(self, flow: Flow, scope: Scope) -> Iterator[Finding]:
        for call in scope.calls:
            if call.name.rsplit(".", 1)[-1] not in CURVES or not _on_test(call):
                continue
            chosen = next(
                (
                    one
                    for one in scope.calls
                    if one.line > call.line
                    and one.method in CHOICES
                    and set(call.targets) & (frozenset[str]().union(*one.arguments, _receiver(one)))
                ),
                None,
            )
            if chosen is not None:
                yield finding(
                    self,
                    flow,
                    call.node,
                    title="a threshold is chosen on test rows",
                    confidence=92,
                    evidence=(
                        f"{call.method} on test rows feeds {chosen.method} at {flow.file.where(chosen.node)}",
                    ),
                )

    def _loops(self, flow: Flow, scope: Scope) -> Iterator[Finding]:
        for loop in (node for node in scope.body if isinstance(node, ast.For | ast.While)):
            inside = {id(node) for node in ast.walk(loop)}
            measured = [call for call in scope.calls if id(call.node) in inside and _measures_test(call)]
            if not measured or not _keeps_best(loop, {name for call in measured for name in call.targets}):
                continue
            yield finding(
                self,
                flow,
                measured[0].node,
                title="a loop keeps what scores best on test rows",
                confidence=90,
                evidence=(
                    f"{measured[0].method} on test rows decides inside the loop at {flow.file.where(loop)}",
                ),
            )

    def _stops(self, flow: Flow, scope: Scope) -> Iterator[Finding]:
        stopping = any(word in flow.file.text for word in STOPPING)
        for call in scope.calls:
            for word in call.node.keywords:
                if word.arg not in STOPS:
                    continue
                names = {node.id for node in ast.walk(word.value) if isinstance(node, ast.Name)}
                if any(part_of(name) == "test" for name in names):
                    yield finding(
                        self,
                        flow,
                        call.node,
                        title="training is steered by test rows",
                        confidence=88 if stopping else 60,
                        severity=Severity.HIGH,
                        evidence=(f"{word.arg} is given {', '.join(sorted(names))}",),
                    )


def _on_test(call: Call) -> bool:
    names = frozenset[str]().union(*call.direct) if call.direct else frozenset()
    return any(part_of(name) == "test" for name in names)


def _measures_test(call: Call) -> bool:
    last = call.name.rsplit(".", 1)[-1]
    measure = last.endswith(("_score", "_error", "_loss")) or call.method in SCORES
    return measure and _on_test(call)


def _receiver(call: Call) -> frozenset[str]:
    if not isinstance(call.node.func, ast.Attribute):
        return frozenset()
    return frozenset(node.id for node in ast.walk(call.node.func.value) if isinstance(node, ast.Name))


def _keeps_best(loop: ast.For | ast.While, scores: set[str]) -> bool:
    """Whether the loop compares a score and keeps something when it is better."""
    for node in ast.walk(loop):
        if not isinstance(node, ast.If):
            continue
        compared = any(
            isinstance(test, ast.Compare)
            and any(isinstance(sign, ast.Gt | ast.Lt | ast.GtE | ast.LtE) for sign in test.ops)
            and (
                {name.id for name in ast.walk(test) if isinstance(name, ast.Name)} & scores
                or "best" in ast.unparse(test)
            )
            for test in ast.walk(node.test)
        )
        if compared and any(
            "best" in ast.unparse(one).lower() or "threshold" in ast.unparse(one) for one in node.body
        ):
            return True
    return False
