"""PII-IN-LOGS: personal data printed or logged."""

import ast
import re
from collections.abc import Iterator

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Call, Flow
from modelwright.review.rule import Focus, finding

__all__ = ["PiiInLogsRule"]

DIRECT = re.compile(
    r"^(e?mail|e_?mail(_address)?|email_address|phone|phone_number|mobile|ssn|social_security(_number)?|passport(_number)?|"
    r"iban|credit_?card(_number)?|card_number|date_of_birth|dob|first_name|last_name|full_name|surname|street|"
    r"home_address|address|ip_address)$",
    re.IGNORECASE,
)
"""Columns and attributes that name a person."""

INDIRECT = re.compile(
    r"^(customer_id|client_id|user_id|patient_id|account_(id|number)|member_id)$", re.IGNORECASE
)
"""Columns and attributes that lead to one."""

LEVELS = frozenset({"debug", "info", "warning", "warn", "error", "exception", "critical", "log", "fatal"})
"""Methods that write to a log."""

HARMLESS = frozenset(
    {
        "len",
        "hash",
        "type",
        "bool",
        "isinstance",
        "mask",
        "redact",
        "hashed",
        "anonymize",
        "anonymise",
        "sha256",
        "nunique",
        "isna",
        "isnull",
        "count",
        "sum",
        "mean",
        "hexdigest",
    }
)
"""Functions whose result no longer names anyone."""


class PiiInLogsRule:
    """A `print` or a logger is given an e-mail address, a phone number, a name or another personal field.

    Examples:
        >>> PiiInLogsRule().category
        'sensitive data'
    """

    code = "PII-IN-LOGS"
    category = "sensitive data"
    severity = Severity.HIGH
    foci: tuple[Focus, ...] = ("code quality", "ml practice")
    why = "Logs are copied, kept and read widely; what names a person there can hardly be deleted again."
    fix = "Log a keyed hash or a request id, and join to the person where access is controlled."

    def run(self, flow: Flow) -> Iterator[Finding]:
        """Yield one finding a call; the field is named, its value is not in the code."""
        for call in flow.calls:
            if not _writes(call):
                continue
            fields = sorted({field for value in _values(call) for field in _fields(value)})
            direct = [field for field in fields if DIRECT.match(field)]
            indirect = [field for field in fields if INDIRECT.match(field)]
            if not direct and not indirect:
                continue
            shown = ", ".join(direct or indirect)
            yield finding(
                self,
                flow,
                call.node,
                title=f"{shown} is written to {'the log' if call.method in LEVELS else 'the output'}",
                confidence=70 if flow.file.is_test else 86 if direct else 80,
                severity=None if direct else Severity.MEDIUM,
                evidence=(f"argument of {call.method}",),
            )


def _writes(call: Call) -> bool:
    if call.name == "print":
        return True
    if call.method not in LEVELS or not isinstance(call.node.func, ast.Attribute):
        return False
    return bool(re.search(r"log", ast.unparse(call.node.func.value), re.IGNORECASE))


def _values(call: Call) -> list[ast.expr]:
    return [
        *call.node.args,
        *(word.value for word in call.node.keywords if word.arg not in {"file", "exc_info"}),
    ]


def _fields(node: ast.AST) -> Iterator[str]:
    """Names, attributes and keys whose value is shown as it is."""
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in HARMLESS:
            return
    if isinstance(node, ast.Name):
        yield node.id
    elif isinstance(node, ast.Attribute):
        yield node.attr
        if not isinstance(node.value, ast.Name):
            yield from _fields(node.value)
        return
    elif isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Constant):
        yield str(node.slice.value)
    elif isinstance(node, ast.Compare | ast.BoolOp):
        return
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.expr | ast.FormattedValue):
            yield from _fields(child)
