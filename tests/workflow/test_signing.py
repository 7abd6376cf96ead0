"""Signing: one way for every decision; what was forged, changed meanwhile or said again decides nothing."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.workflow.projects import AGENT, LEAD, SECOND, THIRD, drafted, service_in

from modelwright.authority.answer import Approval
from modelwright.authority.statement import APPROVAL
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.digest import canonical_json, plain
from modelwright.kernel.errors import ApprovalRefused, IntegrityBroken, PhaseLocked, UnknownName, UserFault
from modelwright.testing.people import MemoryKeys, MemorySigner, card_of, enrol_people, signer_named
from modelwright.workflow.service import Service
from modelwright.workflow.signing import Decision, decide, record_answer, sign_decision, with_head
from modelwright.workflow.survey import PhaseState


@pytest.fixture
def asked(tmp_path):
    """A project in quick mode whose first phase waits for an answer."""
    service = drafted(tmp_path / "calls")
    service.run(until=1)
    return service


@pytest.fixture
def lead(asked):
    """The same, opened by a lead with a key."""
    return service_in(asked.ports.project.root, actor=LEAD, signing=True)


def state(service):
    """Where the first phase stands, and why."""
    status = service.look().survey.of(1)
    return status.state, status.reason


def acting(service, **changes):
    """The same project, with other ports."""
    return Service(replace(service.ports, **changes))


def kinds(service):
    """What stands in the ledger."""
    return [entry.kind for entry in service.entries()]


def written(service, signer, **changes):
    """An answer to phase 1 as it would be signed elsewhere, by the file that was sent."""
    entry_like = service.look()
    from modelwright.workflow.survey import subject_artifacts

    fields = {
        "subject": "phase:1",
        "decision": "approve",
        "artifacts": subject_artifacts(entry_like.history, 1),
        "contract_digest": entry_like.contract_digest,
        "reason": "as shown",
        "actor": signer.identity.actor(),
        "expires": service.ports.clock.now() + timedelta(days=1),
        "head": service.ports.ledger.head(),
    }
    approval = Approval(**(fields | changes))
    return signer.sign(APPROVAL, canonical_json(approval))


def test_whoever_signs_first_is_enrolled_and_the_answer_is_bound_to_that(asked, lead):
    """In quick mode nobody has to, and whoever has a key does."""
    assert lead.approve(1, reason="as shown").actor == LEAD
    assert kinds(lead)[-2:] == ["identity.enrolled", "approval.given"]
    assert lead.entries()[-1].body["approval"]["head"] == lead.entries()[-2].digest
    assert state(asked)[0] is PhaseState.DONE
    assert "trusted on first use" in lead.status().people[0]
    assert lead.status().unsigned == ""


def test_without_keys_quick_mode_goes_on_unsigned_and_says_so(asked):
    """On status, and on the page of decisions."""
    from modelwright.workflow.decision import decisions_of

    asked.approve(1, reason="as shown")
    assert state(asked)[0] is PhaseState.DONE
    assert "1 of 1 answers are unsigned" in asked.status().unsigned
    assert decisions_of(asked.look().history).records[0].who == "person lead as owner, unsigned"


def test_once_somebody_signed_a_bare_name_decides_nothing_here(asked, lead):
    """Neither through the door nor around it."""
    lead.approve(1, reason="as shown")
    with pytest.raises(ApprovalRefused, match="no identity on this machine"):
        asked.refuse(1, reason="not so")
    forged = replace(_last(lead), decision="reject", reason="forged", head="")
    asked.ports.ledger.append("approval.given", {"subject": "phase:1", "approval": plain(forged)}, actor=LEAD)
    assert state(asked)[0] is PhaseState.DONE


def _last(service):
    from modelwright.workflow.survey import answers_of

    return answers_of(service.look().history, "phase:1")[-1]


def test_a_forged_answer_with_other_choices_chooses_nothing(asked, lead):
    """What a phase acts on is what its person said."""
    from modelwright.workflow.survey import choices_of

    lead.approve(1, reason="as shown")
    forged = replace(_last(lead), choices={"design": "frontier"}, actor=THIRD)
    asked.ports.ledger.append(
        "approval.given", {"subject": "phase:1", "approval": plain(forged)}, actor=THIRD
    )
    assert choices_of(asked.look().history, 1) == {}


def test_an_agent_is_refused_before_anybody_is_asked(lead):
    """Whatever keys lie about."""
    keys = lead.ports.keys
    agent = acting(lead, actor=AGENT)
    for attempt in (
        lambda: agent.approve(1, reason="fine"),
        lambda: agent.people.create("fake"),
        lambda: agent.people.enrol(
            json.dumps(card_of(signer_named("second")).to_json()).encode(), reason="fine"
        ),
        lambda: agent.people.revoke("lead", reason="in my way"),
    ):
        with pytest.raises(ApprovalRefused, match="not a person"):
            attempt()
    assert keys.asked == []


def test_what_changes_while_the_passphrase_is_typed_is_refused_not_signed(lead):
    """The lock is free meanwhile, and somebody else works."""

    class Meddled(MemoryKeys):
        def unlock(self, identity, *, purpose):
            contract = lead.ports.project.contract_file
            contract.write_text(contract.read_text().replace("campaign lead", "head of campaigns"))
            acting(lead, actor=AGENT).run(until=1)
            return super().unlock(identity, purpose=purpose)

    with pytest.raises(PhaseLocked, match="changed while the passphrase was typed"):
        acting(lead, keys=Meddled(signer_named("lead", role="owner"))).approve(1, reason="as shown")
    assert "approval.given" not in kinds(lead)


def test_an_answer_signed_elsewhere_is_taken_in_once(lead):
    """With the signer's name, by whoever carries it."""
    enrol_people(lead, "lead", "second", role="owner")
    envelope = written(lead, signer_named("second", role="owner"))
    entry = record_answer(acting(lead, actor=AGENT).ports, envelope)
    assert entry.actor.name == "second"
    assert state(lead)[0] is PhaseState.DONE
    with pytest.raises(ApprovalRefused, match="stands in the ledger already"):
        record_answer(lead.ports, envelope)


