"""Enterprise mode on a regression: the author never approves the design, and two people promote."""

import json

import pytest
from tests.workflow.conftest import copied
from tests.workflow.projects import LEAD, SECOND, THIRD, rents, service_in

from modelwright.kernel.errors import ApprovalRefused, PhaseLocked
from modelwright.testing.people import card_of, signer_named
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
    with pytest.raises(PhaseLocked, match="1 of 2"):
        acting(rented, SECOND).promote("v1", reason="gates and certificate passed")
    with pytest.raises(PhaseLocked, match="1 of 2"):
        acting(rented, SECOND).promote("v1", reason="I mean it twice")
    with pytest.raises(ApprovalRefused, match="not enrolled"):
        acting(rented, THIRD).promote("v1", reason="looked at it myself")
    acting(rented, SECOND).enrol(
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
