"""Phases that need no person are done again: an entry that claims them cannot pass for them."""

from modelwright.kernel.outcome import Status
from modelwright.risk.register import RiskList


def links_of(service):
    """The links of a verification with the phases done again, by what they say."""
    return {link.what: link for link in service.verify(again=True).links}


def test_a_project_as_it_was_made_is_found_again(finished):
    """Snapshot and risks come out the same, and nothing is stored for it."""
    before = sorted(finished.ports.project.artifacts.rglob("*"))
    told = links_of(finished)
    assert told["phase 2 done again finds the same snapshot"].status is Status.PASSED
    assert told["phase 3 done again finds the same risks"].status is Status.PASSED
    assert sorted(finished.ports.project.artifacts.rglob("*")) == before


def test_an_entry_that_says_there_are_no_risks_is_found_false(finished):
    """Whoever can write the ledger can claim a phase; what the phase finds contradicts it."""
    completion = finished.look().history.completions[3]
    risks = finished.ports.store.get_record(completion.outputs["risks"], RiskList)
    nothing = finished.ports.store.put_record(type(risks)(**{**_fields(risks), "risks": ()}))
    finished.ports.ledger.append(
        "phase.completed",
        {
            "phase": 3,
            "name": "Risk Assessment",
            "inputs": completion.inputs,
            "contract_digest": finished.check().digest,
        },
        actor=finished.ports.actor,
        artifacts={**completion.outputs, "risks": nothing},
    )
    link = links_of(finished)["phase 3 done again finds the same risks"]
    assert link.status is Status.FAILED
    assert "run the phase again" in link.next_step


def _fields(record):
    return {name: getattr(record, name) for name in type(record).__slots__}