def test_an_answer_that_would_not_count_is_not_taken_in(lead):
    """Each for its reason."""
    enrol_people(lead, "lead", "second")
    second = signer_named("second")
    coder = MemorySigner("coder", kind=AGENT.kind)
    lead = acting(lead, keys=MemoryKeys(signer_named("lead")), actor=replace(LEAD, role=""))
    lead.people.enrol(json.dumps(card_of(coder).to_json()).encode(), reason="it runs here")
    now = lead.ports.clock.now()
    for envelope, why in (
        (written(lead, signer_named("third")), "no signature is by a key that is known"),
        (written(lead, second, head="sha256:" + "e" * 64), "another ledger"),
        (written(lead, second, expires=now - timedelta(days=1)), "expired"),
        (written(lead, coder), "not a person"),
    ):
        with pytest.raises(ApprovalRefused, match=why):
            record_answer(lead.ports, envelope)
    with pytest.raises(IntegrityBroken, match="another kind of statement"):
        record_answer(lead.ports, card_of(second))
    assert "approval.given" not in kinds(lead)


def test_nobody_signs_for_somebody_else_or_for_no_ledger(lead):
    """Found before the key is used."""
    second = signer_named("second")
    approval = Approval(
        subject="phase:1",
        decision="approve",
        artifacts={},
        contract_digest="",
        reason="as shown",
        actor=LEAD,
        head="sha256:" + "1" * 64,
    )
    with pytest.raises(ApprovalRefused, match="only for second"):
        sign_decision(second, approval)
    with pytest.raises(ApprovalRefused, match="only over the head of a ledger"):
        sign_decision(signer_named("lead"), replace(approval, head=""))
    assert with_head(approval, "x").head == "x"


def test_a_clock_set_back_revives_nothing(asked, lead):
    """It is never earlier than the ledger's latest entry."""
    from modelwright.workflow.answers import answer_phase

    answer_phase(lead.ports, 1, reason="as shown", valid_for=timedelta(microseconds=1))
    assert "expired" in state(asked)[1]
    early = acting(asked, clock=SteppingClock())
    assert early.ports.clock.now() < asked.entries()[0].at
    assert "expired" in state(early)[1]


def test_what_follows_from_a_decision_is_done_under_the_same_lock(asked):
    """And its entry is what the caller gets."""
    approval = replace(_bare(asked), reason="as shown")

    def follow(entry):
        return asked.ports.ledger.append("note", {"after": entry.sequence}, actor=LEAD)

    entry = decide(
        asked.ports,
        lambda _: Decision(record=approval, identity=None, purpose="approve", facts={"subject": "phase:1"}),
        then=follow,
    )
    assert entry.body["after"] == entry.sequence - 1


