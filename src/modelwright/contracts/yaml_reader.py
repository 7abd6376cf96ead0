"""The YAML parser's events turned into plain values, with the line of each; bounded, and without objects."""

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    NodeEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)

from modelwright.contracts.scalar import Value, plain_value
from modelwright.kernel.errors import ContractInvalid, Fault

__all__ = ["Reading", "read_events"]

MOST_TOLD = 10
"""Faults told together with the one that stopped the reading."""
MOST_LEVELS = 16
"""The deepest contract has 6."""

KINDS = {list: "list", str: "word", bool: "truth value", int: "number", float: "number"}
SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What the text of a file says, and where.

    Examples:
        >>> read_events("a: 1", name="x.yaml").lines
        {('a',): 1}
    """

    value: dict[str, Value]
    """The whole file as plain values."""
    lines: dict[tuple[str | int, ...], int]
    """Line, from 1, of each key and item, by its path."""
    faults: tuple[Fault, ...]
    """What is wrong but did not stop the reading."""


class _Builder:
    """Builds values from parser events, collecting the faults that do not stop the reading."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.lines: dict[tuple[str | int, ...], int] = {}
        self.faults: list[Fault] = []

    def fault(self, line: int, what: str, cure: str) -> None:
        self.faults.append(Fault(f"{self.name}:{line}", what, next_step=cure))

    def broken(self, line: int, what: str, cure: str) -> ContractInvalid:
        self.fault(line, what, cure)
        return ContractInvalid(
            f"{self.name} cannot be read as YAML",
            why="nothing in the file can be checked until it can be read",
            faults=self.faults[-MOST_TOLD:],
        )

    def node(self, event: Event, events: Iterator[Event], path: tuple[str | int, ...]) -> Value:
        line = event.start_mark.line + 1
        if len(path) > MOST_LEVELS:
            raise self.broken(
                line,
                f"more than {MOST_LEVELS} levels deep",
                "a contract has six levels; flatten it",
            )
        if isinstance(event, AliasEvent):
            self.fault(
                line,
                f"alias '*{event.anchor}'",
                "write the value out: a contract says what it means in place",
            )
            return None
        if isinstance(event, NodeEvent) and event.anchor:
            self.fault(line, f"anchor '&{event.anchor}'", "remove it: a contract has no references")
        tag = getattr(event, "tag", None)
        if tag is not None and not isinstance(event, MappingEndEvent | SequenceEndEvent):
            self.fault(
                line,
                f"tag '{str(tag)[:60]}'",
                "remove it: a contract holds text, numbers, lists and mappings",
            )
        if isinstance(event, MappingStartEvent):
            return self.mapping(events, path)
        if isinstance(event, SequenceStartEvent):
            return self.sequence(events, path)
        return self.scalar(event, line) if isinstance(event, ScalarEvent) else None

    def mapping(self, events: Iterator[Event], path: tuple[str | int, ...]) -> dict[str, Value]:
        found: dict[str, Value] = {}
        for event in events:
            if isinstance(event, MappingEndEvent):
                break
            line = event.start_mark.line + 1
            if not isinstance(event, ScalarEvent):
                self.node(event, events, (*path, "?"))
                self.node(next(events), events, (*path, "?"))
                self.fault(line, "a key that is a list or a mapping", "write a name as the key")
                continue
            key = str(event.value)
            here = (*path, key)
            if key in found:
                self.fault(
                    line, f"'{key}' stands twice, first in line {self.lines[here]}", "keep one of the two"
                )
                self.node(next(events), events, here)
                continue
            self.lines[here] = line
            found[key] = self.node(next(events), events, here)
        return found

    def sequence(self, events: Iterator[Event], path: tuple[str | int, ...]) -> list[Value]:
        found: list[Value] = []
        for event in events:
            if isinstance(event, SequenceEndEvent):
                break
            here = (*path, len(found))
            self.lines[here] = event.start_mark.line + 1
            found.append(self.node(event, events, here))
        return found

    def scalar(self, event: ScalarEvent, line: int) -> Value:
        text = str(event.value)
        if SURROGATE.search(text):
            self.fault(line, "half of a surrogate pair, which is no character", "write the character itself")
            return None
        value = plain_value(text) if event.implicit[0] else text
        if isinstance(value, float) and not math.isfinite(value):
            self.fault(line, f"{text} is not a finite number", "leave the value out, or write null")
            return None
        return value


def read_events(text: str, *, name: str) -> Reading:
    """Read YAML text.

    Raises:
        ContractInvalid: When it is no YAML mapping, or too deep.

    Examples:
        >>> read_events("a: [1, two]", name="x.yaml").value
        {'a': [1, 'two']}
    """
    builder = _Builder(name)
    value: Value = None
    documents = 0
    try:
        events = YAML(typ="safe", pure=True).parse(text)
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    builder.fault(
                        event.start_mark.line + 1, "a second document", "keep one document in the file"
                    )
                    break
            elif isinstance(event, NodeEvent):
                value = builder.node(event, events, ())
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        told = " ".join(str(part) for part in (error.context, error.problem) if part)
        cure = "check indentation, quotes and colons there"
        raise builder.broken(mark.line + 1 if mark else 1, told or "not YAML", cure) from error
    except (YAMLError, ValueError) as error:
        told = " ".join(str(error).split())
        raise builder.broken(1, told, "save the file as plain text in UTF-8") from error
    if not isinstance(value, dict):
        what = "the file is empty" if value is None else f"a {KINDS[type(value)]} where a mapping is due"
        raise builder.broken(1, what, "begin with `contract: 1`; `modelwright init` drafts a whole file")
    return Reading(value=value, lines=builder.lines, faults=tuple(builder.faults))
