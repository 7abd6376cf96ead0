"""The console: documents shown in a terminal, or records as JSON for programs.

What is printed needs no library beyond click, which is loaded anyway: `status` answers at once.
"""

import json
import os
import re
import shutil
import sys
from collections.abc import Iterable, Iterator
from typing import assert_never

import click

from modelwright.kernel.digest import plain
from modelwright.kernel.document import Block, Callout, Document, Facts, Figure, Heading, Listing, Table, Text
from modelwright.surfaces.cli.layout import GAP, cells, fitted, padded, wrapped

__all__ = [
    "Console",
    "console",
    "escape",
    "lines_of",
    "show",
    "show_json",
    "show_lines",
    "show_table",
    "width",
]

MARKS = {"passed": "✔", "failed": "✘", "unknown": "?", "note": "→"}
TONES = {"passed": "bold green", "failed": "bold red", "unknown": "bold yellow", "note": "bold cyan"}
WORDS = {
    "critical": "bold red",
    "high": "red",
    "medium": "yellow",
    "failed": "red",
    "unknown": "yellow",
    "passed": "green",
    "✔ done": "green",
    "● waits for you": "bold yellow",
    "▶ next": "bold cyan",
    "↻ stale": "yellow",
}
"""Cells that are coloured when they say exactly this."""

COLOURS = frozenset({"black", "red", "green", "yellow", "blue", "magenta", "cyan", "white"})
KNOWN = COLOURS | {"bold", "dim", "italic"}
ESCAPED = "\\["
TAG = re.compile(r"\\\[|\[/?[a-z ]*\]")
NUMBER = re.compile(r"[-+−~<>=≤≥]{0,2} ?\d[\d,.]*(?: ?(?:%|ms|s|min|h|B|KiB|MiB|GiB))?")

WIDEST = 120
"""Lines are not made longer than this: the eye loses the way back."""
WIDTH_ELSEWHERE = 100
"""Cells of a line where there is no terminal to ask."""
TIGHT = 2
"""When a row takes more lines than this, empty lines keep the rows of its table apart."""
MOST_ROWS = 25
"""Rows of a table shown in a terminal; the page holds all of them."""


def _styled(text: str, style: str) -> str:
    words = style.split()
    if not words or not text:
        return text
    return click.style(
        text,
        fg=next((word for word in words if word in COLOURS), None),
        bold="bold" in words or None,
        dim="dim" in words or None,
        italic="italic" in words or None,
    )


def escape(text: str) -> str:
    r"""Protect text from being read as markup.

    Examples:
        >>> escape("[bold]")
        '\\[bold]'
    """
    return text.replace("[", ESCAPED)


def _marked(text: str) -> str:
    """Turn `[bold green]words[/]` into colours; anything else in brackets is text."""
    out: list[str] = []
    styles: list[str] = []
    end = 0
    for match in TAG.finditer(text):
        tag = match.group()
        opens = bool(tag[1:-1].strip()) and set(tag[1:-1].split()) <= KNOWN
        closes = tag.startswith("[/") and bool(styles)
        if not (opens or closes or tag == ESCAPED):
            continue
        out.append(_styled(text[end : match.start()], " ".join(styles)))
        end = match.end()
        if closes:
            styles.pop()
        elif opens:
            styles.append(tag[1:-1])
        else:
            out.append(_styled("[", " ".join(styles)))
    return "".join([*out, _styled(text[end:], " ".join(styles))])


class Console:
    """Prints lines on standard output or standard error, coloured where a terminal can show it.

    Colours follow the terminal and the wish of its owner: none into a pipe or a file, none where the
    variable NO_COLOR is set (no-color.org).

    Args:
        stderr: Whether to print on standard error.

    Examples:
        >>> Console().print("[bold green]done[/]")
        done
    """

    def __init__(self, *, stderr: bool = False) -> None:
        """Keep where to print."""
        self._stderr = stderr

    def print(self, text: str = "", *, markup: bool = True) -> None:
        """Print one line; `[bold green]words[/]` is coloured unless `markup` is off."""
        plain_only = False if os.environ.get("NO_COLOR") else None
        click.echo(_marked(text) if markup else text, err=self._stderr, color=plain_only)


def console(*, stderr: bool = False) -> Console:
    """Return a console on standard output or standard error.

    Examples:
        >>> console().print("as it is: [bold]", markup=False)
        as it is: [bold]
    """
    return Console(stderr=stderr)


def width() -> int:
    """Return how many cells a line has.

    Examples:
        >>> 20 <= width() <= WIDEST
        True
    """
    return max(20, min(shutil.get_terminal_size((WIDTH_ELSEWHERE, 24)).columns, WIDEST))


def show_json(value: object) -> None:
    """Print a record as JSON.

    Examples:
        >>> show_json({"rows": 2})
        {
          "rows": 2
        }
    """
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n")
    sys.stdout.flush()


def show(document: Document) -> None:
    """Print a document.

    Examples:
        >>> show(Document(title="A note", blocks=(Text(text="All is well."),)))
        A note
        All is well.
    """
    out = console()
    for line in lines_of(document, width=width()):
        out.print(line, markup=False)


