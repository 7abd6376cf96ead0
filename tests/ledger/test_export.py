"""Exports: a ledger leaves and comes back byte for byte; what a stranger made up is refused, whole."""

import hashlib
import json
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.ledger.ledgers import ACTOR, noted, peopled

from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.errors import IntegrityBroken, UserFault
from modelwright.ledger import export
from modelwright.ledger.export import export_lines, read_export
from modelwright.ledger.memory import MemoryLedger

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)


@pytest.fixture
def exported(tmp_path):
    """A file with a whole ledger."""
    path = tmp_path / "copy.jsonl"
    path.write_bytes(b"".join(export_lines(peopled())))
    return path


def adopted(path):
    """The ledger a file makes."""
    ledger = MemoryLedger(clock=SteppingClock())
    ledger.adopt(read_export(path))
    return ledger


def test_a_ledger_comes_back_byte_for_byte(exported):
    """Its head is the same, so its anchors still hold."""
    assert list(adopted(exported).links()) == list(peopled().links())


@given(bodies=st.lists(st.dictionaries(TEXT, JSON, max_size=3), max_size=4))
def test_any_body_survives_the_way_there_and_back(bodies, tmp_path_factory):
    """Whatever JSON can hold."""
    ledger = MemoryLedger(clock=SteppingClock())
    for body in bodies:
        ledger.append("note", body, actor=ACTOR)
    path = tmp_path_factory.mktemp("exports") / "copy.jsonl"
    path.write_bytes(b"".join(export_lines(ledger)))
    assert list(adopted(path).links()) == list(ledger.links())


def test_a_stranger_checks_the_chain_with_a_few_lines_of_their_own(exported):
    """Nothing of ours is needed: JSON, SHA-256, and the bytes between two places."""
    head, *lines = exported.read_bytes().splitlines()
    previous = "sha256:" + "0" * 64
    for line in lines:
        entry = line[line.index(b'"entry":') + 8 : -1]
        assert json.loads(entry)["previous"] == previous
        previous = "sha256:" + hashlib.sha256(entry).hexdigest()
        assert json.loads(line)["digest"] == previous
    assert json.loads(head)["head"] == previous


def test_a_broken_ledger_is_not_exported():
    """A copy of it would be no evidence, and would look like one."""

    class Broken(MemoryLedger):
        def links(self, *, after=0):
            yield from (link for link in noted().links() if link.sequence != 2)

    ledger = Broken(clock=SteppingClock())
    with pytest.raises(IntegrityBroken, match="entry 2 is missing"):
        list(export_lines(ledger))


def test_entries_that_are_added_meanwhile_are_not_in_it():
    """The first line says how many follow."""
    ledger = noted(3)
    lines = export_lines(ledger)
    first = next(lines)
    noted(2, ledger=ledger)
    assert json.loads(first)["entries"] == len(list(lines)) == 3


def changed(path, old, new, count=1):
    """The file with some of its bytes replaced."""
    data = path.read_bytes()
    assert old in data
    path.write_bytes(data.replace(old, new, count))
    return path


