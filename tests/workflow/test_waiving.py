"""Waivers: a finding that blocks stands by name, with a reason, until a day, and blocks again after it."""

from dataclasses import replace
from datetime import timedelta

import pytest
from tests.workflow.conftest import copied, walk
from tests.workflow.projects import AGENT, SECOND, drafted, service_in

from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.errors import ApprovalRefused, PhaseLocked, UnknownName, UserFault
from modelwright.risk.register import RiskList, blocks
from modelwright.workflow.history import fold


@pytest.fixture(scope="module")
def assessed_template(tmp_path_factory):
    """A project in standard mode that waits for an answer about its risks; a leak is among them."""
    service = drafted(tmp_path_factory.mktemp("assessed") / "calls", mode="standard")
    second = signing(service)
    while (result := service.run(until=3)).phase != 3:
        second.approve(result.phase, reason="read and agreed")
    return service.ports.project.root


@pytest.fixture
def assessed(assessed_template, tmp_path):
    """The project, to be changed at will."""
    return signing(copied(assessed_template, tmp_path))


def signing(service, actor=SECOND):
    """The same project, opened by somebody with a key."""
    return service_in(service.ports.project.root, actor=actor, signing=True)


def leak_of(service):
    """The id of the worst risk that blocks."""
    outputs = fold(service.entries()).completions[3].outputs
    risks = service.ports.store.get_record(outputs["risks"], RiskList)
    return next(risk.id for risk in risks.risks if blocks(risk))


def day(service, days=30):
    """A day ahead, as it is typed."""
    return f"{service.ports.clock.now() + timedelta(days=days):%Y-%m-%d}"


def at(service, **later):
    """The same project at a later time."""
    clock = SteppingClock(service.ports.clock.now() + timedelta(**later))
    return type(service)(replace(service.ports, clock=clock))


def test_a_leak_that_is_accepted_stops_the_design_until_it_is_waived(assessed):
    """In standard mode the end is asked for; with it the run goes on."""
    leak = leak_of(assessed)
    assessed.approve(3, choices={leak: "accept"}, reason="it is known by then")
    with pytest.raises(PhaseLocked, match="nobody has waived it") as caught:
        assessed.run(until=4)
    assert f"modelwright waive {leak}" in str(caught.value)
    with pytest.raises(UserFault, match="no end"):
        assessed.consent.waive(leak, reason="it is known by then")
    entry = assessed.consent.waive(leak, reason="it is known by then", until=day(assessed))
    assert "envelope" in entry.body
    assert assessed.run(until=4).phase == 4
    (line,) = assessed.consent.waivers()
    assert (line.waiver.finding, line.state) == (leak, "in force")
    with pytest.raises(PhaseLocked, match="the waiver has expired"):
        at(assessed, days=40).run(until=4)
    assert at(assessed, days=40).consent.waivers()[0].state == "expired: it blocks again"
    assessed.consent.revoke_waiver(leak, reason="it is a leak after all")
    with pytest.raises(PhaseLocked, match="nobody has waived it"):
        assessed.run(until=4)
    assert assessed.consent.waivers()[0].state.startswith("revoked by person second")
    with pytest.raises(UnknownName, match="waiver"):
        assessed.consent.revoke_waiver(leak, reason="again")


def test_an_agent_waives_nothing_and_nobody_waives_what_does_not_block(assessed):
    """Nor without a reason, nor for ever, nor in the past."""
    leak, agent = leak_of(assessed), service_in(assessed.ports.project.root, actor=AGENT)
    for call in (agent.consent.waive, agent.consent.revoke_waiver):
        with pytest.raises(ApprovalRefused, match="not a person"):
            call(leak, reason="ship it")
    with pytest.raises(ApprovalRefused, match="no reason"):
        assessed.consent.waive(leak, reason=" ", until=day(assessed))
    with pytest.raises(UnknownName, match="finding that blocks"):
        assessed.consent.waive("LEAK:nothing", reason="just in case", until=day(assessed))
    for end in ("2020-01-01", "2999-01-01", "soon"):
        with pytest.raises(UserFault, match="--until"):
            assessed.consent.waive(leak, reason="it is known by then", until=end)
    assert "waiver.given" not in [entry.kind for entry in assessed.entries()]


def test_a_waiver_that_is_written_down_by_somebody_else_does_not_count(assessed):
    """Unsigned where signatures are demanded, or the same words again after they were taken back."""
    leak = leak_of(assessed)
    assessed.approve(3, choices={leak: "accept"}, reason="it is known by then")
    entry = assessed.consent.waive(leak, reason="it is known by then", until=day(assessed))
    assessed.consent.revoke_waiver(leak, reason="it is a leak after all")
    forged = {**entry.body, "waiver": {**entry.body["waiver"], "reason": "forged"}}
    bare = {name: value for name, value in entry.body.items() if name != "envelope"}
    for body in (dict(entry.body), forged, bare):
        assessed.ports.ledger.append("waiver.given", body, actor=entry.actor)
        with pytest.raises(PhaseLocked, match="nobody has waived it"):
            assessed.run(until=4)


def test_in_quick_mode_the_answer_waives_for_ninety_days(tmp_path):
    """Written down in the answer, listed, and void with it; the gate and the promotion ask again."""
    service = drafted(tmp_path / "calls")
    walk(service, until=2)
    while (result := service.run(until=3)).phase != 3:
        service.approve(result.phase, reason="read and agreed")
    leak = leak_of(service)
    service.approve(3, choices={leak: "accept"}, reason="I like it")
    (line,) = service.consent.waivers()
    assert (line.waiver.origin, line.state) == ("phase:3", "in force")
    assert timedelta(days=89) < line.waiver.until - line.waiver.given <= timedelta(days=90)
    assert service.run(until=4).phase == 4
    with pytest.raises(UserFault, match="is no end"):
        service.consent.waive(leak, reason="I like it", until="2020-01-01")
    assert service.consent.waive(leak, reason="I like it still").kind == "waiver.given"


def test_the_promotion_asks_for_the_waiver_again(tmp_path):
    """A model that was judged with a leak waived is not promoted after the waiver was revoked."""
    service = drafted(tmp_path / "calls")
    from modelwright.workflow.demonstration import DemoStory, answer_like_a_person

    story = DemoStory(
        name="calls",
        target="bought",
        answers={},
        known_leaks={},
        accepted={"LEAK-TIMING": "known in time", "TARGET-COPY": "known in time"},
        shift={},
        design=("baseline", "quick to train"),
    )
    while (result := service.run()).ended == "waiting":
        if result.phase == 3:
            leak = leak_of(service)
            service.approve(3, choices={leak: "accept"}, reason="known in time")
        else:
            answer_like_a_person(service, result.phase, story)
    from modelwright.registry.bundle import load

    (version,) = service.versions()
    bundle = load(service.ports.project.store / version.path, expected_digest=version.bundle_digest)
    assert set(bundle.verdict.waived) == {leak}
    assert any(f"{leak} is fixed or waived" in item.what for item in bundle.verdict.conditions)
    service.consent.revoke_waiver(leak, reason="it is a leak after all")
    with pytest.raises(PhaseLocked, match="the promotion of v1"):
        service.promote("v1", reason="gates passed")
    with pytest.raises(PhaseLocked, match="the promotion of v1"):
        service.consent.break_glass("v1", reason="it cannot wait", length=timedelta(hours=1))
