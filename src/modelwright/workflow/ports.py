"""What the workflow needs from the outside world; wiring fills it in."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from modelwright.authority.actor import Actor, ActorKind
from modelwright.authority.envelope import Envelope
from modelwright.authority.identity import Identity, Signer
from modelwright.kernel.clock import Clock
from modelwright.ledger.anchor import AnchorPlace
from modelwright.ledger.artifacts import ArtifactStore
from modelwright.ledger.entry import Ledger
from modelwright.workflow.project import Project

if TYPE_CHECKING:  # records of heavy rooms: named here, loaded only by the phase that uses them
    from modelwright.data.seal import Sealer
    from modelwright.data.source_port import SourceConnector
    from modelwright.evaluation.scorer import Scorer
    from modelwright.features.store import FeatureStore
    from modelwright.training.run import Environment
    from modelwright.training.tracker import Tracker
    from modelwright.workflow.notice import Notifier

__all__ = ["Keys", "Ports", "Progress", "SilentProgress"]


class Keys(Protocol):
    """The private keys of the person at work; what opens them is asked of that person alone.

    Examples:
        >>> def names(keys: Keys) -> list[str]:
        ...     return [identity.name for identity in keys.identities()]
    """

    def identities(self) -> tuple[Identity, ...]:
        """Return the public parts of the keys there are; nobody is asked anything."""
        ...

    def card(self, identity: Identity) -> Envelope:
        """Return the public part of an identity on this machine, signed by itself."""
        ...

    def create(
        self, name: str, *, at: datetime, kind: ActorKind = ActorKind.PERSON, roles: tuple[str, ...] = ()
    ) -> Signer:
        """Make an identity, and ask for its passphrase.

        Raises:
            ApprovalRefused: When there is nobody to ask, or no passphrase was set.
            UserFault: When the name cannot be one, or is taken.
        """
        ...

    def unlock(self, identity: Identity, *, purpose: str) -> Signer:
        """Ask for the passphrase and return the signer.

        Raises:
            ApprovalRefused: When there is nobody to ask, or the passphrase is wrong.
        """
        ...


class Progress(Protocol):
    """Where long work says how far it is.

    Examples:
        >>> def work(progress: Progress) -> None:
        ...     progress.step("folding", 1, 5)
        >>> work(SilentProgress())
    """

    def step(self, text: str, done: int, total: int) -> None:
        """Say that `done` of `total` parts of `text` are finished."""
        ...

    def say(self, text: str) -> None:
        """Say one line."""
        ...


class SilentProgress:
    """Says nothing.

    Examples:
        >>> SilentProgress().say("quiet")
    """

    def step(self, text: str, done: int, total: int) -> None:
        """Do nothing."""

    def say(self, text: str) -> None:
        """Do nothing."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Everything from outside, handed in once.

    Examples:
        >>> "ledger" in Ports.__slots__
        True
    """

    project: Project
    """Where things lie."""
    ledger: Ledger
    """What was decided."""
    store: ArtifactStore
    """Evidence by digest."""
    clock: Clock
    """The time."""
    actor: Actor
    """Who is at work."""
    named: bool
    """Whether the actor was named on purpose, and is not just the account of the operating system."""
    keys: Keys
    """The keys of whoever is at work."""
    lock: Callable[[], AbstractContextManager[None]]
    """The project's writer lock; taking it while another process holds it raises ProjectBusy."""
    rollout_lock: Callable[[], AbstractContextManager[None]]
    """The lock of whoever moves traffic; apart from the writer's, so that a run never bars the brake."""
    seal: Callable[[], "Sealer"]
    """The seal for holdout labels, by a key outside the project."""
    connector: Callable[[], "SourceConnector"]
    """What fetches sources that are no files of this machine: databases, object stores, lakes."""
    feature_store: Callable[[], "FeatureStore"]
    """Where online features lie: a file of the project, or Redis."""
    ledger_key: Callable[[], Signer]
    """The project's own key, by which the ledger's head is signed; it lies outside the project."""
    anchors: Callable[[Path | None], AnchorPlace]
    """Where signed heads are kept: a file, or the notes of the repository when none is named."""
    scorer: Callable[[], "Scorer"]
    """The process that alone may open the seal."""
    environment: Callable[[], "Environment"]
    """What is installed, and which commit this is."""
    tracker: "Callable[[], Tracker | None]"
    """The mirror for runs, when the contract asks for one."""
    server_program: tuple[str, ...]
    """The command that runs a server; a settings file is its last argument."""
    token: str
    """The token for endpoints that change state; empty when none is set."""
    threads: int
    """Threads a training may use."""
    variables: Mapping[str, str]
    """The environment to start child processes with."""
    notifiers: "Callable[[], tuple[Notifier, ...]]"
    """Who carries notices to people; none where nothing is set."""
    progress: Progress
    """Where long work says how far it is."""
