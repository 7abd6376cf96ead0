"""The MLflow mirror: each run, as MLflow's own users like to see it; never on the critical path.

MLflow is told nothing it would send elsewhere: its usage telemetry is switched off before it is loaded.
"""

import os
import tempfile
import threading
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from modelwright.kernel.errors import MissingExtra
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.artifacts import write_atomically
from modelwright.training.run import Run

if TYPE_CHECKING:  # named in signatures; loaded by the method that talks to MLflow
    from mlflow import MlflowClient

__all__ = ["MlflowTracker"]

WHAT = "the run is mirrored to MLflow"

QUIET = {
    "MLFLOW_DISABLE_TELEMETRY": "true",
    "DO_NOT_TRACK": "true",
    "MLFLOW_ALLOW_FILE_STORE": "true",
    "MLFLOW_HTTP_REQUEST_MAX_RETRIES": "1",
    "MLFLOW_HTTP_REQUEST_TIMEOUT": "10",
    "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true",
    "GIT_PYTHON_REFRESH": "quiet",
}
"""How MLflow behaves unless the environment says otherwise: it tells nobody, and gives up soon."""

PATIENCE_SECONDS = 30.0
"""After so long the training goes on without the mirror."""

LONGEST_PARAM = 500
"""Characters of a parameter every MLflow store accepts."""

RUN_TAG = "modelwright.run"
"""The tag a run is found by, so that mirroring twice makes one run."""


class MlflowTracker:
    """Mirrors runs to an MLflow tracking server or folder.

    Args:
        uri: Where MLflow keeps runs; None or empty takes MLflow's own default.
        experiment: The experiment runs are put in.
        patience: Seconds after which the training goes on without the mirror.

    Examples:
        >>> MlflowTracker("file:///tmp/runs", experiment="calls").experiment
        'calls'
    """

    def __init__(
        self, uri: str | None = None, *, experiment: str = "modelwright", patience: float = PATIENCE_SECONDS
    ) -> None:
        """Keep the place; MLflow is not loaded yet."""
        self.uri = uri or None
        self.experiment = experiment
        self.patience = patience

    def log(self, run: Run, *, files: Mapping[str, bytes]) -> Outcome:
        """Mirror a run: parameters, metrics, notes and digests as tags, the pipeline's files as artifacts.

        Returns:
            Passed with MLflow's name of the run; unknown when MLflow is not installed, does not answer in
            time, or refuses. Nothing is raised.
        """
        told: list[Outcome] = []
        # A thread of its own, left behind when it takes too long: MLflow may wait for a dead server.
        worker = threading.Thread(target=lambda: told.append(self._mirror(run, files)), daemon=True)
        worker.start()
        worker.join(self.patience)
        if told:
            return told[0]
        return Outcome(
            status=Status.UNKNOWN,
            what=WHAT,
            evidence=(f"MLflow at {self.uri or 'its default place'} gave no answer in {self.patience:g} s",),
            next_step="check the tracking server; the run itself is stored and complete",
        )

    def _mirror(self, run: Run, files: Mapping[str, bytes]) -> Outcome:
        for name, value in QUIET.items():
            os.environ.setdefault(name, value)
        try:
            from mlflow import MlflowClient  # optional: the extra mlflow
            from mlflow.exceptions import MlflowException
        except ImportError:
            missing = MissingExtra.needed("mlflow", "mirroring runs to MLflow")
            return Outcome(
                status=Status.UNKNOWN, what=WHAT, evidence=(missing.what,), next_step=missing.next_step
            )
        try:
            found = self._write(MlflowClient(tracking_uri=self.uri), run, files)
        except (MlflowException, OSError, ValueError, RuntimeError, ImportError) as error:
            return Outcome(
                status=Status.UNKNOWN,
                what=WHAT,
                evidence=(f"MLflow refused: {str(error).splitlines()[0][:300]}",),
                next_step="check the tracking server; the run itself is stored and complete",
            )
        return Outcome(
            status=Status.PASSED, what=WHAT, evidence=(f"MLflow run {found} in experiment {self.experiment}",)
        )

    def _write(self, client: "MlflowClient", run: Run, files: Mapping[str, bytes]) -> str:
        from mlflow.entities import Metric, Param, RunTag  # optional: the extra mlflow

        known = client.get_experiment_by_name(self.experiment)
        experiment = known.experiment_id if known else client.create_experiment(self.experiment)
        earlier = client.search_runs([experiment], f"tags.`{RUN_TAG}` = '{run.id}'", max_results=1)
        if earlier and earlier[0].info.status == "FINISHED":
            return str(earlier[0].info.run_id)
        mirrored = (
            earlier[0] if earlier else client.create_run(experiment, tags={RUN_TAG: run.id}, run_name=run.id)
        )
        name = str(mirrored.info.run_id)
        now = int(time.time() * 1000)
        client.log_batch(
            name,
            metrics=[Metric(key, value, now, step) for key, value, step in _metrics(run)],
            params=[Param(key, value[:LONGEST_PARAM]) for key, value in _params(run)],
            tags=[RunTag(key, value) for key, value in _tags(run)],
        )
        with tempfile.TemporaryDirectory() as folder:
            for path, data in files.items():
                write_atomically(Path(folder, "pipeline", path), data)
            write_atomically(Path(folder, "run.md"), run.document().to_markdown().encode("utf-8"))
            client.log_artifacts(name, folder)
        client.set_terminated(name, "FINISHED")
        return name


def _metrics(run: Run) -> Sequence[tuple[str, float, int]]:
    made = [(f"oof_{name}", value, 0) for name, value in run.metrics.items() if value is not None]
    for name, values in run.fold_metrics.items():
        made += [(f"fold_{name}", value, fold) for fold, value in enumerate(values, 1) if value is not None]
    made += [(f"weight_{name}", share, 0) for name, share in run.member_weights.items()]
    return [*made, ("seconds", run.seconds, 0)]


def _params(run: Run) -> Sequence[tuple[str, str]]:
    config = run.config
    made = [
        ("design", run.design),
        ("seed", str(run.seed)),
        ("folds", str(config.folds)),
        ("bagging", config.bagging),
        ("calibration", run.calibration),
    ]
    for spec in config.members:
        made.append((f"{spec.name}.family", spec.family))
        made += [(f"{spec.name}.{key}", str(value)) for key, value in spec.params.items()]
    return made


def _tags(run: Run) -> Sequence[tuple[str, str]]:
    return [
        ("modelwright.contract", run.contract_digest),
        ("modelwright.snapshot", run.snapshot_digest),
        ("modelwright.plan", run.plan_digest),
        ("modelwright.config", run.config_digest),
        ("modelwright.pipeline", run.pipeline),
        ("modelwright.commit", run.environment.commit or "none"),
        ("modelwright.dirty", str(run.environment.dirty)),
        ("mlflow.note.content", "\n".join(run.notes) or "no notes"),
    ]
