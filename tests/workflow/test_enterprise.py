"""Enterprise mode on a regression: the author never approves the design, and two people promote."""

import json

import pytest
from tests.workflow.conftest import copied
from tests.workflow.projects import LEAD, SECOND, THIRD, rents, service_in

from modelwright.kernel.errors import ApprovalRefused, PhaseLocked
from modelwright.testing.people import card_of, signer_named
from modelwright.workflow.advancing import rollout_outcome
from modelwright.workflow.demonstration import DemoStory, answer_like_a_person, open_world
from modelwright.workflow.history import fold

STORY = DemoStory(
    name="flats",
    target="rent",
    answers={},
    known_leaks={},
    accepted={},
    shift={},
    design=("baseline", "a line says enough"),
)


@pytest.fixture(scope="module")
def rented_template(tmp_path_factory):
    """A finished project in enterprise mode: the lead runs, the second answers."""
    service = rents(tmp_path_factory.mktemp("rented") / "flats")
    second = service_in(service.ports.project.root, actor=SECOND, signing=True)
    while (result := service.run()).ended == "waiting":
        answer_like_a_person(second, result.phase, STORY)
    return service.ports.project.root


@pytest.fixture
def rented(rented_template, tmp_path):
    """The finished project, to be changed at will."""
    return copied(rented_template, tmp_path)


def acting(service, actor):
    """The same project, opened by somebody else."""
    return service_in(service.ports.project.root, actor=actor, signing=True)


def test_two_people_promote_and_the_author_is_neither(rented):
    """Each approval is on the record; the second one makes the champion."""
    assert rented.ports.actor == LEAD
    with pytest.raises(ApprovalRefused, match="author"):
        rented.promote("v1", reason="my own model")
    assert "v1 waits for people (0 of 2 approvals)" in rented.status().next_step
    with pytest.raises(PhaseLocked, match=r"your yes is kept in ledger entry \d+ \(1 of 2 approvals\)"):
        acting(rented, SECOND).promote("v1", reason="gates and certificate passed")
    assert "v1 waits for people (1 of 2 approvals)" in rented.status().next_step
    (line,) = rented.consent.requests()
    assert line.state == "approve by person second as reviewer; still waiting"
    with pytest.raises(PhaseLocked, match="1 of 2"):
        acting(rented, SECOND).promote("v1", reason="I mean it twice")
    with pytest.raises(ApprovalRefused, match="not enrolled"):
        acting(rented, THIRD).promote("v1", reason="looked at it myself")
    acting(rented, SECOND).people.enrol(
        json.dumps(card_of(signer_named("third", role="reviewer")).to_json()).encode(),
        reason="known in person",
    )
    entry = acting(rented, THIRD).promote("v1", reason="looked at it myself")
    assert entry.kind == "version.promoted"
    assert [version.standing for version in rented.versions()] == ["champion"]
    assert rented.verify().outcome.allows
    assert isinstance(open_world(rented).outcomes[0], float)


def test_the_summary_says_what_this_mode_delivers_and_what_is_not_there_yet(rented):
    """A regression has no wrong yes; what nobody looked at is not measured."""
    page = rented.page_of(12).with_suffix(".md").read_text(encoding="utf-8")
    assert "two-person approval: " in page
    assert "monitoring and alerting: not measured yet" in page
    assert "not a yes-or-no task" in page


def test_the_baseline_has_to_beat_the_prior_when_it_was_chosen(rented):
    """There is always something to be better than."""
    from modelwright.training.run import Run

    outputs = fold(rented.ports.ledger.entries()).completions[8].outputs
    rival = rented.ports.store.get_record(outputs["baseline_run"], Run)
    assert [member.family for member in rival.config.members] == ["prior"]
    assert "threshold" not in outputs


