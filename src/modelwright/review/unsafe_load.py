"""UNSAFE-LOAD: loading that runs whatever the file says."""

import ast
from collections.abc import Iterator

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Call, Flow
from modelwright.review.rule import Focus, finding

__all__ = ["UnsafeLoadRule"]

RUNNING = frozenset(
    {
        "pickle.load",
        "pickle.loads",
        "pickle.Unpickler",
        "cloudpickle.load",
        "cloudpickle.loads",
        "dill.load",
        "dill.loads",
        "joblib.load",
        "pandas.read_pickle",
        "shelve.open",
        "sklearn.externals.joblib.load",
    }
)
"""Functions that run code out of the file."""

LOADERS = frozenset({"SafeLoader", "CSafeLoader", "BaseLoader"})
"""YAML loaders that make plain values only."""


class UnsafeLoadRule:
    """Pickle and its relatives, `torch.load` of whole objects, `numpy.load` with pickles, and unsafe YAML.

    Examples:
        >>> UnsafeLoadRule().category
        'unsafe serving'
    """

    code = "UNSAFE-LOAD"
    category = "unsafe serving"
    severity = Severity.HIGH
    foci: tuple[Focus, ...] = ("code quality", "ml practice")
    why = "Whoever can change the file runs code where it is loaded, with the rights of the server."
    fix = (
        "Store weights in a format that holds data only (native model text, safetensors, ONNX, JSON) and "
        "check its digest."
    )

    def run(self, flow: Flow) -> Iterator[Finding]:
        """Yield one finding a call."""
        for call in flow.calls:
            told, confidence = _unsafe(call)
            if told:
                confidence = min(confidence, 70) if flow.file.is_test else confidence
                yield finding(
                    self, flow, call.node, title=f"{told} runs code out of the file", confidence=confidence
                )


def _constant(node: ast.expr | None) -> object:
    return node.value if isinstance(node, ast.Constant) else None


def _unsafe(call: Call) -> tuple[str, int]:
    if call.name in RUNNING:
        return call.name, 92
    if call.name == "torch.load" and _constant(call.keyword("weights_only")) is not True:
        return "torch.load without weights_only=True", 95 if call.keyword("weights_only") is not None else 84
    if call.name == "numpy.load" and _constant(call.keyword("allow_pickle")) is True:
        return "numpy.load(allow_pickle=True)", 95
    if call.name in {"yaml.load", "yaml.load_all"}:
        loader = call.keyword("Loader") or (call.node.args[1] if len(call.node.args) > 1 else None)
        named = ast.unparse(loader).rsplit(".", 1)[-1] if loader is not None else ""
        return ("", 0) if named in LOADERS else ("yaml.load", 90)
    if call.name in {"yaml.unsafe_load", "yaml.full_load"}:
        return call.name, 92
    return "", 0
