"""NO-GRAD: a network answers while gradients are kept."""

import ast
from collections.abc import Iterator

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Flow, Scope
from modelwright.review.no_eval_mode import answering_calls
from modelwright.review.rule import Focus, finding

__all__ = ["NoGradRule"]

OFF = ("no_grad", "inference_mode", "set_grad_enabled")
"""What switches gradients off."""


class NoGradRule:
    """A function that predicts or validates calls a torch network with gradients on.

    Examples:
        >>> NoGradRule().code
        'NO-GRAD'
    """

    code = "NO-GRAD"
    category = "training"
    severity = Severity.MEDIUM
    foci: tuple[Focus, ...] = ("ml practice", "performance and scalability")
    why = "Every answer keeps the whole graph: memory grows with the batch, and answers take longer."
    fix = "Wrap the call in `torch.inference_mode()`."

    def run(self, flow: Flow) -> Iterator[Finding]:
        """Yield one finding a function."""
        anywhere = any(word in flow.file.text for word in OFF)
        for scope in flow.scopes:
            calls = answering_calls(flow, scope)
            if calls and not _off(scope):
                yield finding(
                    self,
                    flow,
                    calls[0].node,
                    title=f"{scope.name} asks a network with gradients on",
                    confidence=65 if anywhere else 88,
                )


def _off(scope: Scope) -> bool:
    decorators = getattr(scope.node, "decorator_list", [])
    decorated = any(word in ast.unparse(node) for node in decorators for word in OFF)
    return decorated or any(call.method in OFF for call in scope.calls)
