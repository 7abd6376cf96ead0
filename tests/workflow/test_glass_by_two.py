"""In enterprise mode two people break the glass, neither is the author, and a third answers for it."""

import json

import pytest
from tests.workflow.conftest import copied
from tests.workflow.projects import LEAD, SECOND, THIRD, drafted, service_in
from tests.workflow.test_glass import DAY

from modelwright.authority.override import Closing
from modelwright.kernel.digest import plain
from modelwright.kernel.errors import ApprovalRefused, PhaseLocked, UserFault
from modelwright.testing.people import card_of, enrol_people, signer_named
from modelwright.workflow.demonstration import DemoStory, answer_like_a_person

STORY = DemoStory(
    name="calls",
    target="bought",
    answers={},
    known_leaks={"seconds": "seconds is known only after the call"},
    accepted={},
    shift={"age": 5},
    design=("baseline", "quick to train"),
)
NIGHT = "the old rules answer nonsense"


@pytest.fixture(scope="module")
def guarded_template(tmp_path_factory):
    """A project in enterprise mode whose model is below its gate; the lead ran it, the second answered."""
    service = drafted(tmp_path_factory.mktemp("guarded") / "calls", mode="enterprise")
    contract = service.ports.project.contract_file
    contract.write_text(contract.read_text().replace("roc_auc >= 0.6", "roc_auc >= 0.999"))
    enrol_people(service, "second", "third", role="reviewer")
    enrolled = service_in(service.ports.project.root, actor=SECOND, signing=True)
    while (result := service.run()).ended == "waiting":
        answer_like_a_person(enrolled, result.phase, STORY)
    return service.ports.project.root


@pytest.fixture
def guarded(guarded_template, tmp_path):
    """The project below its gate, to be changed at will."""
    return copied(guarded_template, tmp_path)


def by(service, actor):
    """The same project, opened by somebody else who signs."""
    return service_in(service.ports.project.root, actor=actor, signing=True)


def test_two_people_break_the_glass_and_the_author_is_neither(guarded):
    """The first word is kept and lets nothing out; the second does, and each leaves a follow-up."""
    before = len(guarded.entries())
    with pytest.raises(ApprovalRefused, match="author"):
        by(guarded, LEAD).consent.break_glass("v1", reason=NIGHT, length=DAY)
    assert len(guarded.entries()) == before
    for _ in range(2):  # saying it twice makes one person no two
        with pytest.raises(PhaseLocked, match="1 of 2 people") as told:
            by(guarded, SECOND).consent.break_glass("v1", reason=NIGHT, length=DAY)
        assert "takes another person: your word is kept in ledger entry" in str(told.value)
        assert guarded.versions()[0].standing == "registered"
    with pytest.raises(PhaseLocked, match="cannot be promoted"):
        by(guarded, SECOND).promote("v1", reason="then the ordinary way")
    entry = by(guarded, THIRD).consent.break_glass("v1", reason="agreed by telephone", length=DAY / 2)
    assert entry.kind == "version.promoted"
    said = " ".join(str(line) for line in entry.body["overridden"])
    assert "person second" in said
    assert "person third" in said
    assert guarded.versions()[0].standing == "champion"


def test_who_broke_the_glass_together_do_not_answer_for_one_another(guarded):
    """Somebody else does, one follow-up after the other; until then it is open everywhere."""
    with pytest.raises(PhaseLocked):
        by(guarded, SECOND).consent.break_glass("v1", reason=NIGHT, length=DAY)
    by(guarded, THIRD).consent.break_glass("v1", reason="agreed by telephone", length=DAY)
    first, other = guarded.consent.follow_ups()
    with pytest.raises(UserFault, match="2 follow-ups are open, and none was named"):
        by(guarded, THIRD).consent.close_follow_up("", reason="v2 passed and took over")
    for item in (first, other):
        for actor in (SECOND, THIRD):
            with pytest.raises(ApprovalRefused, match="author"):
                by(guarded, actor).consent.close_follow_up(item.id, reason="v2 passed and took over")
    forged = Closing(follow_up=first.id, reason="all is well", actor=THIRD, given=guarded.ports.clock.now())
    guarded.ports.ledger.append("follow-up.closed", {"closing": plain(forged)}, actor=THIRD)
    assert not any(item.closed for item in guarded.consent.follow_ups())
    assert len(guarded.status().let_through) == len((first, other))
    assert not guarded.verify().outcome.allows
    card = json.dumps(card_of(signer_named("lead", role="owner")).to_json()).encode()
    by(guarded, SECOND).people.enrol(card, reason="known in person")
    for item in (first, other):
        by(guarded, LEAD).consent.close_follow_up(item.id, reason="v2 passed and took over")
    assert all(item.closed for item in guarded.consent.follow_ups())


def test_no_passphrase_is_asked_for_a_version_that_cannot_be_promoted(guarded):
    """Gates that failed are told at once; a yes is not written down where it could not help."""
    assert "the gates of v1 say failed" in guarded.status().next_step
    page = guarded.page_of(12).with_suffix(".md").read_text(encoding="utf-8")
    assert "modelwright promote v1" not in page
    before = len(guarded.entries())
    second = by(guarded, SECOND)
    with pytest.raises(PhaseLocked, match="the gates said failed"):
        second.promote("v1", reason="nearly there")
    assert second.ports.keys.asked == []
    assert len(guarded.entries()) == before
