"""Waivers, broken glass and offline answers: what lets something through is named, dated, and said once."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest
from tests.adversarial.refusals import refused
from tests.workflow.projects import AGENT, LEAD, service_in

from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.errors import ApprovalRefused, ModelwrightError
from modelwright.testing.people import card_of, signer_named
from modelwright.workflow.signing import enrol_first


@pytest.fixture
def asking(designed, tmp_path):
    """A project that asks for the approval of its design, with the question in a file, and who may answer."""
    enrol_first(designed.ports, signer_named(LEAD.name, role=LEAD.role))
    designed.consent.request("phase:6")
    designed.consent.export_request("phase:6", tmp_path / "request.json")
    return designed


def elsewhere(folder, actor=LEAD):
    """Another machine, with a key and without the project."""
    return service_in(folder / "elsewhere" / "nothing", actor=actor, signing=True)


def answer(folder, name="answer.json", **said):
    """Answer the question on another machine and return the file."""
    told = {"decision": "approve", "reason": "read it, agreed"} | said
    elsewhere(folder).consent.answer_request(folder / "request.json", folder / name, **told)
    return folder / name


def edited(path, change):
    """Change a file of JSON."""
    path.write_text(json.dumps(change(json.loads(path.read_text()))))
    return path


def state(service):
    """Where the design stands."""
    return service.status().phases[5].state


def test_an_answer_from_a_file_counts_once(asking, tmp_path):
    """Carried in again it is refused, and nothing is doubled."""
    file = answer(tmp_path)
    asking.consent.import_answer(file)
    assert state(asking) == "done"
    before = len(asking.entries())
    error = refused(asking.consent.import_answer, file, kind=ApprovalRefused, says="already")
    assert error.next_step
    assert len(asking.entries()) == before


def test_an_answer_whose_file_was_edited_does_not_count(asking, tmp_path):
    """A no that was turned into a yes on the way: the signature is over the no."""
    import base64

    def paint(told):
        said = base64.b64decode(told["envelope"]["payload"]).replace(b'"reject"', b'"approve"')
        envelope = {**told["envelope"], "payload": base64.b64encode(said).decode()}
        return {**told, "approval": {**told["approval"], "decision": "approve"}, "envelope": envelope}

    file = edited(answer(tmp_path, decision="reject", reason="not like this"), paint)
    refused(asking.consent.import_answer, file)
    assert state(asking) == "waiting"


def test_an_answer_to_a_question_that_was_edited_does_not_count(asking, tmp_path):
    """Asked about something else than the project asks, the answer fits nothing here."""

    def bend(value):
        if isinstance(value, dict):
            return {key: bend(item) for key, item in value.items()}
        if isinstance(value, str) and value.startswith("sha256:"):
            return "sha256:" + "4" * 64
        return value

    edited(tmp_path / "request.json", bend)
    try:
        file = answer(tmp_path)
        asking.consent.import_answer(file)
    except ModelwrightError as error:
        assert error.next_step or error.faults  # noqa: PT017 - refused here or where it was answered
    assert state(asking) == "waiting"


def test_an_answer_that_comes_after_the_deadline_is_not_taken_in(asking, tmp_path):
    """Deadline passed means denied."""
    file = answer(tmp_path)
    clock = SteppingClock(asking.ports.clock.now() + timedelta(days=400))
    late = replace(asking, ports=replace(asking.ports, clock=clock))
    error = refused(late.consent.import_answer, file, kind=ApprovalRefused)
    assert error.next_step
    assert state(asking) == "waiting"


def test_an_answer_about_a_design_that_changed_meanwhile_is_void(asking, tmp_path):
    """The file was carried for a day; the contract changed for a minute."""
    file = answer(tmp_path)
    contract = asking.ports.project.contract_file
    contract.write_text(contract.read_text().replace("campaign lead", "sales lead"))
    asking.run(until=1)
    try:
        asking.consent.import_answer(file)
    except ModelwrightError as error:
        assert error.next_step  # noqa: PT017 - whether it is taken in or not, it must not count
    assert state(asking) != "done"


def test_an_agent_answers_no_file(asking, tmp_path):
    """With the person's own key on its ring it is still an agent."""
    agent = replace(elsewhere(tmp_path), ports=replace(elsewhere(tmp_path).ports, actor=AGENT))
    error = refused(
        agent.consent.answer_request, tmp_path / "request.json", tmp_path / "answer.json",
        decision="approve", reason="looks good", kind=ApprovalRefused,
    )  # fmt: skip
    assert "person" in error.next_step
    assert not (tmp_path / "answer.json").exists()


def test_a_file_that_is_no_answer_is_refused(asking, tmp_path):
    """Garbage, an empty file, a bundle, a question in the place of the answer."""
    for name, data in (("a", b""), ("b", b"{}"), ("c", b"\0" * 50), ("d", b"[" * 5000)):
        (tmp_path / name).write_bytes(data)
        refused(asking.consent.import_answer, tmp_path / name)
    refused(asking.consent.import_answer, tmp_path / "request.json")
    assert state(asking) == "waiting"


def test_nobody_breaks_the_glass_without_a_reason_an_end_or_a_version(finished):
    """Loud, for a time, about something that is there."""
    glass = finished.consent.break_glass
    refused(glass, "v1", reason="  ", length=timedelta(hours=1))
    refused(glass, "v1", reason="urgent, no time", length=timedelta(0))
    refused(glass, "v1", reason="urgent, no time", length=timedelta(days=4000))
    refused(glass, "v9", reason="urgent, no time", length=timedelta(hours=1))


def test_an_agent_breaks_no_glass_and_waives_nothing(finished):
    """Whatever is urgent, a person says so."""
    agent = service_in(finished.ports.project.root, actor=AGENT)
    before = len(finished.entries())
    refused(agent.consent.break_glass, "v1", reason="urgent", length=timedelta(hours=1), kind=ApprovalRefused)
    refused(agent.consent.waive, "SENSITIVE:age", reason="fine by me", until="2030-01-01")
    refused(agent.consent.revoke_waiver, "SENSITIVE:age", reason="fine by me")
    assert len(finished.entries()) == before


def test_the_glass_does_not_break_over_a_bundle_that_was_changed(finished):
    """It lets through what is missing, never what is forged."""
    (version,) = finished.versions()
    path = finished.ports.project.store / version.path
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b"x")
    refused(finished.consent.break_glass, "v1", reason="urgent, no time", length=timedelta(hours=1))


def test_a_waiver_for_nothing_or_without_a_reason_is_refused(finished):
    """A finding that is not there cannot be waived in advance, nor one without a word."""
    refused(finished.consent.waive, "LEAK-TIMING:nothing", reason="just in case", until="2030-01-01")
    refused(finished.consent.waive, "SENSITIVE:age", reason="", until="2030-01-01")
    refused(finished.consent.waive, "SENSITIVE:age", reason="fine", until="1999-01-01")


def test_signed_decisions_of_one_kind_do_not_pass_as_another(asking, tmp_path):
    """A person's card, or an enrolment, carried in as an answer, is none."""
    (tmp_path / "card.json").write_text(json.dumps(card_of(signer_named("lead", role="owner")).to_json()))
    refused(asking.consent.import_answer, tmp_path / "card.json")
    enrolled = next(entry for entry in asking.entries() if entry.kind == "identity.enrolled")
    (tmp_path / "enrolment.json").write_text(json.dumps(enrolled.body["envelope"]))
    refused(asking.consent.import_answer, tmp_path / "enrolment.json")
