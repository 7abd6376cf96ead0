"""NO-EVAL-MODE: a network answers in training mode."""

import ast
from collections.abc import Iterator

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Call, Flow, Scope
from modelwright.review.rule import Focus, finding

__all__ = ["NoEvalModeRule", "answering_calls"]

ANSWERING = (
    "predict",
    "infer",
    "evaluate",
    "validate",
    "validation",
    "eval_",
    "test_model",
    "test_epoch",
    "score",
    "serve",
)
"""Beginnings of functions that ask a network and do not train it."""

NETWORKS = frozenset({"model", "net", "network", "encoder", "classifier", "module"})
"""Names of networks."""


def answering_calls(flow: Flow, scope: Scope) -> tuple[Call, ...]:
    r"""Return the calls of a network in a function that only asks it; none in a function that also trains.

    Examples:
        >>> from modelwright.review.flow import trace_text
        >>> flow = trace_text("import torch\ndef predict(model, x):\n    return model(x)")
        >>> len(answering_calls(flow, flow.scopes[1]))
        1
    """
    if not flow.uses("torch") or not scope.name.lower().lstrip("_").startswith(ANSWERING):
        return ()
    if any(call.method in {"backward", "zero_grad"} for call in scope.calls):
        return ()
    return tuple(call for call in scope.calls if _is_network(call.node.func))


def _is_network(function: ast.expr) -> bool:
    if isinstance(function, ast.Name):
        return function.id in NETWORKS
    return (
        isinstance(function, ast.Attribute)
        and function.attr in NETWORKS
        and isinstance(function.value, ast.Name)
        and function.value.id == "self"
    )


class NoEvalModeRule:
    """A function that predicts or validates calls a torch network, and nothing switches to `eval()`.

    Examples:
        >>> NoEvalModeRule().category
        'training'
    """

    code = "NO-EVAL-MODE"
    category = "training"
    severity = Severity.HIGH
    foci: tuple[Focus, ...] = ("ml practice",)
    why = (
        "Dropout stays on and batch statistics change with every request, so the same input gets different "
        "answers."
    )
    fix = "Call `model.eval()` before asking, and `model.train()` before training on."

    def run(self, flow: Flow) -> Iterator[Finding]:
        """Yield one finding a function."""
        anywhere = any(_switches(call) for call in flow.calls)
        for scope in flow.scopes:
            calls = answering_calls(flow, scope)
            if calls and not any(_switches(call) for call in scope.calls):
                yield finding(
                    self,
                    flow,
                    calls[0].node,
                    title=f"{scope.name} asks a network that may be in training mode",
                    confidence=65 if anywhere else 88,
                    evidence=(
                        "eval() is called elsewhere in the file"
                        if anywhere
                        else "the file never calls eval()",
                    ),
                )


def _switches(call: Call) -> bool:
    mode = call.node.args[0] if call.node.args else None
    off = call.method == "train" and isinstance(mode, ast.Constant) and mode.value is False
    return (call.method == "eval" and isinstance(call.node.func, ast.Attribute)) or off
