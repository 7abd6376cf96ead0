"""Breaking the glass: loud, for a time, never over broken evidence, and followed up."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.workflow.conftest import copied, walk
from tests.workflow.projects import AGENT, SECOND, drafted, service_in

from modelwright.authority.answer import Approval
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.digest import plain
from modelwright.kernel.errors import (
    ApprovalRefused,
    BundleRejected,
    ContractChanged,
    PhaseLocked,
    UnknownName,
)
from modelwright.registry.version import verdict_now
from modelwright.workflow.allowance import shown_of

DAY = timedelta(hours=24)


@pytest.fixture(scope="module")
def below_template(tmp_path_factory):
    """A project whose model is below its gate; never changed by a test."""
    service = drafted(tmp_path_factory.mktemp("below") / "calls")
    contract = service.ports.project.contract_file
    contract.write_text(contract.read_text().replace("roc_auc >= 0.6", "roc_auc >= 0.999"))
    walk(service)
    return service.ports.project.root


@pytest.fixture
def below(below_template, tmp_path):
    """The project below its gate, to be changed at will."""
    return copied(below_template, tmp_path)


def kinds(service):
    """The kinds of all entries."""
    return [entry.kind for entry in service.entries()]


def test_a_model_below_its_gate_goes_out_by_a_broken_glass_and_leaves_a_follow_up(below):
    """Promoted, served, recorded with what was missing, and open until somebody answers."""
    with pytest.raises(PhaseLocked, match="cannot be promoted"):
        below.promote("v1", reason="nearly there")
    entry = below.consent.break_glass("v1", reason="the old rules answer nonsense", length=DAY)
    assert entry.kind == "version.promoted"
    assert any("glass broken by person lead" in line for line in entry.body["overridden"])
    (version,) = below.versions()
    assert (version.standing, version.verdict_status) == ("champion", "failed")
    assert version.certificate_digest
    (follow,) = below.consent.follow_ups()
    assert "roc_auc >= 0.999: failed" in follow.told
    assert not follow.closed
    assert below.serve_plan(port=0).version == "v1"
    below.consent.close_follow_up("", reason="v2 passed and took over")
    assert below.consent.follow_ups()[0].closed.startswith("answered by person lead")
    with pytest.raises(UnknownName, match="no open follow-up yet"):
        below.consent.close_follow_up("F9", reason="again and again")


def test_after_its_end_the_version_counts_as_one_without_a_verdict(below):
    """A server started then refuses it, and so does the batch job; going back is always possible."""
    below.consent.break_glass("v1", reason="the old rules answer nonsense", length=DAY)
    later = SteppingClock(below.ports.clock.now() + timedelta(hours=25))
    after = type(below)(replace(below.ports, clock=later))
    with pytest.raises(PhaseLocked, match="expired"):
        after.serve_plan(port=0)
    with pytest.raises(PhaseLocked, match="expired"):
        after.score(after.ports.project.root / "calls.parquet", after.ports.project.root / "out.parquet")
    (version,) = after.versions()
    assert not verdict_now(version, now=later.now()).allows


def test_an_agent_breaks_no_glass_and_answers_for_none(below):
    """It can ask a person."""
    agent = service_in(below.ports.project.root, actor=AGENT)
    with pytest.raises(ApprovalRefused, match="not a person"):
        agent.consent.break_glass("v1", reason="ship it now", length=DAY)
    below.consent.break_glass("v1", reason="the old rules answer nonsense", length=DAY)
    with pytest.raises(ApprovalRefused, match="not a person"):
        agent.consent.close_follow_up("", reason="done")
    assert "follow-up.closed" not in kinds(below)


def test_the_glass_does_not_cover_changed_evidence(below):
    """Another bundle, another contract: no person can stand in for that."""
    bundle = below.ports.project.store / below.versions()[0].path
    data = bundle.read_bytes()
    bundle.write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    with pytest.raises(BundleRejected):
        below.consent.break_glass("v1", reason="it cannot wait", length=DAY)
    bundle.write_bytes(data)
    contract = below.ports.project.contract_file
    contract.write_text(contract.read_text().replace("campaign lead", "somebody else"))
    with pytest.raises(ContractChanged):
        below.consent.break_glass("v1", reason="it cannot wait", length=DAY)
    assert "override.given" not in kinds(below)


def test_there_is_no_glass_where_nothing_is_missing(finished):
    """A version that passed takes the ordinary way."""
    with pytest.raises(PhaseLocked, match="no glass to break"):
        finished.consent.break_glass("v1", reason="just to be sure", length=DAY)


def test_a_reason_is_asked_for(below):
    """Words, not a shrug."""
    with pytest.raises(ApprovalRefused, match="reason"):
        below.consent.break_glass("v1", reason=" ", length=DAY)


def test_a_no_is_not_overridden(below):
    """What a person decided against is for that person to take back."""
    version = below.versions()[0]
    refusal = Approval(
        subject="promotion:v1",
        decision="reject",
        artifacts=shown_of(version),
        contract_digest=version.contract_digest,
        reason="it harms retired clients",
        actor=SECOND,
    )
    below.ports.ledger.append(
        "approval.given",
        {"subject": "promotion:v1", "decision": "reject", "approval": plain(refusal)},
        actor=SECOND,
    )
    with pytest.raises(PhaseLocked, match="said no: it harms retired clients"):
        below.consent.break_glass("v1", reason="it cannot wait", length=DAY)
