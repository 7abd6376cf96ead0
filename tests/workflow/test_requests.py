"""Requests for approval: carried as files, answered with a key alone, refused when they do not fit."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.workflow.conftest import copied
from tests.workflow.projects import AGENT, LEAD, SECOND, drafted, service_in

from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.errors import ApprovalRefused, ModelwrightError, UnknownName, UserFault
from modelwright.testing.people import MemoryKeys, signer_named


@pytest.fixture(scope="module")
def waiting_template(tmp_path_factory):
    """A project that waits for an answer after its first phase."""
    service = drafted(tmp_path_factory.mktemp("waiting") / "calls")
    service.run(until=1)
    return service.ports.project.root


@pytest.fixture
def waiting(waiting_template, tmp_path):
    """The project, run by an agent."""
    copied(waiting_template, tmp_path)
    return service_in(tmp_path / waiting_template.name, actor=AGENT)


def elsewhere(folder, actor=LEAD):
    """A machine with a key and no project."""
    (folder / "elsewhere").mkdir(exist_ok=True)
    return service_in(folder / "elsewhere" / "nothing", actor=actor, signing=True)


def later(service, **span):
    """The same service at a later time."""
    return type(service)(
        replace(service.ports, clock=SteppingClock(service.ports.clock.now() + timedelta(**span)))
    )


def answered(waiting, folder, *, actor=LEAD, subject="phase:1", name="answer.json", **rest):
    """An answer's file, made elsewhere."""
    waiting.consent.export_request(subject, folder / "request.json")
    rest = {"decision": "approve", "reason": "read it, agreed"} | rest
    elsewhere(folder, actor).consent.answer_request(folder / "request.json", folder / name, **rest)
    return folder / name


def state(service, subject="phase:1"):
    """Where a request stands."""
    return next(line.state for line in service.consent.requests() if line.subject == subject)


def test_an_agent_asks_and_carries_and_a_person_answers_elsewhere(waiting, tmp_path):
    """The answer counts as if it had been given in the project."""
    assert state(waiting) == "not asked yet"
    asked = waiting.consent.request("phase:1")
    assert state(waiting) == "open"
    assert waiting.consent.request("phase:1").digest == asked.digest
    file = answered(waiting, tmp_path)
    person = service_in(waiting.ports.project.root, actor=LEAD, signing=True)
    person.ports.keys.unlock(person.ports.keys.identities()[0], purpose="look")
    enrolled(waiting)
    entry = waiting.consent.import_answer(file)
    assert entry.actor.name == "lead"
    assert waiting.run(until=1).ended == "reached"
    assert state(waiting) == "approve by person lead as owner"
    with pytest.raises(ApprovalRefused, match="already"):
        waiting.consent.import_answer(file)


def enrolled(service, actor=LEAD):
    """Enrol a person's key by some signed decision of theirs: who signs first is trusted."""
    from modelwright.workflow.signing import enrol_first

    enrol_first(service.ports, signer_named(actor.name, role=actor.role))


def test_an_agent_answers_nothing(waiting, tmp_path):
    """With a key or without."""
    waiting.consent.export_request("phase:1", tmp_path / "request.json")
    keys = MemoryKeys(signer_named("coder"))
    agent = type(waiting)(replace(waiting.ports, keys=keys))
    with pytest.raises(ApprovalRefused, match="not a person"):
        agent.consent.answer_request(
            tmp_path / "request.json", tmp_path / "answer.json", decision="approve", reason="looks good"
        )
    assert not (tmp_path / "answer.json").exists()


def test_a_person_without_a_key_is_told_to_make_one(waiting, tmp_path):
    """A file that says who decided proves nothing by itself."""
    waiting.consent.export_request("phase:1", tmp_path / "request.json")
    bare = service_in(tmp_path / "nothing", actor=LEAD)
    with pytest.raises(ApprovalRefused, match="identity create"):
        bare.consent.answer_request(
            tmp_path / "request.json", tmp_path / "answer.json", decision="approve", reason="agreed"
        )


