"""The MLflow mirror: complete when it works, harmless when it does not."""

import os
import sys
import threading

import pytest
from tests.adapters.tracking_client import MlflowException, Server
from tests.training.inputs import LINEAR, Desk

from modelwright.adapters.mlflow_tracker import QUIET, MlflowTracker


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run to mirror."""
    return Desk(tmp_path_factory.mktemp("desk")).run(LINEAR)


@pytest.fixture
def server(monkeypatch):
    """A tracking server that a program can import its way to."""
    made = Server()
    for name, module in made.modules().items():
        monkeypatch.setitem(sys.modules, name, module)
    for name in QUIET:
        monkeypatch.setenv(name, "to be restored")
        monkeypatch.delenv(name)
    return made


def test_without_mlflow_the_answer_is_what_to_install(run, monkeypatch):
    """Unknown, with the line to type; nothing is raised."""
    monkeypatch.setitem(sys.modules, "mlflow", None)
    outcome = MlflowTracker("file:///nowhere").log(run, files={})
    assert outcome.status.value == "unknown"
    assert outcome.next_step == "pip install 'modelwright[mlflow]'"


def test_a_run_is_mirrored_whole(run, server):
    """Metrics by fold, parameters, digests, files and the page of the run."""
    outcome = MlflowTracker("file:///runs", experiment="calls").log(run, files={"model/a.npy": b"x"})
    assert outcome.allows
    (kept,) = server.runs.values()
    assert kept.name == run.id
    assert kept.metrics["oof_roc_auc", 0] == run.metrics["roc_auc"]
    assert kept.metrics["fold_roc_auc", 3] == run.fold_metrics["roc_auc"][2]
    assert kept.params["linear.family"] == "linear"
    assert kept.tags["modelwright.snapshot"] == run.snapshot_digest
    assert kept.files["pipeline/model/a.npy"] == b"x"
    assert kept.files["run.md"].startswith(b"# Run run-")
    assert kept.info.status == "FINISHED"


def test_mirroring_twice_makes_one_run(run, server):
    """The second time finds the first; an unfinished one is finished."""
    tracker = MlflowTracker()
    tracker.log(run, files={})
    assert tracker.log(run, files={}).allows
    (kept,) = server.runs.values()
    kept.info.status = "RUNNING"
    assert tracker.log(run, files={}).allows
    assert kept.info.status == "FINISHED"
    assert len(server.runs) == 1


def test_mlflow_tells_nobody(run, server):
    """Its telemetry is switched off before it is loaded, and retries end soon."""
    MlflowTracker().log(run, files={})
    assert os.environ["MLFLOW_DISABLE_TELEMETRY"] == "true"
    assert os.environ["MLFLOW_HTTP_REQUEST_MAX_RETRIES"] == "1"


@pytest.mark.parametrize("fault", [MlflowException("no such server\nand more"), ConnectionError("refused")])
def test_a_server_that_refuses_is_an_outcome(run, server, fault):
    """The first line of its reason is kept."""
    server.fault = fault
    outcome = MlflowTracker().log(run, files={})
    assert outcome.status.value == "unknown"
    assert str(fault).splitlines()[0] in outcome.evidence[0]


def test_a_server_that_sleeps_does_not_hold_the_training_up(run, server):
    """After the patience the answer is unknown, and the training goes on."""
    server.asleep = threading.Event()
    outcome = MlflowTracker("http://sleepy", patience=0.05).log(run, files={})
    server.asleep.set()
    assert outcome.status.value == "unknown"
    assert "http://sleepy gave no answer in 0.05 s" in outcome.evidence[0]
