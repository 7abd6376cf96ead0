"""Wiring: the only module that names adapters. It builds the service for a project out of settings."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from modelwright.adapters.key_ring import Ask, KeyRing
from modelwright.adapters.ledger_place import open_ledger
from modelwright.adapters.project_lock import ProjectLock
from modelwright.adapters.system_clock import SystemClock
from modelwright.authority.actor import Actor
from modelwright.kernel.errors import UserFault
from modelwright.ledger.artifacts import ArtifactStore
from modelwright.ledger.entry import Ledger
from modelwright.settings import Settings, settings_here
from modelwright.workflow.feature_desk import feature_prefix
from modelwright.workflow.ports import Keys, Ports, Progress, SilentProgress
from modelwright.workflow.project import Project
from modelwright.workflow.service import Service

if TYPE_CHECKING:  # named in signatures; loaded by the adapters that return them
    from modelwright.adapters.remote_scorer import RemoteScorer
    from modelwright.authority.identity import Signer
    from modelwright.data.seal import Sealer
    from modelwright.data.source_port import SourceConnector
    from modelwright.evaluation.scorer import Scorer
    from modelwright.features.store import FeatureStore
    from modelwright.ledger.anchor import AnchorPlace
    from modelwright.training.run import Environment
    from modelwright.training.tracker import Tracker
    from modelwright.workflow.notice import Notifier

__all__ = ["build_service", "open_project", "serve_scorer"]


def build_service(
    root: Path,
    settings: Settings,
    *,
    progress: Progress | None = None,
    actor: Actor | None = None,
    ask: Ask | None = None,
    keys: Keys | None = None,
) -> Service:
    """Build the one door to a project.

    Args:
        root: The project's folder.
        settings: What the surroundings say.
        progress: Where long work says how far it is; silent when not given.
        actor: Who acts; the settings' actor when not given.
        ask: Asks the person at the terminal for a passphrase; without it no key can be unlocked.
        keys: The keys of whoever acts; those in the settings' folder when not given.

    Examples:
        >>> from modelwright.settings import read_settings
        >>> service = build_service(Path("nowhere"), read_settings({"HOME": "/nowhere"}))
        >>> service.ports.project.contract_file.as_posix()
        'nowhere/contract.yaml'
    """
    project = Project(root=root)
    clock = SystemClock()
    ledger = open_ledger(settings.ledger, file=project.ledger_file, note=project.ledger_note, clock=clock)

    def seal() -> "Sealer":
        from modelwright.adapters.seal_keys import SealKeys

        own = SealKeys(settings.home).seal_for(_project_id(ledger))
        return _remote_scorer(settings, project).seal(own) if settings.scorer else own

    def connector() -> "SourceConnector":
        from modelwright.adapters.source_connections import SourceConnections

        return SourceConnections(root, variables=settings.variables)

    @contextmanager
    def rollout_lock() -> Iterator[None]:
        with ProjectLock(project.store / "rollout.lock", purpose="rollout"):
            yield

    @contextmanager
    def lock() -> Iterator[None]:
        with ProjectLock(project.store / "lock", purpose="run"):
            yield

    def ledger_key() -> "Signer":
        from modelwright.adapters.ledger_key import LedgerKey

        return LedgerKey(settings.home, _project_id(ledger), clock=clock)

    ports = Ports(
        project=project,
        ledger=ledger,
        store=ArtifactStore(project.artifacts),
        clock=clock,
        actor=actor or settings.actor,
        named=actor is not None or settings.named,
        keys=keys or KeyRing(settings.home / "identities", ask=ask),
        lock=lock,
        rollout_lock=rollout_lock,
        seal=seal,
        connector=connector,
        feature_store=lambda: _feature_store(settings, project, ledger),
        ledger_key=ledger_key,
        anchors=lambda file: _anchor_place(root, file),
        scorer=lambda: _scorer(settings, project),
        environment=lambda: _environment(root),
        tracker=lambda: _tracker(settings),
        server_program=(sys.executable, "-P", "-m", "modelwright.adapters.model_server"),
        token=settings.token,
        threads=settings.threads,
        variables=settings.variables,
        notifiers=lambda: _notifiers(settings),
        progress=progress or SilentProgress(),
    )
    return Service(ports)


def _remote_scorer(settings: Settings, project: Project) -> "RemoteScorer":
    from modelwright.adapters.remote_scorer import RemoteScorer

    return RemoteScorer(
        url=settings.scorer,
        token=settings.scorer_token,
        artifacts=project.artifacts,
        ca_file=Path(settings.scorer_ca) if settings.scorer_ca else None,
    )


def serve_scorer(
    home: Path,
    *,
    token: str,
    host: str = "127.0.0.1",
    port: int = 8443,
    certificate: Path | None = None,
    private_key: Path | None = None,
    listening: Callable[[str, str], None],
) -> None:
    """Serve sealed scoring to other machines until asked to stop.

    Args:
        home: The scorer's own folder: key, book of looks, artifacts.
        token: What clients must send.
        host: Address to listen on; any but this machine's own needs a certificate.
        port: Port to listen on; 0 takes a free one.
        certificate: Certificate chain, PEM.
        private_key: The certificate's key, PEM.
        listening: Called with the address and the public name of the scorer's key.

    Raises:
        UserFault: When token, certificate or address do not do.

    Examples:
        >>> serve_scorer.__name__
        'serve_scorer'
    """
    from modelwright.adapters.scorer_service import ScorerPlan, run_scorer

    plan = ScorerPlan(
        home=home,
        token=token,
        host=host,
        port=port,
        certificate=certificate,
        private_key=private_key,
    )
    run_scorer(plan, clock=SystemClock(), listening=listening)


def _scorer(settings: Settings, project: Project) -> "Scorer":
    if settings.scorer:
        return _remote_scorer(settings, project)
    from modelwright.adapters.sealed_scorer import SealedScorer

    return SealedScorer(home=settings.home, artifacts=project.artifacts, variables=settings.variables)


def _anchor_place(root: Path, file: Path | None) -> "AnchorPlace":
    from modelwright.adapters.anchor_file import AnchorFile
    from modelwright.adapters.git_notes import GitNotes

    return GitNotes(root) if file is None else AnchorFile(file)


def _feature_store(settings: Settings, project: Project, ledger: Ledger) -> "FeatureStore":
    from modelwright.adapters.feature_store_place import open_feature_store

    prefix = feature_prefix(ledger)
    return open_feature_store(settings.feature_store, file=project.features, prefix=prefix)


def _environment(root: Path) -> "Environment":
    from modelwright.adapters.environment import capture

    return capture(root)


def _tracker(settings: Settings) -> "Tracker | None":
    from modelwright.adapters.mlflow_tracker import MlflowTracker

    return MlflowTracker(settings.tracking_uri)


def _notifiers(settings: Settings) -> "tuple[Notifier, ...]":
    from modelwright.adapters.carriers import carriers_of

    return carriers_of(settings.notices) if settings.notices else ()


def _project_id(ledger: Ledger) -> str:
    """Name a project by its first entry: the name holds however often the folder is moved or renamed."""
    first = next(iter(ledger.entries()), None)
    if first is None:
        raise UserFault(
            "this project has no ledger",
            why="the key that seals test labels is kept under the name of the ledger's first entry",
            next_step="modelwright run writes one",
        )
    return first.digest.removeprefix("sha256:")


def open_project(root: Path | str, *, progress: Progress | None = None, ask: Ask | None = None) -> Service:
    """Open a project folder for work in Python; settings come from the environment, as for the command line.

    Args:
        root: The project's folder; it need not hold a contract yet.
        progress: Where long work says how far it is; silent when not given.
        ask: Asks the person at the terminal for a passphrase; without it no key can be unlocked.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     open_project(folder).entries()
        ()
    """
    return build_service(Path(root), settings_here(), progress=progress, ask=ask)
