"""Around the commands: what is written by hand past every command is found by verify, whoever wrote it."""

import json
from dataclasses import replace

import pytest
from tests.adversarial.refusals import found_by_verify
from tests.adversarial.test_holdout import question
from tests.workflow.projects import AGENT, LEAD, calls

from modelwright.evaluation.report import EvaluationReport
from modelwright.workflow.places import places_of


def by_hand(service, kind, body, artifacts=None, *, actor=AGENT):
    """Write an entry past every command."""
    service.ports.ledger.append(kind, body, actor=actor, artifacts=artifacts or {})


@pytest.mark.parametrize("actor", [AGENT, LEAD], ids=lambda actor: actor.kind.value)
def test_a_promotion_that_no_command_wrote_is_found(finished, actor):
    """Champion by one line: nobody was asked for this version, and verify names it."""
    (version,) = finished.versions()
    registered = [entry for entry in finished.entries() if entry.kind == "version.registered"][-1]
    by_hand(
        finished, registered.kind, {**registered.body, "version": "v2"}, registered.artifacts, actor=actor
    )
    by_hand(finished, "version.promoted", {"version": "v2", "previous": "v1", "reason": "mine"}, actor=actor)
    assert version.standing == "champion"
    found_by_verify(finished, "v2")


def test_a_promotion_that_an_agent_wrote_over_a_person_s_is_found(finished):
    """The version was approved, and still it was not for an agent to say so."""
    by_hand(finished, "version.promoted", {"version": "v1", "previous": None, "reason": "again"})
    found_by_verify(finished, "agent")


def test_an_amendment_that_an_agent_wrote_is_found(finished):
    """It names the contract in force, changes nothing, and is nobody's decision."""
    history = finished.look().history
    body = {
        "contract_digest": finished.look().contract_digest,
        "before": "sha256:before",
        "reason": "as agreed",
        "late": False,
        "changes": [],
    }
    by_hand(finished, "contract.amended", body, history.frozen.artifacts)
    found_by_verify(finished, "amend")


def test_a_freeze_of_a_softer_contract_that_nobody_approved_is_found(finished):
    """Frozen by hand so that file and ledger agree: the design was approved under another one."""
    file = finished.ports.project.contract_file
    file.write_text(file.read_text().replace("roc_auc >= 0.6", "roc_auc >= 0.1"))
    contract = finished.check().contract
    artifact = finished.ports.store.put_record(contract.model_dump(mode="json"))
    by_hand(
        finished, "contract.frozen",
        {"contract_digest": contract.digest, "gates": list(contract.gates.lines)}, {"contract": artifact},
    )  # fmt: skip
    found_by_verify(finished)


def test_a_look_that_went_around_the_ledger_is_found(finished):
    """Asked directly, the scorer wrote it into its own book."""
    finished.ports.scorer().score(question(finished))
    found_by_verify(finished, "not in the ledger")


def told(service):
    """The entry of the look's answer, with its report."""
    entry = [entry for entry in service.entries() if entry.kind == "look.answered"][-1]
    return entry, service.ports.store.get_record(entry.artifacts["report"], EvaluationReport)


def painted(report):
    """The report of a much better model."""
    estimates = tuple(replace(found, value=0.99, low=0.98, high=1.0) for found in report.estimates[:1])
    return replace(report, estimates=(*estimates, *report.estimates[1:]))


def test_a_better_answer_to_the_same_question_is_found(finished):
    """The scorer's book knows what it answered, to the byte."""
    entry, report = told(finished)
    by_hand(finished, entry.kind, entry.body, {"report": finished.ports.store.put_record(painted(report))})
    found_by_verify(finished, "book")


def test_an_answer_to_a_question_that_was_never_asked_is_found(finished):
    """Invented together with its question, it is in no book."""
    entry, report = told(finished)
    asked = [entry for entry in finished.entries() if entry.kind == "look.taken"][-1]
    other = "sha256:" + "3" * 64
    by_hand(finished, "look.taken", {**asked.body, "request": other})
    by_hand(
        finished, entry.kind, {**entry.body, "request": other},
        {"report": finished.ports.store.put_record(painted(report))},
    )  # fmt: skip
    found_by_verify(finished, "book")


def test_a_roster_that_was_edited_is_found(finished):
    """What the server reads says something else than the ledger."""
    finished.serve_plan(port=0)
    roster = places_of(finished.ports).roster
    roster.write_text(roster.read_text().replace('"champion"', '"retired"'))
    found_by_verify(finished)


def test_a_routing_that_was_edited_is_found(finished):
    """Traffic sent elsewhere than the ledger says."""
    finished.serve_plan(port=0)
    routing = places_of(finished.ports).routing
    routing.write_text(routing.read_text().replace('"v1"', '"v2"'))
    found_by_verify(finished)


def test_a_table_that_was_swapped_under_a_remembered_digest_is_found(finished):
    """The memory of digests is edited so that the new table looks like the old; verify reads the table."""
    root = finished.ports.project.root
    finished.status()
    memory = root / ".modelwright" / "cache" / "digests.json"
    known = list(json.loads(memory.read_text()).values())[-1]
    calls(seed=77).write_parquet(root / "calls.parquet")
    finished.status()
    told_now = json.loads(memory.read_text())
    memory.write_text(json.dumps(dict.fromkeys(told_now, known)))
    assert finished.status().phases[1].state == "done"
    found_by_verify(finished)


def test_a_page_that_was_edited_in_the_middle_is_drawn_again_or_found(finished):
    """It kept its last line, and tells of other risks."""
    page = finished.page_of(3)
    page.write_text(page.read_text().replace("LEAK-TIMING", "NOTHING"))
    if "NOTHING" in finished.page_of(3).read_text():
        found_by_verify(finished)
