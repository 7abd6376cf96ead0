"""The rest of a life on the record: notes between decisions, and a version's retirement."""

from dataclasses import replace

import pytest
from tests.workflow.projects import LEAD

from modelwright.authority.actor import Actor, ActorKind
from modelwright.kernel.errors import ApprovalRefused, PhaseLocked, UnknownName, UserFault

AGENT = Actor(kind=ActorKind.AGENT, name="coder")


def as_agent(service):
    """The same project, with an agent at work."""
    return replace(service, ports=replace(service.ports, actor=AGENT))


def test_notes_of_people_and_agents_come_back_in_order_with_who_said_them(finished):
    """A note decides nothing, so an agent may leave one, in its own name."""
    finished.ledger.note("debt", " prices are copied by hand ", about="phase 2")
    as_agent(finished).ledger.note("counter-argument", "the year had no strike")
    told = finished.ledger.notes().notes
    assert [(note.kind, note.text, note.about, note.who) for note in told] == [
        ("debt", "prices are copied by hand", "phase 2", LEAD.label),
        ("counter-argument", "the year had no strike", "", "agent coder"),
    ]
    assert "prices are copied by hand" in finished.summary().read_text(encoding="utf-8")


@pytest.mark.parametrize("text", ["", "  ", "x" * 2_001])
def test_a_note_is_a_few_sentences(finished, text):
    """Neither nothing nor a document."""
    with pytest.raises(UserFault, match="a few sentences"):
        finished.ledger.note("debt", text)
    assert finished.ledger.notes().notes == ()


def test_the_nearest_kind_of_note_is_offered(finished):
    """A slip of the hand costs a word."""
    with pytest.raises(UnknownName, match="incident"):
        finished.ledger.note("incidnt", "the feed was late")


def test_the_champion_goes_only_at_the_end_of_the_models_life(finished):
    """Nothing else would answer; said plainly it goes, and nothing is served any more."""
    with pytest.raises(PhaseLocked, match="--end-of-life"):
        finished.consent.retire("v1", reason="no more calls are made")
    entry = finished.consent.retire("v1", reason="no more calls are made", end_of_life=True)
    assert (entry.kind, entry.actor) == ("version.retired", LEAD)
    assert [version.standing for version in finished.versions()] == ["retired"]
    with pytest.raises(PhaseLocked):
        finished.serve_plan()
    with pytest.raises(PhaseLocked, match="retired already"):
        finished.consent.retire("v1", reason="again", end_of_life=True)


def test_an_agent_retires_nothing(finished):
    """It acts, people decide."""
    with pytest.raises(ApprovalRefused, match="not a person"):
        as_agent(finished).consent.retire("v1", reason="it looks old", end_of_life=True)
    assert [version.standing for version in finished.versions()] == ["champion"]


def test_a_version_that_is_not_there_is_not_retired(finished):
    """The name is looked up first."""
    with pytest.raises(UnknownName, match="v1"):
        finished.consent.retire("v7", reason="gone")