HOSTILE = {
    "an edited entry": (lambda path: changed(path, b'"n":1', b'"n":7'), "entry 2 was changed"),
    "a cut end": (
        lambda path: path.write_bytes(b"".join(path.read_bytes().splitlines(keepends=True)[:-2])),
        "it ends after 7 entries",
    ),
    "a last line cut short": (lambda path: path.write_bytes(path.read_bytes()[:-9]), "line 10 is no entry"),
    "a missing entry": (
        lambda path: path.write_bytes(
            b"".join(
                line for number, line in enumerate(path.read_bytes().splitlines(keepends=True)) if number != 3
            )
        ),
        "entry 3 is missing",
    ),
    "one entry more": (
        lambda path: path.write_bytes(path.read_bytes() + path.read_bytes().splitlines(keepends=True)[-1]),
        "more entries than the 9",
    ),
    "white space": (lambda path: changed(path, b'"entry":{', b'"entry": {'), "not in canonical form"),
    "a name given twice": (
        lambda path: changed(path, b'"kind":"note"', b'"kind":"x","kind":"note"'),
        "not in canonical form",
    ),
    "a name beside the entry": (
        lambda path: changed(path, b'{"digest"', b'{"a":1,"digest"'),
        "canonical form",
    ),
    "another head": (
        lambda path: changed(path, b'"head":"sha256:', b'"head":"sha256:0', 1),
        "up to another head",
    ),
    "too many": (lambda path: changed(path, b'"entries":9', b'"entries":99999999999'), "more than are read"),
    "fewer than none": (lambda path: changed(path, b'"entries":9', b'"entries":-1'), "more than are read"),
    "no UTF-8": (lambda path: changed(path, b'"n":0', b'"n":"\xff"'), "line 2 is no entry"),
    "a number without end": (
        lambda path: changed(path, b'"n":0', b'"n":1' + b"0" * 5000),
        "line 2 is no entry",
    ),
    "an empty line": (lambda path: changed(path, b"\n", b"\n\n"), "line 2 is no entry"),
}


@pytest.mark.parametrize("what", HOSTILE)
def test_a_file_that_was_tampered_with_is_refused_whole(what, exported):
    """Whichever line it is in; nothing before it is kept."""
    do, told = HOSTILE[what]
    do(exported)
    ledger = MemoryLedger(clock=SteppingClock())
    with pytest.raises(IntegrityBroken, match=told):
        ledger.adopt(read_export(exported))
    assert list(ledger.links()) == []


@pytest.mark.parametrize("depth", [100, 100_000])
@pytest.mark.parametrize("bracket", [b"[]", b"{}"])
def test_nesting_without_end_is_refused_before_it_is_followed(depth, bracket, exported):
    """However deep: the reader's own stack is not what stops it."""
    inner = bracket[:1] * depth + bracket[1:] * depth
    if bracket == b"{}":
        inner = b'{"a":' * depth + b"1" + b"}" * depth
    with pytest.raises(IntegrityBroken, match="line 2 is no entry"):
        adopted(changed(exported, b'"n":0', b'"n":' + inner))


def test_brackets_in_a_text_are_no_nesting(tmp_path):
    """Nor are quotes that are escaped."""
    ledger = MemoryLedger(clock=SteppingClock())
    ledger.append("note", {"text": '[{"\\' * 100, "deep": [[[[1]]]]}, actor=ACTOR)
    path = tmp_path / "copy.jsonl"
    path.write_bytes(b"".join(export_lines(ledger)))
    assert len(list(read_export(path))) == 1


def test_a_line_without_end_is_refused(exported, tmp_path):
    """Before it fills the memory."""
    first = exported.read_bytes().splitlines(keepends=True)[0]
    with exported.open("wb") as stream:
        stream.write(first)
        stream.seek(export.LONGEST_LINE + 100, os.SEEK_CUR)
        stream.write(b"x")
    with pytest.raises(IntegrityBroken, match="longer than"):
        list(read_export(exported))


@pytest.mark.parametrize(
    "data",
    [b"", b"\n", b"{}\n", b"[]", b"\x00" * 100, b'{"entries":0,"format":"other/1","head":""}\n', b"{" * 9999],
)
def test_what_is_no_export_is_told_as_such(data, tmp_path):
    """By its first line."""
    path = tmp_path / "notes.txt"
    path.write_bytes(data)
    with pytest.raises(UserFault, match="not an exported ledger"):
        list(read_export(path))


def test_a_pipe_or_a_folder_is_not_waited_for(tmp_path):
    """Nobody may ever write into it."""
    os.mkfifo(tmp_path / "pipe")
    for name, told in (
        ("pipe", "is not a file"),
        ("", "cannot be read|is not a file"),
        ("gone", "cannot be read"),
    ):
        with pytest.raises(UserFault, match=told):
            list(read_export(tmp_path / name))
