"""The book of looks: counted once each, and whole after a full disk or a kill in the middle of a line."""

from datetime import UTC, datetime

import pytest

from modelwright.adapters.look_book import LookBook
from modelwright.evaluation.scorer import LooksExhausted
from modelwright.kernel.errors import IntegrityBroken

AT = datetime(2026, 1, 1, tzinfo=UTC)


def ask(book, question, allowed=3):
    """Enter one question."""
    return book.enter(question, allowed=allowed, at=AT, run_id="r1", purpose="final")


@pytest.fixture
def book(tmp_path):
    """A book with two looks in it."""
    made = LookBook(tmp_path, "sha256:" + "0" * 64)
    assert [ask(made, "one"), ask(made, "two"), ask(made, "one")] == [1, 2, 2]
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
    book = LookBook(tmp_path, "sha256:" + "0" * 64)
    book.path.parent.mkdir(parents=True)
    book.path.write_bytes(b'{"quest')
    assert ask(book, "one") == 1


def test_a_damaged_line_is_told(book):
    """A line that was written whole and reads as nothing was edited."""
    book.path.write_bytes(book.path.read_bytes().replace(b'"question"', b'"answer"', 1))
    with pytest.raises(IntegrityBroken, match="book of looks"):
        ask(book, "three")


def test_a_look_beyond_the_allowed_ones_is_refused_and_not_written(book):
    """The book stays as it was."""
    before = book.path.read_bytes()
    with pytest.raises(LooksExhausted):
        ask(book, "three", allowed=2)
    assert book.path.read_bytes() == before
