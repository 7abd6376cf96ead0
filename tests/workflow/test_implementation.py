"""What the owner wrote stays, a mirror may fail, and what was decided has to be carried out."""

from dataclasses import replace

import pytest
from tests.workflow.conftest import walk
from tests.workflow.projects import calls, drafted

from modelwright.kernel.errors import ContractChanged, PhaseLocked, UserFault
from modelwright.kernel.outcome import Outcome, Status
from modelwright.roles.ml_writer import WrittenFiles
from modelwright.training.run import Run
from modelwright.workflow.history import fold


def record(service, phase, name, kind):
    """A record that a phase left behind."""
    completion = fold(service.ports.ledger.entries()).completions[phase]
    return service.ports.store.get_record(completion.outputs[name], kind)


def designed_anew(service, design):
    """Choose another design and run up to its implementation."""
    service.approve(4, choices={"design": design}, reason="another one")
    walk(service, until=7, design=design)


def test_what_the_owner_changed_in_the_written_files_is_kept_for_good(finished):
    """However often the files are written again; what nobody touched follows the design."""
    mine = finished.ports.project.pipeline / "train.py"
    mine.write_text("# mine\n")
    for design in ("pragmatic", "frontier", "baseline"):
        designed_anew(finished, design)
        assert mine.read_text() == "# mine\n"
        files = record(finished, 7, "files", WrittenFiles)
        assert files.kept == ("pipeline/train.py",)
        assert f'"{design}"' in (finished.ports.project.pipeline / "config.json").read_text()
    assert "kept as its owner left it" in files.document().to_markdown()
    mine.unlink()
    designed_anew(finished, "pragmatic")
    assert record(finished, 7, "files", WrittenFiles).kept == ()
    assert mine.exists()


class ForgetfulTracker:
    """A mirror that cannot be reached."""

    def log(self, run, *, files):
        """Say so."""
        return Outcome(
            status=Status.FAILED, what="the run is mirrored", evidence=("no answer",), next_step="look at it"
        )


def test_a_mirror_that_fails_is_noted_and_harms_nothing(tmp_path):
    """Nothing depends on it."""
    service = drafted(tmp_path / "calls")
    contract = service.ports.project.contract_file
    contract.write_text(contract.read_text().replace("tracking: local", "tracking: mlflow"))
    mirrored = replace(service, ports=replace(service.ports, tracker=ForgetfulTracker))
    assert walk(mirrored, until=8).ended == "reached"
    run = record(mirrored, 8, "run", Run)
    assert any("the run is mirrored: failed (no answer; look at it)" in note for note in run.notes)


def test_a_decision_to_change_what_is_read_has_to_be_carried_out(tmp_path):
    """One job is spelled in two ways; until data or contract are mended, the design waits."""
    import polars as pl

    from modelwright.risk.register import RiskList

    odd = pl.when(pl.int_range(pl.len()) % 2 == 0).then(pl.lit("Clerk ")).otherwise(pl.lit("clerk"))
    table = calls().with_columns(pl.when(pl.col("job") == "clerk").then(odd).otherwise("job").alias("job"))
    service = drafted(tmp_path / "calls", table=table)
    service.run()
    service.approve(1, reason="read and agreed")
    service.run()
    (spelled,) = [risk for risk in record(service, 3, "risks", RiskList).risks if "spelling" in risk.change]
    leak = next(risk.id for risk in record(service, 3, "risks", RiskList).risks if "seconds" in risk.columns)
    service.approve(3, choices={spelled.id: "modify", leak: "modify"}, reason="one job, two spellings")
    with pytest.raises(PhaseLocked, match="change the contract") as caught:
        service.run()
    assert "map the spellings of job to one" in str(caught.value)


def test_a_contract_that_is_edited_while_a_run_is_at_work_stops_the_run(tmp_path):
    """One run stands on one contract; the next one takes it as it is then."""
    service = drafted(tmp_path / "calls")
    contract = service.ports.project.contract_file
    service.run()
    service.approve(1, reason="read and agreed")

    def edit(what, phase, outputs):
        if (what, phase.number) == ("announce", 2):
            contract.write_text(contract.read_text().replace("campaign lead", "sales lead"))

    with pytest.raises(ContractChanged, match="while the run was at work"):
        service.run(listener=edit)
    assert service.run().ran == (1,)


def test_data_that_is_changed_while_a_phase_reads_it_is_told(tmp_path):
    """What was found is about the old rows; the next run reads the new ones."""
    service = drafted(tmp_path / "calls")
    service.run()
    service.approve(1, reason="read and agreed")

    def change(what, phase, outputs):
        if (what, phase.number) == ("announce", 2):
            calls(seed=6).write_parquet(tmp_path / "calls" / "calls.parquet")

    with pytest.raises(UserFault, match="changed while phase 2"):
        service.run(listener=change)
    assert service.run(until=2).ran == (2,)


def test_links_out_of_the_project_are_not_followed(finished, tmp_path):
    """What lies behind them is not the project's own code."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "secret.py").write_text("key = 1\n")
    before = finished.ports.project.code_digest()
    (finished.ports.project.root / "link").symlink_to(tmp_path / "elsewhere")
    (finished.ports.project.root / "one.py").symlink_to(tmp_path / "elsewhere" / "secret.py")
    assert finished.ports.project.code_digest() == before
    assert finished.status().phases[9].state == "done"
