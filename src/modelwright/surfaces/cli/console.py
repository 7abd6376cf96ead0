"""The console: documents and errors shown in a terminal, or as JSON for programs."""

import json
import sys
from typing import TYPE_CHECKING

from modelwright.kernel.digest import plain
from modelwright.kernel.document import Callout, Document, Facts, Figure, Heading, Listing, Table, Text

if TYPE_CHECKING:  # rich is loaded when something is shown
    from rich.console import Console

__all__ = ["console", "show", "show_json"]

TONES = {"passed": "bold green", "failed": "bold red", "unknown": "bold yellow", "note": "bold cyan"}
MARKS = {"passed": "✔", "failed": "✘", "unknown": "?", "note": "→"}
MOST_ROWS = 25
"""Rows of a table shown in a terminal; the page holds all of them."""


def console(*, stderr: bool = False) -> "Console":
    """Return a console on standard output or standard error."""
    from rich.console import Console

    return Console(stderr=stderr, highlight=False, soft_wrap=not sys.stdout.isatty())


def show_json(value: object) -> None:
    """Print a record as JSON."""
    sys.stdout.write(json.dumps(plain(value), ensure_ascii=False, indent=2) + "\n")


def show(document: Document) -> None:
    """Print a document."""
    from rich.markup import escape
    from rich.table import Table as Grid

    out = console()
    out.print(f"\n[bold]{escape(document.title)}[/bold]")
    for block in document.blocks:
        match block:
            case Heading(text=text):
                out.print(f"\n[bold]{escape(text)}[/bold]")
            case Text(text=text):
                out.print(escape(text))
            case Listing(items=items, ordered=ordered):
                for index, item in enumerate(items, 1):
                    out.print(f"  {f'{index}.' if ordered else '•'} {escape(item)}")
            case Facts(items=pairs):
                grid = Grid(box=None, show_header=False, pad_edge=False, padding=(0, 2, 0, 0))
                grid.add_column(style="dim", no_wrap=True)
                grid.add_column(overflow="fold")
                for name, value in pairs:
                    grid.add_row(escape(name), escape(value))
                out.print(grid)
            case Table(columns=columns, rows=rows, caption=caption):
                grid = Grid(
                    *map(escape, columns), title=escape(caption) or None, title_justify="left", box=None
                )
                for row in rows[:MOST_ROWS]:
                    grid.add_row(*map(escape, row))
                out.print(grid)
                if len(rows) > MOST_ROWS:
                    out.print(f"[dim]... {len(rows) - MOST_ROWS} more rows in the page[/dim]")
            case Figure(caption=caption):
                out.print(f"[dim]figure in the page: {escape(caption)}[/dim]")
            case Callout(tone=tone, text=text):
                out.print(f"[{TONES[tone]}]{MARKS[tone]} {escape(text)}[/]")
