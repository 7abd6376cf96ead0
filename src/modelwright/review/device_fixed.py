"""DEVICE-FIXED: code that runs on one kind of device only."""

import ast
from collections.abc import Iterator

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Call, Flow
from modelwright.review.rule import Focus, finding

__all__ = ["DeviceFixedRule"]


class DeviceFixedRule:
    """`.cuda()` or `"cuda"` without asking whether there is such a device.

    Examples:
        >>> DeviceFixedRule().code
        'DEVICE-FIXED'
    """

    code = "DEVICE-FIXED"
    category = "scalability"
    severity = Severity.MEDIUM
    foci: tuple[Focus, ...] = ("performance and scalability",)
    why = (
        "On a machine without that device training and serving stop, and a checkpoint cannot be loaded to "
        "be looked at."
    )
    fix = (
        'Ask once, `device = "cuda" if torch.cuda.is_available() else "cpu"`, and load with '
        "`map_location=device`."
    )

    def run(self, flow: Flow) -> Iterator[Finding]:
        """Yield one finding, the first place of the file."""
        if not flow.uses("torch") or "is_available" in flow.file.text:
            return
        fixed = next((call for call in flow.calls if _fixed(call)), None)
        if fixed is not None:
            yield finding(
                self, flow, fixed.node, title=f"{ast.unparse(fixed.node.func)} needs a GPU", confidence=86,
                evidence=("the file never asks whether one is available",),
            )  # fmt: skip


def _fixed(call: Call) -> bool:
    if call.method == "cuda" and isinstance(call.node.func, ast.Attribute):
        return True
    if call.method not in {"to", "device"}:
        return False
    given = [*call.node.args[:1], *(word.value for word in call.node.keywords if word.arg == "device")]
    return any(isinstance(one, ast.Constant) and str(one.value).startswith("cuda") for one in given)
