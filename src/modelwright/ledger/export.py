"""Exports: a whole ledger as JSON Lines, which any tool reads, and back, byte for byte.

The first line says what follows: `{"entries":3,"format":"modelwright-ledger/1","head":"sha256:..."}`. Each
further line is an entry, `{"digest":"sha256:...","entry":{...}}`, and the digest is the SHA-256 of the very
bytes between `"entry":` and the last brace. A file from a stranger is read with bounds on the length of a
line and on the depth of its nesting, and in canonical form only: JSON that two readers could understand in
two ways (a name given twice, white space, another order) is refused.
"""

import json
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import msgspec

from modelwright.kernel.digest import canonical_json
from modelwright.kernel.errors import IntegrityBroken, UserFault
from modelwright.ledger.chain import checked
from modelwright.ledger.codec import NOT_A_RECORD
from modelwright.ledger.entry import GENESIS, Ledger, Link

__all__ = ["FORMAT", "export_lines", "read_export"]

FORMAT = "modelwright-ledger/1"
"""What the first line says; another number is another layout."""

LONGEST_LINE = 8 << 20
"""Bytes of one entry that are read; decisions are short, and evidence lies in artifacts, not in entries."""

MOST_ENTRIES = 10_000_000
"""Entries of one file that are read."""

DEEPEST = 64
"""Levels of nesting in one entry that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """The first line."""

    entries: int
    """How many follow."""
    format: str
    """The layout."""
    head: str
    """Digest of the last entry."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Line:
    """One entry, its bytes left as they are."""

    digest: str
    """Digest of the bytes."""
    entry: msgspec.Raw
    """The bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Place:
    """What an entry says of itself, so that it can be stored under it."""

    sequence: int
    """Its place."""
    kind: str
    """Its kind."""


HEADS = msgspec.json.Decoder(_Head, strict=True)
LINES = msgspec.json.Decoder(_Line)
PLACES = msgspec.json.Decoder(_Place)


def export_lines(ledger: Ledger) -> Iterator[bytes]:
    """Yield the lines of an export; entries that are added meanwhile are not in it.

    Args:
        ledger: The ledger.

    Raises:
        IntegrityBroken: When its chain is broken: a copy of it would be no evidence.

    Examples:
        >>> from modelwright.kernel.clock import SteppingClock
        >>> from modelwright.ledger.memory import MemoryLedger
        >>> list(export_lines(MemoryLedger(clock=SteppingClock())))[0][:13]
        b'{"entries":0,'
    """
    length, head = 0, GENESIS
    for link in checked(ledger.links()):
        length, head = link.sequence, link.digest
    yield canonical_json(_Head(entries=length, format=FORMAT, head=head)) + b"\n"
    for link in islice(ledger.links(), length):
        yield b'{"digest":"%b","entry":%b}\n' % (link.digest.encode(), link.payload)


def read_export(path: Path) -> Iterator[Link]:
    """Yield the links of an export, one at a time; whether they form a chain is for the ledger to say.

    Args:
        path: The file.

    Raises:
        UserFault: When there is no such file, or it is no export.
        IntegrityBroken: When a line is no entry in canonical form, is too long or too deep, or when the file
            holds more or fewer entries than its first line says.

    Examples:
        >>> list(read_export(Path("nowhere.jsonl")))
        Traceback (most recent call last):
        modelwright.kernel.errors.UserFault: nowhere.jsonl cannot be read: No such file or directory...
    """
    lines = _lines(path)
    said = _head(path, next(lines, b""))
    count, last = 0, GENESIS
    for number, line in enumerate(lines, 2):
        if count == said.entries:
            raise _refused(path, f"there are more entries than the {said.entries} its first line says")
        link = _link(path, number, line)
        count, last = count + 1, link.digest
        yield link
    if (count, last) != (said.entries, said.head):
        raise _refused(
            path, f"it ends after {count} entries, and its first line says {said.entries} up to another head"
        )


def _lines(path: Path) -> Iterator[bytes]:
    """Yield the lines of a regular file, none of them too long."""
    try:
        # A pipe in its place would be waited for without end.
        handle = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as stream:
            if not stat.S_ISREG(os.fstat(handle).st_mode):
                raise UserFault(
                    f"{path.name} is not a file",
                    why="a ledger is read from a file that modelwright ledger export wrote",
                    next_step="name that file",
                )
            while line := stream.readline(LONGEST_LINE + 1):
                if len(line) > LONGEST_LINE:
                    raise _refused(path, f"a line is longer than {LONGEST_LINE} bytes")
                yield line
    except OSError as error:
        raise UserFault(
            f"{path.name} cannot be read: {error.strerror or error}",
            why="a ledger is read from a file that modelwright ledger export wrote",
            next_step="name that file",
        ) from error


def _head(path: Path, line: bytes) -> _Head:
    try:
        said = HEADS.decode(line)
    except NOT_A_RECORD:
        said = None
    if said is None or said.format != FORMAT:
        raise UserFault(
            f"{path.name} is not an exported ledger",
            why="its first line says what follows",
            next_step="name a file that modelwright ledger export wrote",
            found=line[:60].decode("utf-8", "replace").strip() if said is None else said.format,
            expected=FORMAT,
        )
    if not 0 <= said.entries <= MOST_ENTRIES:
        raise _refused(path, f"{said.entries} entries are more than are read, which is {MOST_ENTRIES}")
    return said


def _link(path: Path, number: int, line: bytes) -> Link:
    """Read one line, canonical to the byte."""
    try:
        read = LINES.decode(line)
        payload = bytes(read.entry)
        _bound_depth(payload)
        place = PLACES.decode(payload)
        canonical = canonical_json(json.loads(payload))
    except (*NOT_A_RECORD, ValueError) as error:
        raise _refused(path, f"line {number} is no entry: {error}") from error
    if canonical != payload or line != b'{"digest":"%b","entry":%b}\n' % (read.digest.encode(), payload):
        raise _refused(path, f"line {number} is not in canonical form")
    return Link(sequence=place.sequence, kind=place.kind, payload=payload, digest=read.digest)


def _bound_depth(payload: bytes) -> None:
    """Refuse nesting without end before anything follows it down.

    Raises:
        ValueError: When it is too deep.
    """
    if payload.count(b"{") + payload.count(b"[") <= DEEPEST:
        return
    depth = deepest = 0
    inside = escaped = False
    for byte in payload:
        if inside:
            inside, escaped = (byte != 0x22 or escaped), (byte == 0x5C and not escaped)
        elif byte == 0x22:
            inside = True
        elif byte in b"{[":
            depth += 1
            deepest = max(deepest, depth)
        elif byte in b"}]":
            depth -= 1
    if deepest > DEEPEST:
        message = f"it is nested {deepest} levels deep, and {DEEPEST} are read"
        raise ValueError(message)


def _refused(path: Path, what: str) -> IntegrityBroken:
    return IntegrityBroken(
        f"{path.name} is refused: {what}",
        why="a ledger is taken over whole or not at all",
        next_step="export it again from where it came from: modelwright ledger export FILE",
    )
