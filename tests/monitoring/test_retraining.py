"""Retraining requests and runbooks: asked for once, promoted never, written before they are needed."""

from datetime import timedelta

from tests.monitoring.served import DAY, NOW, answers, contract, look, sketch, watched

from modelwright.authority.actor import Actor, ActorKind
from modelwright.kernel.clock import SteppingClock
from modelwright.ledger.memory import MemoryLedger
from modelwright.monitoring.retraining import request_retraining
from modelwright.monitoring.runbook import runbooks
from modelwright.registry.versions import KINDS
from modelwright.rollout.target import RollbackTarget

MONITOR = Actor(kind=ActorKind.SERVICE, name="monitor")


def ask(report, ledger, now=NOW):
    """Ask for a candidate when the report calls for one."""
    return request_retraining(
        report.alerts,
        version=report.version,
        contract_digest=report.contract_digest,
        ledger=ledger,
        actor=MONITOR,
        now=now,
        cooldown=timedelta(days=2),
    )


def test_a_drop_of_quality_asks_once_and_promotes_nothing():
    """One entry, its reasons, a cooldown, and no change of standing."""
    ledger = MemoryLedger(clock=SteppingClock(NOW))
    report = look(*answers(knows=0.7))
    request = ask(report, ledger)
    assert request.owner == "ml on call"
    assert request.promotes == "never"
    assert ask(report, ledger, NOW + DAY) is None
    assert ask(report, ledger, NOW + 3 * DAY) is not None
    entries = list(ledger.entries())
    assert [entry.kind for entry in entries] == ["retraining.requested"] * 2
    assert not {entry.kind for entry in entries} & set(KINDS)
    assert entries[0].body["reasons"][0].startswith("quality on late labels is worse")


def test_drift_alone_asks_for_nothing():
    """Unless the contract calls the feature critical."""
    ledger = MemoryLedger(clock=SteppingClock(NOW))
    moved = {"sketches": [sketch(age=(46, 10))]}
    assert ask(look(*answers(), **moved), ledger) is None
    assert (
        ask(look(*answers(), of=watched(contract(critical_features=("age",))), **moved), ledger) is not None
    )


def test_every_alert_points_at_a_runbook_that_exists():
    """Five failures, each with checks, steps and the way back by digest."""
    target = RollbackTarget(
        version="v0",
        bundle_digest="sha256:bundle",
        config_digest="sha256:contract",
        pipeline_digest="sha256:pipeline",
        run_id="r0",
        data_dependency="sha256:data",
    )
    books = {book.key: book for book in runbooks(contract(), fallback_to=target)}
    assert list(books) == ["stale features", "missing labels", "overload", "schema drift", "bad promotion"]
    for book in books.values():
        text = book.document().to_markdown()
        assert "sha256:bundle" in text
        assert "ml on call" in text
    bad = look(*answers(knows=0.7), sketches=[sketch(nulls=0.3, jobs=("astronaut",))])
    assert {alert.runbook for alert in bad.alerts} <= set(books)
    named = look(*answers(), of=watched(contract(owner="", runbook="docs/runbooks.md")))
    assert named.alerts[0].runbook.startswith("docs/runbooks.md#")
    first = runbooks(contract(owner=""))
    assert first[0].owner == "unowned"
    assert "no earlier version" in first[0].back
