"""A tracking client in memory, with the few methods of MLflow's that the mirror uses.

Its answers are those of MLflow 3.17, which is not installed where the suite runs.
"""

import threading
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace


class MlflowException(Exception):
    """What MLflow raises."""


@dataclass
class Server:
    """What a tracking server holds, and how it behaves."""

    runs: dict = field(default_factory=dict)
    experiments: dict = field(default_factory=dict)
    fault: Exception | None = None
    asleep: threading.Event | None = None

    def modules(self):
        """The modules a program would import."""
        server = self

        class MlflowClient:
            """Talks to the server."""

            def __init__(self, tracking_uri=None):
                self.tracking_uri = tracking_uri
                if server.asleep is not None:
                    server.asleep.wait(20)
                if server.fault is not None:
                    raise server.fault

            def get_experiment_by_name(self, name):
                """The experiment, or None."""
                return server.experiments.get(name)

            def create_experiment(self, name):
                """Make one."""
                server.experiments[name] = SimpleNamespace(experiment_id=f"e{len(server.experiments)}")
                return server.experiments[name].experiment_id

            def search_runs(self, experiments, wanted, max_results):
                """Runs whose tag has this value."""
                value = wanted.split("'")[1]
                found = [run for run in server.runs.values() if run.tags["modelwright.run"] == value]
                return found[:max_results]

            def create_run(self, experiment, tags, run_name):
                """Start one."""
                info = SimpleNamespace(run_id=f"r{len(server.runs)}", status="RUNNING")
                made = SimpleNamespace(
                    info=info, tags=dict(tags), metrics={}, params={}, files={}, name=run_name
                )
                server.runs[info.run_id] = made
                return made

            def log_batch(self, name, metrics, params, tags):
                """Keep what is told."""
                run = server.runs[name]
                run.metrics |= {(one.key, one.step): one.value for one in metrics}
                run.params |= {one.key: one.value for one in params}
                run.tags |= {one.key: one.value for one in tags}

            def log_artifacts(self, name, folder):
                """Keep files."""
                root = Path(folder)
                server.runs[name].files |= {
                    path.relative_to(root).as_posix(): path.read_bytes()
                    for path in root.rglob("*")
                    if path.is_file()
                }

            def set_terminated(self, name, status):
                """Finish."""
                server.runs[name].info.status = status

        mlflow = ModuleType("mlflow")
        mlflow.MlflowClient = MlflowClient
        exceptions = ModuleType("mlflow.exceptions")
        exceptions.MlflowException = MlflowException
        entities = ModuleType("mlflow.entities")
        entities.Metric = lambda key, value, timestamp, step: SimpleNamespace(key=key, value=value, step=step)
        entities.Param = lambda key, value: SimpleNamespace(key=key, value=value)
        entities.RunTag = lambda key, value: SimpleNamespace(key=key, value=value)
        return {"mlflow": mlflow, "mlflow.exceptions": exceptions, "mlflow.entities": entities}