def _bare(service):
    look = service.look()
    return Approval(
        subject="phase:1",
        decision="approve",
        artifacts={},
        contract_digest=look.contract_digest,
        reason="as shown",
        actor=LEAD,
    )


def test_people_take_each_other_in_and_out(lead):
    """The list says who is known, on whose word, and whose key is here."""
    enrol_people(lead, "lead", "second", role="owner")
    lines = {line.name: line for line in lead.people.listing().identities}
    assert lines["lead"].here
    assert lines["lead"].standing.startswith("first, trusted on first use")
    assert lines["second"].standing.startswith("enrolled by lead")
    with pytest.raises(ApprovalRefused, match="was enrolled before"):
        lead.people.enrol(
            json.dumps(card_of(signer_named("second", role="owner")).to_json()).encode(), reason="again"
        )
    with pytest.raises(ApprovalRefused, match="reads like 'second'"):
        lead.people.enrol(
            json.dumps(card_of(MemorySigner("SECOND", seed="x")).to_json()).encode(), reason="again"
        )
    second = service_in(lead.ports.project.root, actor=replace(SECOND, role="owner"), signing=True)
    second.people.revoke("lead", reason="laptop lost")
    assert "was revoked" in lead.people.listing().identities[0].standing
    with pytest.raises(ApprovalRefused, match="was revoked"):
        lead.approve(1, reason="as shown")
    with pytest.raises(ApprovalRefused, match="the last person who can sign"):
        second.people.revoke("second", reason="laid aside")
    with pytest.raises(UnknownName, match="lead"):
        second.people.revoke("lead", reason="again")
    assert "Identities" in second.people.listing().document().to_markdown()


def test_a_key_is_not_in_other_hands_from_tomorrow_on(lead):
    """A moment without a zone is taken as UTC."""
    enrol_people(lead, "lead", "second", role="owner")
    now = lead.ports.clock.now()
    with pytest.raises(UserFault, match="future"):
        lead.people.revoke("second", reason="stolen", compromised_since=now + timedelta(days=1))
    key = signer_named("second", role="owner").identity.key_id
    entry = lead.people.revoke(
        key[7:19], reason="stolen", compromised_since=now.replace(tzinfo=None) - timedelta(days=1)
    )
    assert entry.body["revocation"]["compromised_since"].endswith("Z")


def test_only_who_has_a_key_vouches(asked):
    """Also where quick mode would not ask for one; and an identity is made where there is none."""
    card = json.dumps(card_of(signer_named("second")).to_json()).encode()
    with pytest.raises(ApprovalRefused, match="no identity on this machine"):
        acting(asked, keys=MemoryKeys()).people.enrol(card, reason="known in person")
    ring = MemoryKeys()
    made = acting(asked, keys=ring).people.create("lead", roles=("owner",))
    assert acting(asked, keys=ring).people.export("LEAD")["payloadType"].endswith("identity+json")
    assert acting(asked, keys=ring).people.enrol(card, reason="known in person").actor.name == made.name
    with pytest.raises(UnknownName, match="no identity yet"):
        acting(asked, keys=MemoryKeys()).people.export("lead")


def test_nothing_is_frozen_before_a_person_approved_a_design(asked):
    """An entry that says so changes nothing, and is told."""
    contract = asked.look().contract_digest
    for kind in ("contract.frozen", "contract.amended"):
        asked.ports.ledger.append(kind, {"contract_digest": contract}, actor=AGENT)
    asked.ports.ledger.append("phase.completed", {"phase": 6, "inputs": ""}, actor=LEAD)
    asked.ports.ledger.append("contract.frozen", {"contract_digest": contract}, actor=AGENT)
    asked.ports.ledger.append("approval.given", {"subject": "phase:6", "approval": 1}, actor=LEAD)
    asked.ports.ledger.append("contract.frozen", {"contract_digest": contract}, actor=AGENT)
    history = asked.look().history
    assert history.frozen is None
    told = " ".join(history.uncounted)
    assert "there was no design to approve" in told
    assert "nothing was frozen" in told
    assert "0 of 1 approvals" in told
    assert "holds no approval" in told