def test_no_answer_by_the_deadline_is_a_no(waiting, tmp_path):
    """Neither given nor taken in afterwards."""
    file = answered(waiting, tmp_path)
    enrolled(waiting)
    after = later(waiting, days=8)
    assert state(after) == "denied: no answer by the deadline"
    with pytest.raises(ApprovalRefused, match="denied"):
        after.consent.import_answer(file)
    with pytest.raises(ApprovalRefused, match="denied"):
        later(elsewhere(tmp_path), days=8).consent.answer_request(
            tmp_path / "request.json", tmp_path / "late.json", decision="approve", reason="agreed"
        )
    with pytest.raises(UserFault, match="deadline"):
        waiting.consent.request("phase:1", length=timedelta(days=400))


def test_an_answer_to_something_else_is_refused(waiting, tmp_path):
    """Another contract, another project, forged, or not by whom it says."""
    file = answered(waiting, tmp_path)
    enrolled(waiting)
    contract = waiting.ports.project.contract_file
    before = contract.read_text()
    contract.write_text(before.replace("campaign lead", "somebody else"))
    with pytest.raises(ModelwrightError):
        waiting.consent.import_answer(file)
    contract.write_text(before)
    body = json.loads(file.read_text())
    forged = tmp_path / "forged.json"
    payload = body["envelope"]["payload"]
    body["envelope"]["payload"] = payload[:-8] + "AAAAAAA="
    forged.write_text(json.dumps(body))
    with pytest.raises(ModelwrightError):
        waiting.consent.import_answer(forged)
    stranger = answered(waiting, tmp_path, actor=SECOND, name="stranger.json")
    with pytest.raises(ApprovalRefused, match="not count"):
        waiting.consent.import_answer(stranger)
    assert waiting.run(until=1).ended == "waiting"


@pytest.mark.parametrize("text", ["", "[]", "{}", "nonsense", '{"form": "modelwright approval answer 1"}'])
def test_a_file_that_is_no_answer_is_told_in_words(waiting, tmp_path, text):
    """And so is one that is no request."""
    file = tmp_path / "file.json"
    file.write_text(text)
    with pytest.raises(UserFault, match="no answer"):
        waiting.consent.import_answer(file)
    with pytest.raises(UserFault, match="no request"):
        elsewhere(tmp_path).consent.answer_request(file, file, decision="approve", reason="agreed")


def test_what_nobody_can_answer_cannot_be_asked_for(waiting):
    """Unknown subjects, unknown versions, phases that have not run."""
    for subject in ("phase:6", "promotion:v9", "launch:moon", "phase:x"):
        with pytest.raises(ModelwrightError):
            waiting.consent.request(subject)


def test_a_no_travels_too(waiting, tmp_path):
    """And the run waits on."""
    enrolled(waiting)
    file = answered(waiting, tmp_path, decision="request-changes", reason="name the owner")
    waiting.consent.import_answer(file)
    assert waiting.run(until=1).ended == "waiting"
    assert state(waiting) == "request-changes by person lead as owner; still waiting"
    with pytest.raises(UnknownName, match="decision"):
        answered(waiting, tmp_path, decision="perhaps")


def test_a_choice_that_was_not_offered_is_refused(finished, tmp_path):
    """What is left out is answered as proposed."""
    finished.consent.export_request("phase:4", tmp_path / "request.json")
    desk = elsewhere(tmp_path).consent
    request, answer = tmp_path / "request.json", tmp_path / "answer.json"
    with pytest.raises(UnknownName, match="answer to design"):
        desk.answer_request(request, answer, decision="approve", reason="fast", choices={"design": "other"})
    with pytest.raises(UnknownName, match="choice"):
        desk.answer_request(request, answer, decision="approve", reason="fast", choices={"colour": "red"})
    desk.answer_request(request, answer, decision="approve", reason="fast", choices={"design": "pragmatic"})
    enrolled(finished)
    finished.consent.import_answer(answer)
    assert finished.status().phases[4].state == "stale"
