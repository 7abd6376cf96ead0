"""Exploration reports: which files matter, what patterns they show, what to be careful about."""

from collections.abc import Sequence
from dataclasses import dataclass

from modelwright.kernel.document import Block, Document, Heading, Listing, Table, Text

__all__ = ["ExplorationReport", "KeyFile"]


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyFile:
    """A file worth reading, and why.

    Examples:
        >>> KeyFile(path="train.py", line=12, why="training loop").place
        'train.py:12'
    """

    path: str
    """Path relative to the project."""
    line: int
    """The line to start at, from 1."""
    why: str
    """Why it matters."""

    @property
    def place(self) -> str:
        """The path and line, as editors open them."""
        return f"{self.path}:{self.line}"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExplorationReport:
    """What an explorer saw of one aspect.

    Examples:
        >>> ExplorationReport(aspect="training", files_read=0).document().title
        'Exploration: training'
    """

    aspect: str
    """What was looked for."""
    files_read: int
    """How many files were read."""
    key_files: tuple[KeyFile, ...] = ()
    """Up to ten files worth reading."""
    patterns: tuple[str, ...] = ()
    """What the files have in common."""
    concerns: tuple[str, ...] = ()
    """What to be careful about, with its place."""
    recommendations: tuple[str, ...] = ()
    """What to reuse or look at."""

    def document(self) -> Document:
        """Render the report."""
        blocks: list[Block] = [Text(text=f"{self.files_read} files of the project were read.")]
        if self.key_files:
            rows = tuple((key.place, key.why) for key in self.key_files)
            blocks += [Heading(text="Key files"), Table(columns=("file", "why"), rows=rows)]
        for title, lines in self._parts():
            blocks += [Heading(text=title), Listing(items=tuple(lines) or ("none found",))]
        return Document(title=f"Exploration: {self.aspect}", blocks=tuple(blocks))

    def _parts(self) -> Sequence[tuple[str, Sequence[str]]]:
        return (
            ("Patterns found", self.patterns),
            ("Risks and concerns", self.concerns),
            ("Recommendations", self.recommendations),
        )