def show_lines(mark: str, texts: Iterable[str]) -> None:
    """Print texts as a list, each behind a mark, folded under itself.

    Args:
        mark: What stands before each text, with markup.
        texts: The texts; no markup.

    Examples:
        >>> show_lines("• ", ["one", "two"])
        • one
        • two
    """
    out = console()
    indent = cells(click.unstyle(_marked(mark)))
    for text in texts:
        for index, line in enumerate(wrapped(text, width() - indent)):
            out.print((" " * indent if index else mark) + escape(line))


def show_table(table: Table) -> None:
    """Print a table alone, without a title.

    Examples:
        >>> show_table(Table(columns=("version", "standing"), rows=(("v1", "champion"),)))
        version  standing
        v1       champion
    """
    for line in _lines(table, width()):
        console().print(line, markup=False)


def lines_of(document: Document, *, width: int) -> Iterator[str]:
    """Yield the lines of a document, coloured, none wider than `width`.

    Examples:
        >>> note = Document(title="Note", blocks=(Facts(items=(("Rows", "12"),)),))
        >>> [click.unstyle(line) for line in lines_of(note, width=40)]
        ['Note', 'Rows  12']
    """
    yield _styled(document.title, "bold")
    before: Block | None = None
    for block in document.blocks:
        if before is not None and _parted(before, block):
            yield ""
        yield from _lines(block, width)
        before = block


def _parted(before: Block, block: Block) -> bool:
    """Whether an empty line stands between two blocks: around tables and lists, and before headings."""
    if isinstance(before, Heading):
        return False
    return isinstance(block, Heading) or isinstance(before, Table | Figure) or isinstance(block, Table)


def _hanging(mark: str, text: str, width: int, style: str = "") -> Iterator[str]:
    indent = " " * cells(mark)
    for index, line in enumerate(wrapped(text, max(width - cells(mark), 10))):
        yield _styled((indent if index else mark) + line, style)


def _lines(block: Block, width: int) -> Iterator[str]:
    match block:
        case Heading(text=text):
            yield from (_styled(line, "bold") for line in wrapped(text, width))
        case Text(text=text):
            yield from wrapped(text, width)
        case Listing(items=items, ordered=ordered):
            for index, item in enumerate(items, 1):
                yield from _hanging(f"  {f'{index}.' if ordered else '•'} ", item, width)
        case Facts(items=pairs):
            yield from _facts(pairs, width)
        case Table(columns=columns, rows=rows, caption=caption):
            yield from _table(columns, rows, caption, width)
        case Figure(caption=caption):
            yield from _hanging("", f"figure in the page: {caption}", width, "dim")
        case Callout(tone=tone, text=text):
            yield from _hanging(f"{MARKS[tone]} ", text, width, TONES[tone])
        case _:
            assert_never(block)


def _facts(pairs: tuple[tuple[str, str], ...], width: int) -> Iterator[str]:
    names = min(max((cells(name) for name, _ in pairs), default=0), width // 3)
    for name, value in pairs:
        left = wrapped(name, names)
        right = wrapped(value, max(width - names - len(GAP), 10))
        for index in range(max(len(left), len(right))):
            told = padded(left[index] if index < len(left) else "", names)
            yield (_styled(told, "dim") + GAP + (right[index] if index < len(right) else "")).rstrip()


def _table(
    columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...], caption: str, width: int
) -> Iterator[str]:
    if caption:
        yield from _hanging("", caption, width, "italic")
    told = [index for index in range(len(columns)) if not rows or any(row[index] for row in rows)]
    names = [columns[index] for index in told]
    shown = [[row[index] for index in told] for row in rows[:MOST_ROWS]]
    numbers = [all(NUMBER.fullmatch(row[at]) for row in shown if row[at]) for at in range(len(told))]
    lines = [
        [line for text in (name, *(row[at] for row in shown)) for line in text.split("\n")]
        for at, name in enumerate(names)
    ]
    natural = [max(map(cells, column)) for column in lines]
    longest = [max((cells(word) for line in column for word in line.split()), default=0) for column in lines]
    widths = fitted(natural, least=longest, room=width - len(GAP) * (len(told) - 1))
    if any(names):
        yield from _row(names, widths, numbers, "dim")
    folded = [list(_row(row, widths, numbers, "")) for row in shown]
    spaced = any(len(lines_of_row) > TIGHT for lines_of_row in folded)
    for index, lines_of_row in enumerate(folded):
        if index and spaced:
            yield ""
        yield from lines_of_row
    if len(rows) > MOST_ROWS:
        yield _styled(f"... {len(rows) - MOST_ROWS:,} more rows in the page", "dim")


def _row(texts: list[str], widths: list[int], numbers: list[bool], style: str) -> Iterator[str]:
    folded = [wrapped(text, widths[at]) for at, text in enumerate(texts)]
    for index in range(max(map(len, folded), default=0)):
        pieces = [lines[index] if index < len(lines) else "" for lines in folded]
        last = max((at for at, piece in enumerate(pieces) if piece), default=0)
        line = [
            padded(piece, widths[at], right=numbers[at]) if at < last or numbers[at] else piece
            for at, piece in enumerate(pieces[: last + 1])
        ]
        yield GAP.join(_styled(piece, style or WORDS.get(texts[at], "")) for at, piece in enumerate(line))
