"""The console: documents in a terminal, records as JSON."""

import json

import click
import pytest

from modelwright.kernel.document import Callout, Document, Facts, Figure, Heading, Listing, Table, Text
from modelwright.kernel.outcome import Outcome, Status
from modelwright.surfaces.cli.console import console, escape, lines_of, show, show_json, show_lines, width

EVERYTHING = Document(
    title="Everything",
    blocks=(
        Callout(tone="failed", text="2 gates failed " * 8),
        Text(text="A paragraph that is longer than a narrow terminal is wide, by some words."),
        Heading(text="Facts"),
        Facts(items=(("Rows", "41,188"), ("A long name of a fact that has to be folded", "value " * 12))),
        Listing(items=("one", "two " * 20)),
        Listing(items=("first", "second"), ordered=True),
        Table(
            columns=("metric", "value", "", "what"),
            rows=(("auc", "0.79", "", "how well it ranks " * 4), ("loss", "1,042", "", "short")),
            caption="What was measured",
        ),
        Figure(svg="<svg></svg>", caption="Calibration"),
    ),
)


def plain_lines(document, *, width=100):
    """The lines of a document as read by somebody without colours."""
    return [click.unstyle(line) for line in lines_of(document, width=width)]


@pytest.mark.parametrize("cells", [40, 60, 100, 120])
def test_no_line_is_wider_than_the_terminal(cells):
    """Every kind of block folds."""
    assert max(map(len, plain_lines(EVERYTHING, width=cells))) <= cells


def test_no_line_ends_in_white_space():
    """Output is diffed and pasted."""
    assert [line for line in plain_lines(EVERYTHING) if line != line.rstrip()] == []


def test_a_column_that_says_nothing_is_left_out():
    """The room goes to the columns that do; numbers stand on the right."""
    table = Table(columns=("metric", "value", "why"), rows=(("auc", "0.7", ""), ("n", "1,042", "")))
    assert plain_lines(Document(title="T", blocks=(table,)))[1:] == [
        "metric  value",
        "auc       0.7",
        "n       1,042",
    ]


def test_rows_of_many_lines_are_kept_apart():
    """Where a cell takes three lines, an empty line says where the next row begins."""
    table = Table(columns=("a", "b"), rows=(("1", "word " * 30), ("2", "short")))
    lines = plain_lines(Document(title="T", blocks=(table,)), width=40)
    assert lines[lines.index("2  short") - 1] == ""


def test_a_long_table_says_how_much_is_in_the_page():
    """A terminal shows the beginning."""
    table = Table(columns=("n",), rows=tuple((str(number),) for number in range(30)))
    assert plain_lines(Document(title="T", blocks=(table,)))[-1] == "... 5 more rows in the page"


def test_an_empty_table_shows_its_columns():
    """Nothing found is something to say."""
    assert plain_lines(Document(title="T", blocks=(Table(columns=("n", "m"), rows=()),)))[-1] == "n  m"


def test_markup_is_coloured_and_other_brackets_stay(capsys):
    """`[1, 2]` in a message is a list, not a colour; without a terminal there are no colours at all."""
    console().print("[bold green]✔[/] [1, 2] [nonsense] [] [ ] [/red]" + escape("[bold]"))
    assert capsys.readouterr().out == "✔ [1, 2] [nonsense] [] [ ] [/red][bold]\n"


def test_markup_can_be_switched_off(capsys):
    """What somebody typed is shown as typed."""
    console(stderr=True).print("[bold]", markup=False)
    assert capsys.readouterr().err == "[bold]\n"


def test_lines_fold_under_themselves(capsys, monkeypatch):
    """A list stays readable as a list."""
    monkeypatch.setenv("COLUMNS", "20")
    show_lines("[bold]•[/] ", ["one two three four five"])
    assert capsys.readouterr().out == "• one two three four\n  five\n"


def test_a_document_is_shown_line_by_line(capsys):
    """`show` prints what `lines_of` yields."""
    show(EVERYTHING)
    assert capsys.readouterr().out.splitlines() == plain_lines(EVERYTHING, width=width())


def test_a_record_is_shown_as_json(capsys):
    """Programs read the record that the text is rendered from."""
    show_json(Outcome(status=Status.UNKNOWN, what="é"))
    assert json.loads(capsys.readouterr().out) == {
        "evidence": [],
        "next_step": "",
        "status": "unknown",
        "what": "é",
    }
