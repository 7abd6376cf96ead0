"""Pages: what each phase produced, as Markdown and HTML beside the evidence they were rendered from."""

import os
import re
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Protocol, runtime_checkable

from modelwright._version import __version__
from modelwright.kernel.digest import digest_of
from modelwright.kernel.document import Document, page
from modelwright.ledger.artifacts import write_atomically
from modelwright.workflow.history import History
from modelwright.workflow.phases import Phase, phase_of
from modelwright.workflow.ports import Ports
from modelwright.workflow.project import Project

__all__ = ["MAIN_OUTPUT", "READ", "Readable", "documents_of", "kind_of", "page_path", "write_pages"]

EXPLORATION, FACTS = "roles.exploration.ExplorationReport", "roles.data_scientist.FactCheck"

READ: Mapping[int, Mapping[str, str]] = {
    1: {
        "requirements": "workflow.problem_analysis.Requirements",
        "compact": "workflow.compact.IterationCompact",
        "exploration": EXPLORATION,
    },
    2: {
        "summary": "workflow.data_architecture.DataSummary",
        "snapshot": "data.snapshot.Snapshot",
        "profile": "data.profile.Profile",
        "validation": "data.validation.Validation",
        "quality": "data.quality.DataQuality",
        "audit": "data.audit.SourceAudit",
        "exploration_sources": EXPLORATION,
        "exploration_preprocessing": EXPLORATION,
        "exploration_schema": EXPLORATION,
    },
    3: {"risks": "risk.register.RiskList", "exploration": EXPLORATION},
    4: {
        "proposals": "candidates.design.Proposals",
        "plan": "features.plan.FeaturePlan",
        "lineage": "data.lineage.Lineage",
    },
    5: {"pipeline_design": "roles.mlops_engineer.PipelineDesign", "fact_check": FACTS},
    6: {"evaluation_design": "roles.data_scientist.EvaluationDesign", "fact_check": FACTS},
    7: {
        "checks": "workflow.model_implementation.ComponentChecks",
        "files": "roles.ml_writer.WrittenFiles",
    },
    8: {
        "run": "training.run.Run",
        "validation_report": "evaluation.report.EvaluationReport",
        "baseline_run": "training.run.Run",
    },
    9: {
        "certificate": "registry.certificate.Certificate",
        "measurements": "workflow.measurements.Measurements",
        "candidate": "workflow.integration.Candidate",
    },
    10: {"review": "review.report.ReviewReport", "checklist": "workflow.checklist.Checklist"},
    11: {
        "verdict": "gates.verdict.Verdict",
        "report": "evaluation.report.EvaluationReport",
        "suite": "workflow.evaluation_execution.Suite",
        "version": "workflow.packing.PackedVersion",
    },
    12: {
        "summary": "workflow.closing.Summary",
        "card": "workflow.closing.Card",
        "observation": "workflow.observation.Observation",
        "operation": "workflow.closing.OperationNote",
        "decisions": "workflow.decision.DecisionRecords",
    },
}
"""The outputs of each phase that a person reads, in that order, and the record each is."""

MAIN_OUTPUT: Mapping[int, str] = {number: next(iter(names)) for number, names in READ.items()}
"""The output of each phase that a person reads first."""

FORM = f"drawn by modelwright {__version__} from"
"""Named in every page: another version may draw another page of the same evidence, and draws it again."""


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


def documents_of(phase: int, outputs: Mapping[str, object]) -> tuple[Document, ...]:
    """Return the documents of a phase's outputs, the main one first.

    Examples:
        >>> documents_of(1, {})
        ()
    """
    return tuple(
        record.document() for name in READ[phase] if isinstance(record := outputs.get(name), Readable)
    )


def page_path(project: Project, phase: Phase) -> Path:
    """Return where the page of a phase lies.

    Examples:
        >>> from modelwright.workflow.phases import phase_of
        >>> page_path(Project(root=Path("calls")), phase_of(3)).name
        '03-risk-assessment.html'
    """
    stem = f"{phase.number:02d}-{re.sub(r'[^a-z]+', '-', phase.name.lower())}"
    return project.reports / f"{stem}.html"


def write_pages(ports: Ports, history: History) -> tuple[Path, ...]:
    """Write the pages, as HTML and Markdown, of all phases whose page is missing or tells of other evidence.

    Pages are drawn when a run stops, not while it is at work: nobody reads them before. They are made from
    the stored evidence alone, so that a kill before they are written costs nothing: the next run, or whoever
    asks for one, finds them missing.

    Args:
        ports: The outside world.
        history: What the ledger tells.

    Returns:
        The HTML files that were written.

    Raises:
        StorageFailed: When the disk is full, read-only or gone.
    """
    written = []
    for number, completion in sorted(history.completions.items()):
        target, stamp = page_path(ports.project, phase_of(number)), _stamp(completion.outputs)
        if _ending(target, len(stamp)) == stamp:
            continue
        records: dict[str, object] = {
            name: ports.store.get_record(completion.outputs[name], kind_of(place))
            for name, place in READ[number].items()
            if name in completion.outputs
        }
        documents = documents_of(number, records)
        if not documents:  # an entry written by hand may name nothing that can be read
            continue
        markdown = "\n".join(document.to_markdown() for document in documents)
        write_atomically(target.with_suffix(".md"), markdown.encode("utf-8"))
        # Last: its stamp says that both are there.
        write_atomically(target, page(documents).encode("utf-8") + stamp)
        written.append(target)
    return tuple(written)


def _stamp(outputs: Mapping[str, str]) -> bytes:
    """Return the last line of a page: which evidence it was drawn from, by which form of page."""
    return f"<!-- {FORM} {digest_of(dict(outputs))} -->\n".encode()


def _ending(path: Path, length: int) -> bytes:
    try:
        with path.open("rb") as stream:
            stream.seek(-length, os.SEEK_END)
            return stream.read()
    except OSError:  # not there, or shorter than that
        return b""


def kind_of(place: str) -> type:
    """Return the record that the table of pages names, such as `risk.register.RiskList`.

    Examples:
        >>> kind_of("training.run.Run").__name__
        'Run'
    """
    module, _, name = place.rpartition(".")
    kind: type = getattr(import_module(f"modelwright.{module}"), name)
    return kind
