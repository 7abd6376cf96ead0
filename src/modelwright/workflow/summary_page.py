"""The one-page summary: the whole run on one self-contained page, every part out of stored evidence."""

from collections.abc import Iterator
from pathlib import Path

from modelwright.kernel.digest import short
from modelwright.kernel.document import Document, Listing, Table, Text, page
from modelwright.kernel.errors import PhaseLocked
from modelwright.ledger.artifacts import write_atomically
from modelwright.workflow.decision import decisions_of
from modelwright.workflow.engine import look
from modelwright.workflow.history import History
from modelwright.workflow.let_through import let_through
from modelwright.workflow.noting import notes_of
from modelwright.workflow.ports import Ports
from modelwright.workflow.standing import standing_of
from modelwright.workflow.verification import verify_project

__all__ = ["write_summary"]

OPERATED = ("version.", "rollout.", "monitor.")
"""Kinds of ledger entries that tell what happened after the run."""


def write_summary(ports: Ports) -> Path:
    """Write the summary of everything so far and return its file.

    Raises:
        PhaseLocked: When nothing has run yet.
    """
    now = look(ports)
    if not now.history.completions:
        raise PhaseLocked(
            "nothing has run yet", why="a summary tells what happened", next_step="modelwright run"
        )
    documents = (
        *_outcome(ports, now.history),
        standing_of(now).document(),
        *_found(ports, now.history),
        *_operated(ports),
        let_through(ports).document(),
        notes_of(ports.ledger.entries()).document(),
        decisions_of(now.history).document(),
        verify_project(ports).document(),
        _evidence(ports, now.history),
    )
    target = ports.project.reports / "summary.html"
    write_atomically(target, page(documents).encode("utf-8"))
    return target


def _outcome(ports: Ports, history: History) -> Iterator[Document]:
    """Yield what came out: measured quality with its pictures, gates, proof."""
    if 11 not in history.completions:
        return
    from modelwright.evaluation.report import EvaluationReport
    from modelwright.gates.verdict import Verdict
    from modelwright.registry.certificate import Certificate
    from modelwright.training.run import Run
    from modelwright.workflow.measurements import Measurements

    store = ports.store
    last, trained, joined = (history.completions[number].outputs for number in (11, 8, 9))
    run = store.get_record(trained["run"], Run)
    yield store.get_record(last["report"], EvaluationReport).document(importance=run.importance)
    yield store.get_record(last["verdict"], Verdict).document()
    yield store.get_record(joined["certificate"], Certificate).document()
    yield store.get_record(joined["measurements"], Measurements).document()


def _found(ports: Ports, history: History) -> Iterator[Document]:
    """Yield what was found before training: risks and designs."""
    from modelwright.workflow.highlights import designs_at_once, risks_at_once

    if 3 in history.completions:
        from modelwright.risk.register import RiskList

        yield risks_at_once(ports.store.get_record(history.completions[3].outputs["risks"], RiskList))
    if 4 in history.completions:
        from modelwright.candidates.design import Proposals

        yield designs_at_once(ports.store.get_record(history.completions[4].outputs["proposals"], Proposals))


def _operated(ports: Ports) -> Iterator[Document]:
    """Yield what happened in operation: versions, rollouts, the last look of the monitor."""
    entries = [entry for entry in ports.ledger.entries() if entry.kind.startswith(OPERATED)]
    if not entries:
        return
    rows = tuple(
        (
            f"{entry.at:%Y-%m-%d %H:%M:%S}",
            entry.kind,
            str(entry.body.get("version") or entry.body.get("challenger") or ""),
            str(entry.body.get("reason") or ""),
        )
        for entry in entries
    )
    yield Document(
        title="In operation", blocks=(Table(columns=("when", "what", "version", "why"), rows=rows),)
    )
    judged = [entry for entry in entries if entry.kind == "monitor.judged"]
    if judged:
        from modelwright.monitoring.report import MonitoringReport

        yield ports.store.get_record(judged[-1].artifacts["report"], MonitoringReport).document()


def _evidence(ports: Ports, history: History) -> Document:
    """Say where every piece of evidence lies."""
    store = ports.project.store.name
    items = (
        f"contract.yaml: what was agreed, digest {short(str(history.contract.body['contract_digest']))}"
        if history.contract
        else "contract.yaml: what was agreed",
        f"{store}/ledger.db: {history.length} entries, head {short(history.head)}",
        f"{store}/artifacts: every record under its digest",
        f"{store}/bundles: the packed versions",
        f"{store}/serving: routing, prediction log, labels, counts of live inputs",
        f"{store}/reports: the page of every phase, and this one",
    )
    return Document(
        title="Where the evidence lies",
        blocks=(Text(text="Relative to the project's folder:"), Listing(items=items)),
    )
