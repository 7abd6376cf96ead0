"""The book of looks: counted once each, chained, and whole after a full disk or a kill in mid-line."""

import os
from datetime import UTC, datetime

import polars as pl
import pytest

from modelwright.adapters.look_book import LookBook
from modelwright.adapters.row_sample import same_rows, sample_rows
from modelwright.data.snapshot import ROW_ID
from modelwright.evaluation.scorer import BookedLook, LooksExhausted
from modelwright.kernel.errors import IntegrityBroken, UserFault

AT = datetime(2026, 1, 1, tzinfo=UTC)
SEAL = "0123456789abcdef"


def rows(start=0, count=200, *, shift=0):
    """A test part."""
    ids = list(range(start, start + count))
    return pl.DataFrame({ROW_ID: ids, "age": [(7 * row + shift) % 91 for row in ids], "job": ["a"] * count})


def look(question, *, labels="sha256:one", allowed=3):
    """A question."""
    return BookedLook(
        question=question, sealed_labels=labels, contract_digest="sha256:c", number=0, allowed=allowed, at=AT,
        run="r1", purpose="final",
    )  # fmt: skip


def ask(book, question, *, part=None, **rest):
    """Enter one question and return its number."""
    with book.opened() as opened:
        sample = sample_rows(rows() if part is None else part, target="y")
        return opened.enter(look(question, **rest), sample).look


@pytest.fixture
def book(tmp_path):
    """A book with two looks in it."""
    made = LookBook(tmp_path / "home", SEAL)
    assert [ask(made, "one"), ask(made, "two"), ask(made, "one")] == [1, 2, 1]
    return made


@pytest.mark.parametrize("torn", [b"{", b'{"question": "three"', b'{"question": "three"}', b"\xff"])
def test_a_line_that_was_cut_short_is_no_look(book, torn):
    """Its answer never left: the whole line is on the disk before anything is computed."""
    whole = book.path.read_bytes()
    book.path.write_bytes(whole + torn)
    assert ask(book, "two") == 2
    assert book.path.read_bytes() == whole
    assert ask(book, "three") == 3


def test_a_book_of_one_torn_line_is_empty(tmp_path):
    """The very first look was cut short."""
    book = LookBook(tmp_path / "home", SEAL)
    book.path.parent.mkdir(parents=True, mode=0o700)
    book.path.write_bytes(b'{"quest')
    book.path.chmod(0o600)
    assert ask(book, "one") == 1


@pytest.mark.parametrize(
    "edit",
    [
        lambda data: data.replace(b'"purpose"', b'"porpoise"', 1),
        lambda data: data.replace(b'"final"', b'"other"', 1),
        lambda data: b"".join(data.splitlines(keepends=True)[1:]),
        lambda data: b"".join(data.splitlines(keepends=True)[::-1]),
    ],
    ids=["a field", "a word", "the first line", "the order"],
)
def test_a_book_that_was_edited_is_told(book, edit):
    """A line holds the digest of the one before."""
    book.path.write_bytes(edit(book.path.read_bytes()))
    with pytest.raises(IntegrityBroken, match="book of looks"):
        ask(book, "three")


def test_a_look_beyond_the_allowed_ones_is_refused_and_not_written(book):
    """The book stays as it was."""
    before = book.path.read_bytes()
    with pytest.raises(LooksExhausted):
        ask(book, "three", allowed=2)
    assert book.path.read_bytes() == before


def test_another_snapshot_of_the_same_rows_brings_no_new_looks(book):
    """A column more, rows appended, another part of them: they are known again by their values."""
    wider = rows(100, 300).with_columns(visits=pl.lit(3))
    assert ask(book, "three", labels="sha256:two", part=wider) == 3
    with pytest.raises(LooksExhausted, match="3 of 3"):
        ask(book, "four", labels="sha256:three")
    with pytest.raises(LooksExhausted, match="3 of 3"):
        ask(book, "five")


def test_new_rows_bring_new_looks(book):
    """Next month's table has the same numbers of rows and other values."""
    assert ask(book, "three", labels="sha256:two", part=rows(shift=31)) == 1


def test_rows_of_another_target_are_another_question():
    """The same table may be asked about two things."""
    first, second = sample_rows(rows(), target="y"), sample_rows(rows(), target="z")
    assert same_rows(first, first)
    assert not same_rows(first, second)
    assert not same_rows(first, sample_rows(rows(5000), target="y"))


@pytest.mark.parametrize("name", ["../p1", "", "a/b", "a.b", "\u00e9"])
def test_a_name_that_could_leave_the_folder_is_refused(tmp_path, name):
    """The seal's name comes with the question."""
    with pytest.raises(UserFault, match="name of a seal"):
        LookBook(tmp_path, name)


def test_a_book_behind_a_link_or_open_to_others_is_refused(book, tmp_path):
    """Who can put another book in its place could forget looks."""
    book.path.chmod(0o644)
    with pytest.raises(UserFault, match="can be reached by others"):
        ask(book, "three")
    book.path.chmod(0o600)
    moved = tmp_path / "elsewhere.jsonl"
    book.path.rename(moved)
    book.path.symlink_to(moved)
    with pytest.raises(UserFault, match="is a link"):
        ask(book, "three")
    book.path.unlink()
    os.mkfifo(book.path, 0o600)
    with pytest.raises(UserFault, match="no plain file"):
        ask(book, "three")


def test_a_folder_of_looks_that_is_a_link_is_refused(book, tmp_path):
    """Even to a folder of one's own."""
    folder = book.path.parent
    folder.rename(tmp_path / "moved")
    folder.symlink_to(tmp_path / "moved")
    with pytest.raises(UserFault, match="is a link"):
        ask(book, "three")
