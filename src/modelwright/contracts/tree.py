"""YAML as a tree that remembers lines: what contracts and capsules are read through.

Only what a hand-written file needs is accepted (mappings with text keys, sequences, scalars of the YAML
1.2 core schema: `yes` and `no` are text). Anchors, aliases, tags and further documents are faults, so a
file can neither grow while it is read nor construct objects; size and depth are bounded.
"""

import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

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

from modelwright.kernel.errors import ContractInvalid, Fault, StorageFailed

__all__ = ["Tree", "plain_value", "read_text", "read_tree"]

MOST_BYTES = 2_000_000
"""A contract of 5,000 columns has about a quarter of this."""
MOST_LEVELS = 16
"""The deepest contract has 6."""

Value = None | bool | int | float | str | list["Value"] | dict[str, "Value"]
"""What a tree turns into."""

INTEGER = re.compile(r"[-+]?(?:0|[1-9]\d{0,17})", re.ASCII)
REAL = re.compile(r"[-+]?(?:\.\d+|\d+(?:\.\d*)?)(?:[eE][-+]?\d+)?", re.ASCII)
SURROGATE = re.compile(r"[\ud800-\udfff]")
LEADING_ZERO = re.compile(r"[-+]?0\d+", re.ASCII)
WORDS: Mapping[str, bool | float | None] = {
    "": None,
    "~": None,
    "null": None,
    "Null": None,
    "NULL": None,
    "true": True,
    "True": True,
    "TRUE": True,
    "false": False,
    "False": False,
    "FALSE": False,
    ".inf": math.inf,
    "-.inf": -math.inf,
    ".nan": math.nan,
}
"""Plain words that are no text, of the YAML 1.2 core schema."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tree:
    """A value, and the line of every key and item in it.

    Examples:
        >>> tree, faults = read_tree("a:\\n  b: [1, two]\\n", name="x.yaml")
        >>> tree.value, tree.line(("a", "b", 1)), faults
        ({'a': {'b': [1, 'two']}}, 2, ())
    """

    value: dict[str, Value]
    """The whole file as plain values."""
    lines: Mapping[tuple[str | int, ...], int]
    """Line, from 1, of each key and item, by its path."""

    def line(self, path: tuple[str | int, ...]) -> int:
        """Return the line of the nearest thing on the way to `path` that stands in the file."""
        for length in range(len(path), 0, -1):
            if path[:length] in self.lines:
                return self.lines[path[:length]]
        return 1


@dataclass(slots=True)
class _Builder:
    """Builds the tree from parser events, collecting the faults that do not stop the reading."""

    name: str
    lines: dict[tuple[str | int, ...], int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def fault(self, line: int, what: str, cure: str) -> None:
        self.faults.append(Fault(f"{self.name}:{line}", what, next_step=cure))

    def node(self, event: Event, events: Iterator[Event], path: tuple[str | int, ...]) -> Value:
        line = event.start_mark.line + 1
        if len(path) > MOST_LEVELS:
            raise _broken(
                self.name, line, f"more than {MOST_LEVELS} levels deep", "a contract has six levels; flatten it"
            )
        if isinstance(event, AliasEvent):
            self.fault(line, f"alias '*{event.anchor}'", "write the value out: a contract says what it means in place")
            return None
        if isinstance(event, NodeEvent) and event.anchor:
            self.fault(line, f"anchor '&{event.anchor}'", "remove it: a contract has no references")
        tag = getattr(event, "tag", None)
        if tag is not None and not isinstance(event, MappingEndEvent | SequenceEndEvent):
            self.fault(line, f"tag '{str(tag)[:60]}'", "remove it: a contract holds text, numbers, lists and mappings")
        if isinstance(event, MappingStartEvent):
            return self.mapping(events, path)
        if isinstance(event, SequenceStartEvent):
            return self.sequence(events, path)
        return self.scalar(event, line)

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
                self.fault(line, f"'{key}' stands twice, first in line {self.lines[here]}", "keep one of the two")
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

    def scalar(self, event: Event, line: int) -> Value:
        text = str(event.value)
        if SURROGATE.search(text):
            self.fault(line, "half of a surrogate pair, which is no character", "write the character itself")
            return None
        value = plain_value(text) if event.implicit[0] else text
        if isinstance(value, float) and not math.isfinite(value):
            self.fault(line, f"{text} is not a finite number", "leave the value out, or write null")
            return None
        return value


def plain_value(text: str) -> Value:
    """Resolve an unquoted scalar; what has a leading zero is a code, not a number, and stays text."""
    if text in WORDS:
        return WORDS[text]
    if LEADING_ZERO.fullmatch(text):
        return text
    if INTEGER.fullmatch(text):
        return int(text)
    return float(text) if REAL.fullmatch(text) else text


def _broken(name: str, line: int, what: str, cure: str) -> ContractInvalid:
    return ContractInvalid(
        f"{name} cannot be read as YAML",
        why="nothing in the file can be checked until it can be read",
        faults=(Fault(f"{name}:{line}", what, next_step=cure),),
    )


def read_tree(text: str, *, name: str) -> tuple[Tree, tuple[Fault, ...]]:
    """Read YAML text into a tree, with the faults that did not stop the reading.

    Args:
        text: The file's text.
        name: The name the file goes by in messages.

    Raises:
        ContractInvalid: When the text is no YAML mapping, or beyond the bounds.

    Examples:
        >>> read_tree("a: 1\\na: 2\\n", name="x.yaml")[1]
        (Fault('x.yaml:2', "'a' stands twice, first in line 1", next_step='keep one of the two'),)
    """
    if len(text) > MOST_BYTES:
        raise _too_large(name, len(text))
    builder = _Builder(name=name)
    value: Value = None
    documents = 0
    try:
        events = YAML(typ="safe", pure=True).parse(text)
        for event in events:
            if isinstance(event, DocumentStartEvent):
                documents += 1
                if documents > 1:
                    builder.fault(event.start_mark.line + 1, "a second document", "keep one document in the file")
                    break
            elif isinstance(event, NodeEvent):
                value = builder.node(event, events, ())
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        told = " ".join(str(part) for part in (error.context, error.problem) if part)
        cure = "check indentation, quotes and colons there"
        raise _broken(name, mark.line + 1 if mark else 1, told or "not YAML", cure) from error
    except (YAMLError, ValueError) as error:
        told = " ".join(str(error).split())
        raise _broken(name, 1, told, "save the file as plain text in UTF-8") from error
    if not isinstance(value, dict):
        what = "the file is empty" if value is None else f"a {type(value).__name__} where a mapping is due"
        raise _broken(name, 1, what, "begin with `contract: 1`; `modelwright init` drafts a whole file")
    return Tree(value=value, lines=builder.lines), tuple(builder.faults)


def _too_large(name: str, size: int) -> ContractInvalid:
    return ContractInvalid(
        f"{name} is too large to be a contract",
        why="a file of this size was not written for people to read",
        next_step="check that the path names the contract and not the data",
        found=f"{size:,} bytes",
        expected=f"at most {MOST_BYTES:,}",
    )


def read_text(path: Path, *, missing: str) -> str:
    """Read a small UTF-8 text file.

    Args:
        path: The file.
        missing: What to do when there is none.

    Raises:
        ContractInvalid: When it is missing, a folder, too large or not UTF-8.
        StorageFailed: When the disk does not give it out.

    Examples:
        >>> read_text(Path("nowhere.yaml"), missing="type `modelwright init`")
        Traceback (most recent call last):
        modelwright.kernel.errors.ContractInvalid: there is no nowhere.yaml...
    """
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise _too_large(path.name, size)
        data = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        folder = isinstance(error, IsADirectoryError)
        raise ContractInvalid(
            f"{path.name} is a folder" if folder else f"there is no {path.name} in {path.parent}",
            why="the file says what was agreed; without it nothing can be run",
            next_step=missing,
        ) from error
    except OSError as error:
        raise StorageFailed(
            f"{path} cannot be read: {error.strerror or error}",
            next_step="check that the file is there and readable",
        ) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise ContractInvalid(
            f"{path.name} is not UTF-8 text",
            why="letters outside ASCII would be guessed, and a guess is not an agreement",
            faults=(
                Fault(
                    f"{path.name}:{line}",
                    f"byte {error.start} is 0x{data[error.start]:02x}",
                    next_step="save the file as UTF-8",
                ),
            ),
        ) from error