def test_an_amendment_by_the_author_alone_is_on_the_record_as_late(rented):
    """Whoever reads the ledger sees that it came after training."""
    contract = rented.ports.project.contract_file
    contract.write_text(contract.read_text().replace("letting office", "housing office"))
    acting(rented, SECOND).amend(reason="the office has a new name")
    assert [entry.body["late"] for entry in rented.entries() if entry.kind == "contract.amended"] == [True]
    assert "1 amendment was made after training began or a look" in rented.status().late
    assert "the office has a new name" in rented.status().document().to_markdown()


def test_an_amendment_that_nobody_may_have_made_changes_nothing(rented):
    """Not unsigned, not by the author, not twice: what is frozen stays frozen."""
    second = acting(rented, SECOND)
    contract = rented.ports.project.contract_file
    agreed = contract.read_text()
    contract.write_text(agreed.replace("letting office", "housing office"))
    with pytest.raises(ApprovalRefused, match="author"):
        acting(rented, LEAD).amend(reason="the office has a new name")
    frozen = rented.look().history.frozen
    second.amend(reason="the office has a new name")
    amended = rented.entries()[-1]
    contract.write_text(agreed)
    second.amend(reason="the name was never changed")
    assert rented.look().history.frozen.body["contract_digest"] == frozen.body["contract_digest"]
    bare = {key: value for key, value in amended.body.items() if key not in {"approval", "envelope"}}
    for body in (dict(amended.body), bare):
        rented.ports.ledger.append("contract.amended", body, actor=SECOND, artifacts=amended.artifacts)
    elsewhere = {"contract_digest": amended.body["contract_digest"], "gates": []}
    rented.ports.ledger.append("contract.frozen", elsewhere, actor=SECOND, artifacts=amended.artifacts)
    history = rented.look().history
    assert history.frozen.body["contract_digest"] == frozen.body["contract_digest"]
    assert "only an amendment changes it" in history.uncounted[2]
    assert "repeats what was signed" in history.uncounted[0]
    assert "nobody signed it" in history.uncounted[1]


def test_a_mode_is_not_loosened_by_saying_so(rented):
    """An entry that calls the agreed contract a quick one is outweighed by the one that read it."""
    said = rented.look().history.contract
    rented.ports.ledger.append("contract.read", {**said.body, "mode": "quick"}, actor=LEAD)
    assert rented.look().policy.mode == "enterprise"
    rented.run()
    assert rented.look().history.contract.body["mode"] == "enterprise"


def test_a_rollout_goes_beyond_its_first_step_when_two_people_let_it(rented):
    """Bound to this rollout; the author is neither of the two."""
    second = acting(rented, SECOND)
    with pytest.raises(PhaseLocked, match="is not being rolled out"):
        second.approve_rollout("v1", reason="the first step looks well")
    body = {"champion": "v0", "challenger": "v1", "drill": False, "share": 0.1}
    rented.ports.ledger.append("rollout.started", {**body, "rollout": "r1"}, actor=LEAD)
    with pytest.raises(ApprovalRefused, match="author"):
        acting(rented, LEAD).approve_rollout("v1", reason="my own")
    second.approve_rollout("v1", reason="the first step looks well")
    waiting = rollout_outcome(rented.ports, rented.rollout_state())
    assert "1 of 2" in waiting.evidence[0]
    assert waiting.next_step.startswith("modelwright rollout approve v1")
    second.people.enrol(
        json.dumps(card_of(signer_named("third", role="reviewer")).to_json()).encode(),
        reason="known in person",
    )
    acting(rented, THIRD).approve_rollout("v1", reason="looked at it myself")
    assert rollout_outcome(rented.ports, rented.rollout_state()).allows
    rented.ports.ledger.append("rollout.rolled_back", {**body, "rollout": "r1"}, actor=LEAD)
    rented.ports.ledger.append("rollout.started", {**body, "rollout": "r2"}, actor=LEAD)
    assert not rollout_outcome(rented.ports, rented.rollout_state()).allows
