"""Documents: what every record turns into when a person wants to read it.

A record offers `document()`; the same document renders to Markdown (for pull requests and terminals)
and to one self-contained HTML page (for people who would rather see). Pages make no outside requests.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from importlib.resources import files
from typing import Literal

__all__ = ["Block", "Callout", "Document", "Facts", "Figure", "Heading", "Listing", "Table", "Text", "page"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Heading:
    """A section's title.

    Examples:
        >>> Heading(text="Risks").level
        2
    """

    text: str
    """The title."""
    level: Literal[2, 3] = 2
    """2 for a section, 3 for a part of one; the document's own title is level 1."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Text:
    """A paragraph of plain text.

    Examples:
        >>> Text(text="All is well.").text
        'All is well.'
    """

    text: str
    """The words; no markup."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Listing:
    """A list of short lines.

    Examples:
        >>> Listing(items=("one", "two")).ordered
        False
    """

    items: tuple[str, ...]
    """The lines."""
    ordered: bool = False
    """Whether the lines are numbered."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Pairs of a name and a value.

    Examples:
        >>> Facts(items=(("Rows", "41,188"),)).items[0][0]
        'Rows'
    """

    items: tuple[tuple[str, str], ...]
    """Name and value, in the order they are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under column names; cells are text, numbers already formatted.

    Examples:
        >>> Table(columns=("metric", "value"), rows=(("AUC", "0.79"),)).rows[0]
        ('AUC', '0.79')
    """

    columns: tuple[str, ...]
    """The column names."""
    rows: tuple[tuple[str, ...], ...]
    """The rows; each has as many cells as there are columns."""
    caption: str = ""
    """What the table shows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A picture, drawn as SVG; the caption says in words what it shows.

    Examples:
        >>> Figure(svg="<svg></svg>", caption="Calibration").caption
        'Calibration'
    """

    svg: str
    """A complete `<svg>` element made by our own plotting code: it is put in the page as it is."""
    caption: str
    """What the picture shows, for those who cannot see it; Markdown shows only this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Callout:
    """One line that must not be missed.

    Examples:
        >>> Callout(tone="failed", text="2 gates failed").tone
        'failed'
    """

    tone: Literal["passed", "failed", "unknown", "note"]
    """The colour it is shown in."""
    text: str
    """The line."""


Block = Heading | Text | Listing | Facts | Table | Figure | Callout
"""What a document is made of."""

MARKS = {"passed": "✔", "failed": "✘", "unknown": "?", "note": "→"}


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _markdown(block: Block) -> str:
    match block:
        case Heading(text=text, level=level):
            return f"{'#' * level} {text}"
        case Text(text=text):
            return text
        case Listing(items=items, ordered=ordered):
            return "\n".join(
                f"{f'{index}.' if ordered else '-'} {item}" for index, item in enumerate(items, 1)
            )
        case Facts(items=pairs):
            return "\n".join(f"- **{name}**: {value}" for name, value in pairs)
        case Table(columns=columns, rows=rows, caption=caption):
            lines = ["| " + " | ".join(map(_cell, columns)) + " |", "|" + " --- |" * len(columns)]
            lines += ["| " + " | ".join(map(_cell, row)) + " |" for row in rows]
            return "\n".join(([caption, ""] if caption else []) + lines)
        case Figure(caption=caption):
            return f"*Figure: {caption}*"
        case Callout(tone=tone, text=text):
            return f"> {MARKS[tone]} {text}"


def _html(block: Block) -> str:
    match block:
        case Heading(text=text, level=level):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Text(text=text):
            return f"<p>{escape(text)}</p>"
        case Listing(items=items, ordered=ordered):
            tag = "ol" if ordered else "ul"
            return f"<{tag}>" + "".join(f"<li>{escape(item)}</li>" for item in items) + f"</{tag}>"
        case Facts(items=pairs):
            body = "".join(f"<dt>{escape(name)}</dt><dd>{escape(value)}</dd>" for name, value in pairs)
            return f"<dl>{body}</dl>"
        case Table(columns=columns, rows=rows, caption=caption):
            head = "".join(f"<th scope='col'>{escape(column)}</th>" for column in columns)
            body = "".join(
                "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in rows
            )
            title = f"<caption>{escape(caption)}</caption>" if caption else ""
            inside = f"{title}<thead><tr>{head}</tr></thead><tbody>{body}</tbody>"
            return f"<div class='table'><table>{inside}</table></div>"
        case Figure(svg=svg, caption=caption):
            return f"<figure>{svg}<figcaption>{escape(caption)}</figcaption></figure>"
        case Callout(tone=tone, text=text):
            return (
                f"<p class='callout {tone}'><span aria-hidden='true'>{MARKS[tone]}</span> {escape(text)}</p>"
            )


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A title and the blocks below it.

    Examples:
        >>> note = Document(title="Note", blocks=(Text(text="All is well."),))
        >>> print(note.to_markdown())
        # Note
        <BLANKLINE>
        All is well.
        <BLANKLINE>
        >>> "<h1>Note</h1>" in note.to_html()
        True
    """

    title: str
    """The title."""
    blocks: tuple[Block, ...]
    """What stands below the title, in order."""

    def to_markdown(self) -> str:
        """Render as Markdown; figures appear as their captions."""
        return "\n\n".join([f"# {self.title}", *map(_markdown, self.blocks)]) + "\n"

    def to_html(self) -> str:
        """Render as one self-contained HTML page."""
        return page((self,))


def page(documents: Sequence[Document]) -> str:
    """Render documents one under the other as a single self-contained HTML page with a table of contents.

    Raises:
        ValueError: When there is no document.

    Examples:
        >>> first = Document(title="A", blocks=())
        >>> second = Document(title="B", blocks=())
        >>> page((first, second)).count("<section")
        2
    """
    if not documents:
        message = "a page needs at least one document"
        raise ValueError(message)
    style = files("modelwright.kernel").joinpath("document.css").read_text(encoding="utf-8")
    sections = []
    for index, document in enumerate(documents):
        body = "\n".join(map(_html, document.blocks))
        sections.append(f"<section id='s{index}'><h1>{escape(document.title)}</h1>\n{body}</section>")
    links = "".join(f"<a href='#s{index}'>{escape(item.title)}</a>" for index, item in enumerate(documents))
    contents = f"<nav aria-label='Contents'>{links}</nav>" if len(documents) > 1 else ""
    return (
        "<!doctype html>\n<html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{escape(documents[0].title)}</title><style>{style}</style></head>"
        f"<body>{contents}<main>{''.join(sections)}</main></body></html>\n"
    )
