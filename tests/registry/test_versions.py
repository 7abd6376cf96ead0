"""Versions: standing follows from the ledger alone, and nothing is promoted without its evidence."""

from dataclasses import replace

import pytest

from modelwright.authority.actor import Actor, ActorKind
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.errors import IntegrityBroken, PhaseLocked, UnknownName
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.memory import MemoryLedger
from modelwright.registry.versions import (
    Version,
    certified,
    champion,
    promote,
    read_roster,
    register,
    retire,
    version_of,
    versions,
    write_roster,
)

LEAD = Actor(kind=ActorKind.PERSON, name="lead")
YES = Outcome(status=Status.PASSED, what="promotion is approved", evidence=("approved by person lead",))
OPEN = Outcome(status=Status.UNKNOWN, what="promotion is approved", next_step="ask a person to approve")
GOOD = Version(
    name="calls",
    version="v1",
    bundle_digest="sha256:" + "1" * 64,
    path="v1.mwb",
    contract_digest="sha256:" + "c" * 64,
    run_id="r1",
    verdict_status="passed",
    standing="registered",
)


def ledger_with(*named, purpose="serve"):
    """A ledger with registered and certified versions of these names."""
    ledger = MemoryLedger(clock=SteppingClock())
    for name in named:
        register(ledger, replace(GOOD, version=name), actor=LEAD, purpose=purpose)
        certified(ledger, name, certificate_digest="sha256:" + "e" * 64, actor=LEAD)
    return ledger


def standings(ledger):
    """Version to standing."""
    return {version.version: version.standing for version in versions(ledger)}


def test_registering_twice_changes_nothing_and_another_bundle_is_refused():
    """A version's name is never given twice."""
    ledger = ledger_with("v1")
    length = len(list(ledger.entries()))
    register(ledger, GOOD, actor=LEAD, purpose="serve")
    certified(ledger, "v1", certificate_digest="sha256:" + "e" * 64, actor=LEAD)
    assert len(list(ledger.entries())) == length
    with pytest.raises(IntegrityBroken, match="exists with another bundle"):
        register(ledger, replace(GOOD, bundle_digest="sha256:" + "2" * 64), actor=LEAD, purpose="serve")


def test_promotion_retires_the_champion_before():
    """There is one champion at a time, and going back to the one before is a promotion like any other."""
    ledger = ledger_with("v1", "v2")
    assert champion(ledger) is None
    promote(ledger, "v1", approval=YES, actor=LEAD, reason="first")
    promote(ledger, "v2", approval=YES, actor=LEAD, reason="better")
    assert standings(ledger) == {"v1": "retired", "v2": "champion"}
    promote(ledger, "v1", approval=YES, actor=LEAD, reason="v2 went wrong")
    assert standings(ledger) == {"v1": "champion", "v2": "retired"}
    before = ledger.head()
    assert promote(ledger, "v1", approval=OPEN, actor=LEAD, reason="again").standing == "champion"
    assert ledger.head() == before


@pytest.mark.parametrize(
    ("changed", "approval", "told"),
    [
        ({"verdict_status": "unknown"}, YES, "the gates said unknown"),
        ({"verdict_status": "failed"}, YES, "the gates said failed"),
        ({}, OPEN, "the approval is unknown"),
        ({}, Outcome(status=Status.FAILED, what="a", evidence=("rejected by lead",)), "rejected by lead"),
    ],
)
def test_promotion_is_refused_without_gates_or_approval(changed, approval, told):
    """Unknown blocks as failed does."""
    ledger = MemoryLedger(clock=SteppingClock())
    register(ledger, replace(GOOD, certificate_digest="sha256:e", **changed), actor=LEAD, purpose="serve")
    with pytest.raises(PhaseLocked, match=told):
        promote(ledger, "v1", approval=approval, actor=LEAD, reason="please")
    assert standings(ledger) == {"v1": "registered"}


def test_everything_missing_is_told_at_once():
    """No certificate, no gates, no approval: three lines."""
    ledger = MemoryLedger(clock=SteppingClock())
    register(ledger, replace(GOOD, verdict_status="unknown"), actor=LEAD, purpose="serve")
    with pytest.raises(PhaseLocked) as caught:
        promote(ledger, "v1", approval=OPEN, actor=LEAD, reason="please")
    assert len(caught.value.faults) == 3


def test_a_drill_stays_a_drill():
    """Neither a promotion nor a rollout makes a rehearsal model a real one."""
    ledger = ledger_with("v9", purpose="drill")
    with pytest.raises(PhaseLocked, match="rehearses a rollback"):
        promote(ledger, "v9", approval=YES, actor=LEAD, reason="please")
    ledger.append("rollout.completed", {"challenger": "v9"}, actor=LEAD)
    assert standings(ledger) == {"v9": "drill"}


def test_a_rollout_moves_the_standing_of_its_challenger():
    """Started, rolled back, never promoted again; or completed, and champion."""
    ledger = ledger_with("v1", "v2", "v3")
    promote(ledger, "v1", approval=YES, actor=LEAD, reason="first")
    ledger.append("rollout.started", {"challenger": "v2", "champion": "v1"}, actor=LEAD)
    assert standings(ledger) == {"v1": "champion", "v2": "challenger", "v3": "registered"}
    ledger.append("rollout.rolled_back", {"challenger": "v2"}, actor=LEAD)
    assert version_of(ledger, "v2").standing == "rolled_back"
    with pytest.raises(PhaseLocked, match="rolled back"):
        promote(ledger, "v2", approval=YES, actor=LEAD, reason="please")
    ledger.append("rollout.completed", {"challenger": "v3"}, actor=LEAD)
    assert standings(ledger) == {"v1": "retired", "v2": "rolled_back", "v3": "champion"}
    ledger.append("rollout.completed", {"challenger": "unheard of"}, actor=LEAD)
    assert champion(ledger).version == "v3"


def test_retiring_is_written_down_once():
    """And an unknown version is named with its neighbour."""
    ledger = ledger_with("v1")
    retire(ledger, "v1", actor=LEAD, reason="obsolete")
    head = ledger.head()
    assert retire(ledger, "v1", actor=LEAD, reason="obsolete").standing == "retired"
    assert ledger.head() == head
    with pytest.raises(UnknownName, match="v1"):
        version_of(ledger, "v11")


def test_a_roster_reads_back_what_was_written(tmp_path):
    """The server sees what the ledger says."""
    ledger = ledger_with("v1", "v2")
    write_roster(tmp_path / "versions.json", versions(ledger))
    assert tuple(read_roster(tmp_path / "versions.json")) == versions(ledger)


def test_a_missing_or_broken_roster_is_no_roster(tmp_path):
    """A version whose standing is not known is not served."""
    with pytest.raises(IntegrityBroken, match="cannot be read"):
        read_roster(tmp_path / "versions.json")
    (tmp_path / "versions.json").write_text("{}")
    with pytest.raises(IntegrityBroken):
        read_roster(tmp_path / "versions.json")
