"""SECRET: a password, token or key in the text."""

import ast
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator

from modelwright.kernel.finding import Finding, Severity
from modelwright.review.flow import Flow
from modelwright.review.rule import Focus, finding

__all__ = ["SecretRule", "bits_a_sign", "kind_of"]

PATTERNS = {
    "an AWS access key": re.compile(r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b"),
    "a GitHub token": re.compile(r"\b(?:ghp|gho|ghs|ghu|github_pat)_[A-Za-z0-9_]{30,}\b"),
    "an API key": re.compile(r"\bsk-(?:proj-|live-|test-)?(?=[A-Za-z0-9]*\d)[A-Za-z0-9]{20,}\b"),
    "a Slack token": re.compile(r"\bxox[abprs]-[A-Za-z0-9-]{10,}\b"),
    "a Google key": re.compile(r"\bAIza[0-9A-Za-z_-]{35}\b"),
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE KEY-----"),
    "a password in an address": re.compile(r"\b[a-z][a-z0-9+.-]*://[^\s:/@{}$]+:[^\s:/@{}$]{3,}@"),
}
"""Texts that are secrets whatever they are called."""

NAME = re.compile(
    r"(^|_)(password|passwd|pwd|secret|secret_key|token|api_?key|apikey|access_?key|private_?key|auth_?token|"
    r"credentials?)$",
    re.IGNORECASE,
)
"""Names that secrets are assigned to."""

STAND_IN = re.compile(
    r"^(<.*>|\$\{.*\}|\{.*\}|x{3,}|\*+|\.+|your[-_ ].*|change.?me.*|example.*|dummy.*|test.*|fake.*|todo.*|"
    r"none|null|placeholder.*|secret|password|token|my[-_].*)$",
    re.IGNORECASE,
)
"""Texts that stand where a secret will be."""

LEAST = 8
"""Signs of a secret worth the name."""

CHANCE = 2.8
"""Bits a sign from which a text does not look like words."""


def bits_a_sign(text: str) -> float:
    """Entropy of the signs of a text, in bits (Shannon 1948).

    Examples:
        >>> bits_a_sign("aaaa"), bits_a_sign("abcd")
        (0.0, 2.0)
    """
    counts = Counter(text)
    shares = [count / len(text) for count in counts.values()]
    return abs(-sum(share * math.log2(share) for share in shares))


def kind_of(text: str) -> str:
    """Return what kind of secret a text is by its form, or an empty text.

    Examples:
        >>> kind_of("AKIA" + "ABCDEFGHIJKLMNOP"), kind_of("hello")
        ('an AWS access key', '')
    """
    return next((kind for kind, pattern in PATTERNS.items() if pattern.search(text)), "")


class SecretRule:
    """Texts with the form of a key, and random-looking texts assigned to names such as `password`.

    Examples:
        >>> SecretRule().category
        'sensitive data'
    """

    code = "SECRET"
    category = "sensitive data"
    severity = Severity.CRITICAL
    foci: tuple[Focus, ...] = ("code quality", "ml practice")
    why = "Whoever can read the code, its history or a notebook's output has the key."
    fix = "Revoke it, read it from the environment or a secret store, and remove it from the history."

    def run(self, flow: Flow) -> Iterator[Finding]:
        """Yield one finding a text; the text itself is never shown."""
        tests = flow.file.is_test
        for node in flow.nodes:
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and len(node.value) < 10_000:
                kind = kind_of(node.value)
                if kind:
                    yield finding(
                        self, flow, node, title=f"{kind} stands in the code", confidence=75 if tests else 95,
                        evidence=(f"a text of {len(node.value)} signs",),
                    )  # fmt: skip
        for name, value in _named(flow.nodes):
            if not NAME.search(name) or kind_of(value.value) or not _random(value.value):
                continue
            yield finding(
                self, flow, value.node, title=f"'{name}' holds what looks like a secret",
                confidence=60 if tests else 84, severity=Severity.HIGH,
                evidence=(f"{len(value.value)} signs, {bits_a_sign(value.value):.1f} bits each",),
            )  # fmt: skip


class _Text:
    """A text and where it stands."""

    def __init__(self, node: ast.Constant, value: str) -> None:
        self.node = node
        self.value = value


def _random(text: str) -> bool:
    if len(text) < LEAST or " " in text or STAND_IN.match(text):
        return False
    return bits_a_sign(text) >= CHANCE and any(sign.isdigit() for sign in text)


def _named(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, _Text]]:
    """Texts with the name they are given: assignments, keyword arguments, dictionary keys."""
    for node in nodes:
        pairs: list[tuple[str, ast.expr | None]] = []
        if isinstance(node, ast.Assign):
            pairs = [(_last(target), node.value) for target in node.targets]
        elif isinstance(node, ast.AnnAssign):
            pairs = [(_last(node.target), node.value)]
        elif isinstance(node, ast.keyword) and node.arg:
            pairs = [(node.arg, node.value)]
        elif isinstance(node, ast.Dict):
            pairs = [
                (str(key.value), value)
                for key, value in zip(node.keys, node.values, strict=True)
                if isinstance(key, ast.Constant)
            ]
        for name, value in pairs:
            if isinstance(value, ast.Constant) and isinstance(value.value, str):
                yield name, _Text(value, value.value)


def _last(target: ast.expr) -> str:
    if isinstance(target, ast.Name):
        return target.id
    if isinstance(target, ast.Attribute):
        return target.attr
    if isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
        return str(target.slice.value)
    return ""
