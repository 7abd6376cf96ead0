"""Replay: an answer that was right once is not right for what came after."""

from dataclasses import replace
from datetime import timedelta

from tests.adversarial.refusals import refused
from tests.workflow.projects import service_in

from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.errors import ContractChanged, PhaseLocked
from modelwright.workflow.answers import answer_phase


def last_answer(service, subject):
    """The last answer about a subject, as the ledger holds it."""
    return [entry for entry in service.entries() if entry.body.get("subject") == subject][-1]


def again(service, entry):
    """Write the same entry once more, as somebody who kept a copy of it would."""
    service.ports.ledger.append(entry.kind, entry.body, actor=entry.actor, artifacts=entry.artifacts)


def state(service, number):
    """Where a phase stands."""
    return service.status().phases[number - 1].state


def test_an_old_yes_does_not_answer_for_another_design(finished):
    """Copied behind the new choice, the approval of the old design is about other digests."""
    kept = last_answer(finished, "phase:6")
    finished.approve(4, choices={"design": "pragmatic"}, reason="stronger")
    finished.run()
    finished.approve(5, reason="read")
    finished.run()
    again(finished, kept)
    assert state(finished, 6) == "waiting"
    error = refused(finished.run, only=7, kind=PhaseLocked)
    assert "modelwright approve 6" in error.next_step


def test_an_old_yes_does_not_answer_for_an_amended_contract(finished):
    """The amendment is another contract, and the old approval names the one before."""
    kept = [last_answer(finished, f"phase:{number}") for number in (1, 3, 4, 5, 6, 10)]
    contract = finished.ports.project.contract_file
    contract.write_text(contract.read_text().replace("campaign lead", "sales lead"))
    finished.amend(reason="sales took over")
    finished.run()
    for entry in kept:
        again(finished, entry)
    assert state(finished, 1) == "waiting"
    assert finished.status().phases[6].state != "done"


def test_a_yes_from_a_copy_of_the_project_does_not_answer_after_a_change(designed, taken):
    """What was approved in a copy under one contract says nothing about an edited one."""
    designed.approve(6, reason="approved in the other copy")
    kept = last_answer(designed, "phase:6")
    other = taken("drafted")
    contract = other.ports.project.contract_file
    contract.write_text(contract.read_text().replace("roc_auc >= 0.6", "roc_auc >= 0.1"))
    other.run()
    again(other, kept)
    assert state(other, 6) in {"open", "locked"}
    refused(other.run, only=7, kind=PhaseLocked)


def test_a_yes_to_a_promotion_does_not_promote_another_bundle(finished):
    """The approval names bundle and certificate by digest."""
    from modelwright.workflow.allowance import promotion_outcome

    (version,) = finished.versions()
    assert promotion_outcome(finished.ports, finished.look(), version).allows
    other = replace(version, bundle_digest="sha256:" + "5" * 64)
    outcome = promotion_outcome(finished.ports, finished.look(), other)
    assert not outcome.allows
    assert "void" in outcome.evidence[0]
    assert outcome.next_step


def test_a_yes_whose_time_is_up_is_a_no(designed):
    """Deadline passed means denied, and a new answer is asked for."""
    answer_phase(designed.ports, 6, reason="for this hour only", valid_for=timedelta(hours=1))
    assert designed.run(until=6).ended == "reached"
    later = SteppingClock(designed.ports.clock.now() + timedelta(hours=2))
    tomorrow = replace(designed, ports=replace(designed.ports, clock=later))
    assert state(tomorrow, 6) == "waiting"
    assert "expired" in tomorrow.status().phases[5].reason
    error = refused(tomorrow.run, only=7, kind=PhaseLocked)
    assert "modelwright approve 6" in error.next_step


def test_a_no_is_not_outvoted_by_an_older_yes_of_the_same_person(designed):
    """Of each person the last word counts."""
    designed.approve(6, reason="yes")
    kept = last_answer(designed, "phase:6")
    designed.refuse(6, reason="on second thoughts no")
    assert state(designed, 6) == "waiting"
    refused(designed.run, only=7, kind=PhaseLocked)
    assert kept.sequence < last_answer(designed, "phase:6").sequence


def test_a_promoted_version_of_an_older_contract_is_not_promoted_again(finished):
    """After an amendment the old version belongs to the old agreement."""
    contract = finished.ports.project.contract_file
    contract.write_text(contract.read_text().replace("campaign lead", "sales lead"))
    finished.amend(reason="sales took over")
    error = refused(finished.promote, "v1", reason="as before", kind=ContractChanged)
    assert "modelwright run" in error.next_step


def test_a_project_that_was_copied_does_not_take_its_key_along(finished, tmp_path):
    """The seal's key lies outside: the copy can read everything except the holdout labels."""
    import shutil

    shutil.copytree(finished.ports.project.root, tmp_path / "elsewhere" / "calls")
    copy = service_in(tmp_path / "elsewhere" / "calls")
    assert not list((tmp_path / "elsewhere").rglob("*.seal"))
    assert copy.versions() == finished.versions()
