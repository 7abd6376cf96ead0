"""The whole life of a small model, and what is found when somebody edits its evidence."""

import json
import sqlite3
from pathlib import Path

import pytest
from tests.workflow.conftest import walk
from tests.workflow.projects import AGENT, SECOND, service_in

from modelwright.kernel.errors import (
    ApprovalRefused,
    BundleRejected,
    ContractChanged,
    IntegrityBroken,
    ModelwrightError,
    PhaseLocked,
    UnknownName,
    UserFault,
)
from modelwright.workflow.history import fold


def store_file(service, phase, name):
    """The file of one output's artifact."""
    digest = fold(service.ports.ledger.entries()).completions[phase].outputs[name]
    return service.ports.store.path(digest)


def flip_a_byte(path: Path, place: int = -1):
    """Change one byte of a file."""
    data = bytearray(path.read_bytes())
    data[place if place >= 0 else len(data) // 2] ^= 1
    path.chmod(0o644)
    path.write_bytes(bytes(data))


def broken_links(service):
    """The links that verify finds broken."""
    return [link.what for link in service.verify().links if link.status.value == "failed"]


def test_all_twelve_phases_are_done_and_the_version_answers(finished):
    """The end of a run."""
    standing = finished.status()
    assert {line.state for line in standing.phases} == {"done"}
    assert standing.frozen
    assert [version.standing for version in finished.versions()] == ["champion"]
    assert finished.verdict_passed() is True


def test_an_undisturbed_project_verifies(finished):
    """Every link holds."""
    record = finished.verify()
    assert record.outcome.allows, record.document().to_markdown()


def test_the_leak_is_not_in_the_model(finished):
    """It was decided to be taken out."""
    from modelwright.workflow.live import champion_bundle

    assert "seconds" not in champion_bundle(finished.ports).pipeline.plan.columns


def test_one_edited_byte_of_the_ledger_is_found(finished):
    """A body changed in place."""
    connection = sqlite3.connect(finished.ports.project.ledger_file)
    tables = [name for (name,) in connection.execute("select name from sqlite_master where type = 'table'")]
    changed = 0
    for table in tables:
        columns = [row[1] for row in connection.execute(f"pragma table_info({table})")]
        for trigger in list(connection.execute("select name from sqlite_master where type = 'trigger'")):
            connection.execute(f"drop trigger if exists {trigger[0]}")
        for column in columns:
            cursor = connection.execute(
                f"update {table} set {column} = replace({column}, 'confirmed', 'Confirmed') "
                f"where cast({column} as text) like '%demonstration: a person%'"
            )
            cursor = connection.execute(
                f"update {table} set {column} = replace({column}, 'demonstration', 'Demonstration') "
                f"where cast({column} as text) like '%demonstration: a person%'"
            )
            changed += cursor.rowcount
    connection.commit()
    connection.close()
    assert changed
    fresh = service_in(finished.ports.project.root)
    assert not fresh.verify().outcome.allows


@pytest.mark.parametrize(("phase", "name"), [(2, "snapshot"), (4, "proposals"), (8, "run"), (11, "verdict")])
def test_one_edited_byte_of_an_artifact_is_found(finished, phase, name):
    """The artifact no longer has its digest."""
    flip_a_byte(store_file(finished, phase, name))
    assert broken_links(finished)


def test_one_edited_byte_of_the_snapshot_s_rows_is_found(finished):
    """The Parquet bytes are named by the snapshot."""
    from modelwright.data.snapshot import Snapshot

    digest = fold(finished.ports.ledger.entries()).completions[2].outputs["snapshot"]
    snapshot = finished.ports.store.get_record(digest, Snapshot)
    flip_a_byte(finished.ports.store.path(snapshot.parts["train"]))
    assert "the snapshot is what was taken" in broken_links(finished)


def test_one_edited_byte_of_the_bundle_is_found_and_it_does_not_answer(finished):
    """Found by verify, refused by the server."""
    (version,) = finished.versions()
    flip_a_byte(finished.ports.project.store / version.path)
    assert any("bundle" in link for link in broken_links(finished))
    with pytest.raises(BundleRejected):
        finished.score(
            finished.ports.project.root / "calls.parquet", finished.ports.project.root / "out.parquet"
        )


def test_an_edited_contract_is_refused_until_it_is_amended(finished):
    """Run and promote demand the frozen digest; what operates stands on what it was promoted under."""
    contract = finished.ports.project.contract_file
    contract.write_text(contract.read_text().replace("campaign lead", "sales lead"))
    with pytest.raises(ContractChanged, match="amend"):
        finished.run()
    with pytest.raises(ContractChanged):
        finished.promote("v1", reason="again")
    assert finished.serve_plan().version == "v1"
    assert "the contract is the frozen one" in broken_links(finished)
    changes = finished.amend(reason="the campaign moved to sales")
    assert any("sales lead" in change for change in changes)
    assert {line.state for line in finished.status().phases[:6]} == {"stale"}
    (entry,) = [entry for entry in finished.entries() if entry.kind == "contract.amended"]
    assert entry.body["late"] is True


@pytest.mark.parametrize("reason", ["", "  "])
def test_an_amendment_without_a_reason_is_refused(finished, reason):
    """Whoever reads the ledger has to understand it."""
    with pytest.raises(UserFault, match="reason"):
        finished.amend(reason=reason)


def test_an_amendment_that_changes_nothing_is_refused(finished):
    """There is nothing to record."""
    with pytest.raises(UserFault, match="says the same"):
        finished.amend(reason="just to be sure")


def test_an_agent_cannot_amend(finished):
    """What was agreed is changed by people."""
    contract = finished.ports.project.contract_file
    contract.write_text(contract.read_text().replace("campaign lead", "sales lead"))
    with pytest.raises(ApprovalRefused):
        service_in(finished.ports.project.root, actor=AGENT).amend(reason="looks better")


def test_each_edit_needs_an_amendment_of_its_own(finished):
    """A trivial amendment does not open the door for the next edit."""
    contract = finished.ports.project.contract_file
    contract.write_text(contract.read_text().replace("campaign lead", "sales lead"))
    finished.amend(reason="the campaign moved to sales")
    contract.write_text(contract.read_text().replace("roc_auc >= 0.6", "roc_auc >= 0.1"))
    with pytest.raises(ContractChanged, match="amend"):
        finished.run()
    (change,) = finished.amend(reason="we cannot reach it")
    assert "0.1" in change


def test_gates_that_move_after_a_look_do_not_count(finished):
    """The verdict on the same sealed labels is unknown, and unknown blocks."""
    contract = finished.ports.project.contract_file
    contract.write_text(contract.read_text().replace("roc_auc >= 0.6", "roc_auc >= 0.1"))
    finished.amend(reason="we cannot reach it")
    assert walk(finished).ended == "done"
    assert finished.verdict_passed() is False
    with pytest.raises(PhaseLocked):
        finished.promote("v2", reason="the gates passed, did they not")


def test_the_brake_works_whatever_stands_in_the_contract_file(finished):
    """A typo in contract.yaml must not keep a bad challenger in service."""
    drill = finished.make_drill()
    finished.start_rollout(drill.version, drill=True)
    finished.ports.project.contract_file.write_text("decision: [")
    assert finished.roll_back(reason="enough").version == "v1"
    assert finished.rollout_state().phase == "rolled back"


def test_a_bundle_that_was_changed_is_not_promoted(finished_template, tmp_path):
    """It is opened before anything is written."""
    import shutil

    shutil.copytree(finished_template, tmp_path / "calls")
    shutil.copytree(finished_template.parent / "home", tmp_path / "home")
    service = service_in(tmp_path / "calls")
    (version,) = service.versions()
    before = service.status().entries
    path = service.ports.project.store / version.path
    path.chmod(0o644)
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(BundleRejected):
        service.promote("v1", reason="again")
    assert service.status().entries == before


def test_a_later_version_takes_over_by_a_rollout_or_at_once_and_can_be_taken_back(contested):
    """Approval alone does not move traffic; the brake undoes a promotion."""
    assert [version.standing for version in contested.versions()] == ["champion", "registered"]
    entry = contested.promote("v2", reason="better on the same rows")
    assert entry.kind == "approval.given"
    assert [version.standing for version in contested.versions()] == ["champion", "registered"]
    state = contested.start_rollout("v2")
    assert (state.challenger, state.share) == ("v2", 0.1)
    with pytest.raises(PhaseLocked, match="rolled out"):
        contested.promote("v2", reason="now", at_once=True)
    contested.roll_back(reason="not today")
    assert [version.standing for version in contested.versions()] == ["champion", "rolled_back"]


def test_a_promotion_at_once_moves_the_traffic_and_is_undone_in_one_step(contested):
    """Ledger, roster and routing say the same."""
    from modelwright.serving.router import read_routing
    from modelwright.workflow.places import places_of

    contested.promote("v2", reason="urgent", at_once=True)
    routing = places_of(contested.ports).routing
    assert read_routing(routing).champion == "v2"
    assert contested.roll_back(reason="worse than told").version == "v1"
    assert read_routing(routing).champion == "v1"
    assert [version.standing for version in contested.versions()] == ["champion", "retired"]
    assert contested.status().next_step == "modelwright serve; modelwright monitor"


def test_labels_that_belong_to_no_answer_are_refused(finished):
    """They say nothing about the model."""
    from modelwright.kernel.errors import DataInvalid

    labels = finished.ports.project.root / "labels.csv"
    labels.write_text("request_id,label\nnobody,yes\n")
    with pytest.raises(DataInvalid, match="belongs to an answer"):
        finished.add_labels(labels)


def test_a_bundle_that_is_not_there_is_the_user_s_fault(finished):
    """A typo is not tampering."""
    with pytest.raises(UserFault, match="no bundle"):
        finished.verify(Path("nope.mwb"))


def test_a_frozen_contract_is_not_drafted_over(finished):
    """It is amended."""
    data = finished.ports.project.root / "calls.parquet"
    with pytest.raises(UserFault, match="frozen"):
        finished.init("calls", data=data, target="bought", force=True)


def test_choosing_another_design_voids_the_approval_of_the_design(finished):
    """Phases 7 to 12 are locked again until 4, 5 and 6 are answered anew."""
    finished.approve(4, choices={"design": "pragmatic"}, reason="a stronger one")
    states = {line.phase: line.state for line in finished.status().phases}
    assert states[5] == "stale"
    with pytest.raises(PhaseLocked):
        finished.run(only=7)
    result = finished.run()
    assert (result.ended, result.phase) == ("waiting", 5)


def test_the_run_is_reproduced_bit_by_bit(finished):
    """Retrained from the snapshot with the recorded seed."""
    record = finished.reproduce()
    assert record.outcome.allows, record.document().to_markdown()


def test_a_look_at_the_sealed_labels_is_on_the_record_once(finished):
    """Asking the same again is no second look."""
    assert len([entry for entry in finished.entries() if entry.kind == "look.taken"]) == 1


def test_an_agent_cannot_promote(finished):
    """It has no approval to give."""
    agent = service_in(finished.ports.project.root, actor=AGENT)
    with pytest.raises(ApprovalRefused):
        agent.promote("v1", reason="looks good")


def test_promoting_a_version_that_does_not_exist_names_the_versions(finished):
    """The nearest is offered."""
    with pytest.raises(UnknownName, match="v1"):
        finished.promote("v11", reason="typo")


def test_a_table_is_scored_by_the_champion(finished):
    """Every row gets an answer."""
    import polars as pl

    root = finished.ports.project.root
    result = finished.score(root / "calls.parquet", root / "answers.parquet")
    answers = pl.read_parquet(root / "answers.parquet")
    assert result.rows == answers.height == 600


def test_the_summary_page_holds_the_whole_run(finished):
    """One self-contained page with pictures and no outside requests."""
    text = finished.summary().read_text(encoding="utf-8")
    for title in ("Gates", "Decisions", "Verification", "Risks", "Three designs", "Where the evidence lies"):
        assert title in text
    assert "<svg" in text
    assert "http://www.w3.org" in text
    assert "src=" not in text


def test_a_summary_of_nothing_says_what_to_type(tmp_path):
    """There is nothing to sum up yet."""
    from tests.workflow.projects import drafted

    with pytest.raises(PhaseLocked, match="modelwright run"):
        drafted(tmp_path / "calls").summary()


def test_a_foreign_bundle_is_sound_but_unknown(finished, tmp_path):
    """Its bytes are checked; its origin is not in this ledger."""
    (version,) = finished.versions()
    path = finished.ports.project.store / version.path
    other = tmp_path / "other" / "calls"
    from tests.workflow.projects import drafted

    stranger = drafted(other)
    (link,) = [link for link in stranger.verify(path).links if link.what.startswith("bundle ")]
    assert link.status.value == "unknown"
    assert "not in this ledger" in link.evidence[0]


def test_verify_says_when_nothing_is_frozen_yet(tmp_path):
    """Unknown, and unknown is not passed."""
    from tests.workflow.projects import drafted

    record = drafted(tmp_path / "calls").verify()
    assert not record.outcome.allows


def test_a_garbage_ledger_is_told_as_such(finished):
    """Not a traceback of a database library."""
    finished.ports.project.ledger_file.write_bytes(b"garbage" * 1000)
    for side in ("-wal", "-shm"):
        Path(str(finished.ports.project.ledger_file) + side).unlink(missing_ok=True)
    fresh = service_in(finished.ports.project.root)
    with pytest.raises(ModelwrightError) as caught:
        fresh.status()
    assert isinstance(caught.value, IntegrityBroken)


def test_in_standard_mode_another_person_has_to_approve_the_design(tmp_path):
    """The author of the design is not its approver."""
    from tests.workflow.conftest import walk
    from tests.workflow.projects import drafted

    root = drafted(tmp_path / "calls", mode="standard").ports.project.root
    service = service_in(root, signing=True)
    with pytest.raises(ApprovalRefused, match="author"):
        walk(service, until=7)
    other = service_in(root, actor=SECOND, signing=True)
    with pytest.raises(ApprovalRefused, match="not enrolled"):
        other.approve(6, reason="read and agreed")
    service.people.enrol(json.dumps(other.people.export("second")).encode(), reason="known in person")
    other.approve(6, reason="read and agreed")
    assert service.status().frozen is False
    assert service.run(until=6).ended == "reached"
    assert service.status().frozen is True
