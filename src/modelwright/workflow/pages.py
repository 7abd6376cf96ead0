"""Pages: what each phase produced, as Markdown and HTML beside the evidence they were rendered from."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol, runtime_checkable

from modelwright.kernel.document import Document, page
from modelwright.ledger.artifacts import write_atomically
from modelwright.workflow.phases import Phase
from modelwright.workflow.project import Project

__all__ = ["MAIN_OUTPUT", "Readable", "documents_of", "page_path", "write_page"]

MAIN_OUTPUT: Mapping[int, str] = {
    1: "requirements",
    2: "summary",
    3: "risks",
    4: "proposals",
    5: "pipeline_design",
    6: "evaluation_design",
    7: "checks",
    8: "run",
    9: "certificate",
    10: "review",
    11: "verdict",
    12: "summary",
}
"""The output of each phase that a person reads first."""


@runtime_checkable
class Readable(Protocol):
    """A record that can be read by a person.

    Examples:
        >>> isinstance(Document(title="", blocks=()), Readable)
        False
    """

    def document(self) -> Document:
        """Render the record."""
        ...


def documents_of(phase: Phase, outputs: Mapping[str, object]) -> tuple[Document, ...]:
    """Return the documents of a phase's outputs, the main one first.

    Examples:
        >>> from modelwright.workflow.phases import phase_of
        >>> documents_of(phase_of(1), {})
        ()
    """
    first = MAIN_OUTPUT[phase.number]
    names = sorted(outputs, key=lambda name: (name != first, list(outputs).index(name)))
    return tuple(record.document() for name in names if isinstance(record := outputs[name], Readable))


def page_path(project: Project, phase: Phase) -> Path:
    """Return where the page of a phase lies.

    Examples:
        >>> from modelwright.workflow.phases import phase_of
        >>> page_path(Project(root=Path("calls")), phase_of(3)).name
        '03-risk-assessment.html'
    """
    stem = f"{phase.number:02d}-{re.sub(r'[^a-z]+', '-', phase.name.lower())}"
    return project.reports / f"{stem}.html"


def write_page(project: Project, phase: Phase, outputs: Mapping[str, object]) -> Path | None:
    """Write the page of a phase as HTML and Markdown and return the HTML file; None when nothing is readable.

    Raises:
        StorageFailed: When the disk is full, read-only or gone.
    """
    documents = documents_of(phase, outputs)
    if not documents:
        return None
    target = page_path(project, phase)
    write_atomically(target, page(documents).encode("utf-8"))
    markdown = "\n".join(document.to_markdown() for document in documents)
    write_atomically(target.with_suffix(".md"), markdown.encode("utf-8"))
    return target
