"""A ledger that is empty beside evidence: nothing begins anew unseen, and the way back is told."""

import pytest
from tests.workflow.projects import drafted, service_in

from modelwright.kernel.errors import IntegrityBroken
from modelwright.workflow.emptied import left_behind


@pytest.mark.parametrize("how", ["emptied", "removed"])
def test_no_second_ledger_begins_where_there_was_one(finished, tmp_path, how):
    """Every way to go on is refused, the audits say so, and a copy brings everything back."""
    finished.ledger.export(tmp_path / "copy.jsonl")
    head, root = finished.ports.ledger.head(), finished.ports.project.root
    file = finished.ports.project.store / "ledger.db"
    for path in file.parent.glob("ledger.db*"):
        path.unlink()
    if how == "emptied":
        file.touch()
    again = service_in(root)
    for go_on in (again.run, again.status, lambda: again.approve(1, reason="read it")):
        with pytest.raises(IntegrityBroken, match="is empty, and the project holds 12 pages and"):
            go_on()
    audit = again.ledger.audit()
    assert not audit.outcome.allows
    assert "modelwright ledger import FILE" in audit.checks[-1].next_step
    again.ledger.adopt(tmp_path / "copy.jsonl")
    assert head in {entry.digest for entry in again.entries()}
    assert again.status().phases[11].state == "done"


def test_a_project_that_was_never_run_has_left_nothing_behind(tmp_path):
    """So that a kill before the first entry costs nothing."""
    assert left_behind(drafted(tmp_path / "calls").ports) == ()
