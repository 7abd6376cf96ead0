"""YAML text: values written so that every reader takes them for what they are."""

import re
from collections.abc import Iterator, Mapping

from modelwright.contracts.scalar import plain_value

__all__ = ["flow_of", "render_yaml", "scalar_of", "text_of"]

PLAIN = re.compile(r"[A-Za-z_][\w./+-]*(?: [\w./()+-]+)*", re.ASCII)
LENGTH = re.compile(r"(?:\d+(?:w|d|h|m|s|ms|us))+", re.ASCII)
SWITCHES = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Words that some YAML readers take for something else than text; always quoted."""
ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\t": "\\t", "\r": "\\r"}


def _escaped(letter: str) -> str:
    if letter in ESCAPES:
        return ESCAPES[letter]
    if letter.isprintable():
        return letter
    code = ord(letter)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"


def text_of(text: str) -> str:
    """Write text plainly where no reader can take it for something else, quoted otherwise.

    Examples:
        >>> text_of("calls"), text_of("no")
        ('calls', '"no"')
    """
    plainly = PLAIN.fullmatch(text) or LENGTH.fullmatch(text)
    if plainly and text.casefold() not in SWITCHES and isinstance(plain_value(text), str):
        return text
    return '"' + "".join(map(_escaped, text)) + '"'


def scalar_of(value: object) -> str:
    """Write one value.

    Examples:
        >>> scalar_of(None), scalar_of(8.0), scalar_of("8")
        ('null', '8', '"8"')
    """
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    return str(value) if isinstance(value, int) else text_of(str(value))


def flow_of(value: object) -> str:
    """Write a value on one line.

    Examples:
        >>> flow_of({"role": "feature", "range": (0, None)})
        '{role: feature, range: [0, null]}'
    """
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{text_of(str(key))}: {flow_of(item)}" for key, item in value.items()) + "}"
    if isinstance(value, tuple | list):
        return "[" + ", ".join(map(flow_of, value)) + "]"
    return scalar_of(value)


def render_yaml(value: object) -> str:
    r"""Write plain values as YAML blocks, one item a line.

    Examples:
        >>> print(render_yaml({"name": "calls", "codes": [1, "007"], "none": {}}))
        name: calls
        codes:
        - 1
        - "007"
        none: {}
        <BLANKLINE>
    """
    return "\n".join(_block(value, "")) + "\n"


def _block(value: object, pad: str) -> Iterator[str]:
    if isinstance(value, Mapping) and value:
        for key, item in value.items():
            yield from _entry(f"{pad}{text_of(str(key))}:", item, pad)
    elif isinstance(value, tuple | list) and value:
        for item in value:
            lines = list(_block(item, pad + "  "))
            yield f"{pad}- {lines[0].lstrip()}"
            yield from lines[1:]
    else:
        yield pad + flow_of(value)


def _entry(head: str, item: object, pad: str) -> Iterator[str]:
    if isinstance(item, Mapping | tuple | list) and item:
        yield head
        yield from _block(item, pad + "  " if isinstance(item, Mapping) else pad)
    else:
        yield f"{head} {flow_of(item)}"
