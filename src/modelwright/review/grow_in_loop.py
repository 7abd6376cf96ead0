"""GROW-IN-LOOP: a table or array is copied whole with every turn of a loop."""

from collections.abc import Iterator

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Call, Flow
from modelwright.review.rule import Focus, finding

__all__ = ["GrowInLoopRule"]

COPYING = frozenset(
    {
        "pandas.concat",
        "numpy.append",
        "numpy.concatenate",
        "numpy.vstack",
        "numpy.hstack",
        "polars.concat",
        "torch.cat",
    }
)
"""Functions that copy what they join."""


class GrowInLoopRule:
    """A loop that joins a name with something and assigns the result to the same name.

    Examples:
        >>> GrowInLoopRule().code
        'GROW-IN-LOOP'
    """

    code = "GROW-IN-LOOP"
    category = "scalability"
    severity = Severity.MEDIUM
    foci: tuple[Focus, ...] = ("performance and scalability",)
    why = "Time and memory grow with the square of the number of turns."
    fix = "Collect the pieces in a list and join them once, after the loop."

    def run(self, flow: Flow) -> Iterator[Finding]:
        """Yield one finding a call."""
        for call in flow.calls:
            if call.loops and call.name in COPYING and _same(call):
                yield finding(
                    self, flow, call.node, title=f"{call.method} copies {call.targets[0]} with every turn",
                    confidence=90,
                )  # fmt: skip


def _same(call: Call) -> bool:
    written = frozenset[str]().union(*call.direct) if call.direct else frozenset()
    return len(call.targets) == 1 and call.targets[0] in written
