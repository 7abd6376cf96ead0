"""Edits after approval, and swapped snapshots: what was approved is what is there, or nothing goes on."""

import shutil

import polars as pl
import pytest
from tests.adversarial.refusals import found_by_verify, refused
from tests.workflow.projects import AGENT, calls, service_in

from modelwright.data.snapshot import Snapshot
from modelwright.kernel.errors import ContractChanged, IntegrityBroken, PhaseLocked, UserFault
from modelwright.workflow.history import fold


def snapshot_of(service):
    """The snapshot in force."""
    digest = fold(service.entries()).completions[2].outputs["snapshot"]
    return service.ports.store.get_record(digest, Snapshot)


def overwrite(path, data):
    """Put other bytes into a stored file."""
    path.chmod(0o644)
    path.write_bytes(data)


EDITS = {
    "a lower bar": ("roc_auc >= 0.6", "roc_auc >= 0.1"),
    "a cheaper mistake": ("wrong_no: 1", "wrong_no: 0.001"),
    "more looks": ("looks: 3", "looks: 300"),
    "more attempts": ("max_attempts: 3", "max_attempts: 300"),
    "a wider test of time": ("p95_latency <= 20000ms", "p95_latency <= 90000ms"),
    "another owner": ("owner: campaign lead", "owner: somebody"),
}
"""Edits that would make passing easier, or answer to somebody else."""


@pytest.mark.parametrize("edit", EDITS)
def test_a_contract_that_was_edited_after_its_freeze_stops_the_run(finished, edit):
    """Lower bars, cheaper mistakes, more looks: each is refused until it is amended with a reason."""
    contract = finished.ports.project.contract_file
    before, after = EDITS[edit]
    assert before in contract.read_text()
    contract.write_text(contract.read_text().replace(before, after))
    error = refused(finished.run, kind=ContractChanged)
    assert "amend" in error.next_step
    found_by_verify(finished, "the contract is the frozen one")


def test_a_bar_that_was_lowered_after_a_look_does_not_count(finished):
    """Amended in the open, it is marked late, and the gates on these labels stay unknown."""
    contract = finished.ports.project.contract_file
    contract.write_text(contract.read_text().replace("roc_auc >= 0.6", "roc_auc >= 0.1"))
    finished.amend(reason="we cannot reach it")
    (entry,) = [entry for entry in finished.entries() if entry.kind == "contract.amended"]
    assert entry.body["late"] is True
    assert finished.verify().outcome.allows
    assert "late amendments" in finished.verify().document().to_markdown()


def test_an_agent_does_not_amend(finished):
    """What was agreed is changed by people."""
    contract = finished.ports.project.contract_file
    contract.write_text(contract.read_text().replace("roc_auc >= 0.6", "roc_auc >= 0.1"))
    error = refused(
        service_in(finished.ports.project.root, actor=AGENT).amend, reason="better", says="not a person"
    )
    assert "person" in error.next_step


def test_rows_that_were_swapped_under_the_snapshot_are_never_trained_on(designed):
    """Another table under the name of the training part: refused when read, named by verify."""
    snapshot = snapshot_of(designed)
    path = designed.ports.store.path(snapshot.parts["train"])
    calls(rows=480, seed=99).drop("bought").write_parquet(path.with_suffix(".other"))
    overwrite(path, path.with_suffix(".other").read_bytes())
    designed.approve(6, reason="read and agreed")
    error = refused(designed.run, until=8, kind=IntegrityBroken, says="changed after it was stored")
    assert error.next_step
    found_by_verify(designed, "the snapshot is what was taken")


def test_parts_of_the_snapshot_that_changed_places_are_found(finished):
    """Training rows where the test rows lay."""
    snapshot, store = snapshot_of(finished), finished.ports.store
    train, test = store.path(snapshot.parts["train"]), store.path(snapshot.parts["test"])
    shutil.copy(train, train.with_suffix(".kept"))
    overwrite(train, test.read_bytes())
    overwrite(test, train.with_suffix(".kept").read_bytes())
    found_by_verify(finished, "the snapshot is what was taken")


def test_a_snapshot_of_another_project_is_not_taken_for_this_one_s(finished, young):
    """Its record put under this one's digest has other bytes."""
    digest = fold(finished.entries()).completions[2].outputs["snapshot"]
    other = pl.DataFrame({"a": [1]}).write_json().encode()
    overwrite(finished.ports.store.path(digest), other)
    refused(snapshot_of, finished, kind=IntegrityBroken)
    found_by_verify(finished, "snapshot")


def test_sealed_labels_that_were_exchanged_are_found(finished):
    """Not the ciphertext that was sealed with the snapshot."""
    path = finished.ports.store.path(snapshot_of(finished).sealed_labels)
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    overwrite(path, bytes(data))
    found_by_verify(finished, "the snapshot is what was taken")


def test_a_table_that_was_changed_after_the_design_was_approved_starts_over(finished):
    """New rows are new data: phase 2 is asked again, and everything behind it."""
    data = finished.ports.project.root / "calls.parquet"
    calls(seed=6).write_parquet(data)
    assert finished.status().phases[1].state == "stale"
    error = refused(finished.run, only=11, kind=PhaseLocked)
    assert "modelwright run" in error.next_step


def test_code_that_was_slipped_in_after_the_review_is_reviewed_again(finished):
    """A script beside the contract makes the review stale, and the verdict behind it."""
    (finished.ports.project.root / "sneak.py").write_text("import os\n")
    assert finished.status().phases[9].state == "stale"
    refused(finished.run, only=11, kind=PhaseLocked)


def test_the_contract_is_not_edited_under_a_running_phase(designed):
    """Whoever edits it while a phase is at work makes the run stop."""

    def meddle(what, phase, outputs):
        if what == "announce" and phase.number == 7:
            contract = designed.ports.project.contract_file
            contract.write_text(contract.read_text().replace("campaign lead", "somebody"))

    designed.approve(6, reason="read and agreed")
    error = refused(designed.run, until=7, listener=meddle, kind=ContractChanged)
    assert error.next_step


def test_a_page_that_was_painted_over_is_drawn_again(designed):
    """What a person reads comes from the evidence: a page with another ending is not believed."""
    page = designed.page_of(3)
    page.write_text("<h1>No risks</h1>")
    assert "No risks" not in designed.page_of(3).read_text()
    assert "seconds" in designed.page_of(3).read_text()


def test_a_draft_over_a_frozen_contract_is_refused_even_by_force(finished):
    """`init --force` is for what nobody agreed to yet."""
    data = finished.ports.project.root / "calls.parquet"
    before = finished.ports.project.contract_file.stat().st_mtime_ns
    error = refused(
        finished.init, "calls", data=data, target="bought", force=True, kind=UserFault, says="frozen"
    )
    assert "amend" in error.next_step
    assert finished.ports.project.contract_file.stat().st_mtime_ns == before
