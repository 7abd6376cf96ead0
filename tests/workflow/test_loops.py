"""Bounded loops: trying on stops after the contract's bound, with a report; late changes stay visible."""

import pytest
from tests.workflow.conftest import walk
from tests.workflow.projects import LEAD, drafted

from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.errors import PhaseLocked
from modelwright.ledger.memory import MemoryLedger
from modelwright.workflow.loops import AttemptReport, attempts_of


def below_gates(root, *, attempts):
    """A project whose gate is out of reach, with so many attempts."""
    service = drafted(root)
    contract = service.ports.project.contract_file
    text = contract.read_text().replace("roc_auc >= 0.6", "roc_auc >= 0.999")
    contract.write_text(text.replace("max_attempts: 3", f"max_attempts: {attempts}"))
    assert f"max_attempts: {attempts}" in contract.read_text()
    return service


def kinds(service):
    """The kinds of all entries."""
    return [entry.kind for entry in service.entries()]


def test_trying_until_it_passes_stops_after_the_bound_of_the_contract(tmp_path):
    """The second model of a contract with one attempt is not even trained; the report names the first."""
    service = below_gates(tmp_path / "calls", attempts=1)
    walk(service)
    assert kinds(service).count("gates.judged") == 1
    assert service.run().ended == "done"
    service.approve(4, choices={"design": "pragmatic"}, reason="perhaps a stronger one passes")
    with pytest.raises(PhaseLocked, match="used up") as caught:
        walk(service, design="pragmatic")
    assert "roc_auc >= 0.999" in str(caught.value)
    assert "evaluation.max_attempts" in str(caught.value)
    assert kinds(service).count("training.began") == 1
    (stopped,) = [entry for entry in service.entries() if entry.kind == "loop.stopped"]
    report = service.ports.store.get_record(stopped.artifacts["report"], AttemptReport)
    assert (report.left, len(report.attempts)) == (0, 1)
    assert "1 of 1 attempts" in report.document().to_markdown()
    with pytest.raises(PhaseLocked, match="used up"):
        service.run()
    assert kinds(service).count("loop.stopped") == 1
    assert service.status().looks == 1


def test_an_amendment_after_a_look_downgrades_the_verdict_visibly(tmp_path):
    """It opens new attempts, and every page says what was changed, when, and by whom."""
    service = below_gates(tmp_path / "calls", attempts=1)
    walk(service)
    contract = service.ports.project.contract_file
    contract.write_text(contract.read_text().replace("campaign lead", "somebody else"))
    service.amend(reason="the owner has changed")
    walk(service)
    judged = [entry for entry in service.entries() if entry.kind == "gates.judged"]
    assert [len(entry.body["downgraded"]) for entry in judged] == [0, 1]
    (told,) = judged[1].body["downgraded"]
    assert "amended after training began and a look at the holdout" in told
    assert "the owner has changed" in told
    for phase, words in ((11, "This verdict is downgraded"), (12, "its verdict is downgraded")):
        page = service.page_of(phase).with_suffix(".md").read_text(encoding="utf-8")
        assert words in page
    assert "downgraded" in service.page_of(12).with_suffix(".md").read_text(encoding="utf-8")


def test_the_same_model_judged_again_is_the_same_attempt():
    """Its last verdict counts; what passed is no attempt that failed."""
    ledger = MemoryLedger(clock=SteppingClock())

    def judged(pipeline, status, contract="sha256:c"):
        body = {"contract_digest": contract, "pipeline": pipeline, "status": status, "missed": ["a"]}
        ledger.append("gates.judged", body, actor=LEAD)

    for pipeline, status in (("p1", "failed"), ("p1", "unknown"), ("p2", "failed"), ("p2", "passed")):
        judged(pipeline, status)
    judged("p3", "failed", contract="sha256:other")
    ledger.append(
        "training.failed", {"contract_digest": "sha256:c", "pipeline": "r1", "status": "failed"}, actor=LEAD
    )
    found = attempts_of(ledger.entries(), contract_digest="sha256:c")
    assert [(each.what, each.status) for each in found] == [("p1", "unknown"), ("r1", "failed")]
