"""Watching: one look of the monitor at everything served so far, kept as evidence."""

from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING

from modelwright.evaluation.report import EvaluationReport
from modelwright.ledger.entry import Entry
from modelwright.monitoring.evidence import Watched
from modelwright.monitoring.monitor import monitor
from modelwright.monitoring.report import MonitoringReport
from modelwright.monitoring.retraining import request_retraining
from modelwright.registry.bundle import Bundle
from modelwright.registry.version import verdict_now
from modelwright.serving.labels import read_labels
from modelwright.serving.log import read_log
from modelwright.serving.sketch import read_sketches
from modelwright.workflow.notifying import notify_expired
from modelwright.workflow.places import champion_bundle, places_of, standing_champion
from modelwright.workflow.waiving import expired_waivers, present

if TYPE_CHECKING:  # only named in signatures
    from modelwright.workflow.ports import Ports

__all__ = ["watch"]

EVALUATED = 11
"""The phase that measures on sealed labels."""

COOLDOWN = timedelta(days=7)
"""How long one request for retraining stands for all."""


def watch(ports: "Ports", *, rows: int | None = None) -> MonitoringReport:
    """Look once at the champion's answers, keep the report, and ask for retraining where it is called for.

    A request for retraining is a record for a person; nothing is retrained or promoted by it.

    Args:
        ports: The outside world.
        rows: So many answers make a window; the contract's length of time when not given.

    Raises:
        PhaseLocked: When there is no champion.
    """
    bundle, standing = champion_bundle(ports), standing_champion(ports)
    entries = tuple(ports.ledger.entries())
    promoted = [entry for entry in entries if entry.kind in {"version.promoted", "rollout.completed"}]
    report = _promised(ports, entries, bundle)
    before = promoted[-1].body.get("previous") if promoted else None
    watched = Watched.of(
        bundle,
        evaluation=report,
        promoted_at=promoted[-1].at if promoted else None,
        previous=before if isinstance(before, str) else None,
        agreed=standing.contract_digest,
        vouched=verdict_now(standing, now=present(ports, entries)),
    )
    places = places_of(ports)
    now = ports.clock.now()
    told = monitor(
        watched,
        log=read_log(places.logs),
        sketches=read_sketches(places.sketches),
        labels=read_labels(places.labels),
        now=now,
        rows=rows,
        seed=bundle.contract.data.split.seed,
    )
    ports.ledger.append(
        "monitor.judged",
        {"version": told.version, "reason": told.outcome.status.value, "alerts": len(told.alerts)},
        actor=ports.actor,
        artifacts={"report": ports.store.put_record(told)},
    )
    notify_expired(ports, expired_waivers(ports))
    request_retraining(
        told.alerts,
        version=told.version,
        contract_digest=told.contract_digest,
        ledger=ports.ledger,
        actor=ports.actor,
        now=now,
        cooldown=COOLDOWN,
    )
    return told


def _promised(ports: "Ports", entries: Sequence[Entry], bundle: Bundle) -> EvaluationReport | None:
    """Return the report on this very pipeline; that of another version promises nothing about this one."""
    for entry in reversed(entries):
        if entry.kind == "phase.completed" and entry.body.get("phase") == EVALUATED:
            report = ports.store.get_record(entry.artifacts["report"], EvaluationReport)
            if report.pipeline_digest == bundle.manifest.pipeline_digest:
                return report
    return None
