"""Routing: which version answers whom. A small file, replaced whole, read again when it changes."""

from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Literal

from modelwright.kernel.errors import Fault, IntegrityBroken, UserFault
from modelwright.ledger.artifacts import write_atomically
from modelwright.ledger.codec import decode, encode

__all__ = ["Arm", "Routing", "arm_of", "read_routing", "write_routing"]

Arm = Literal["champion", "challenger", "forced"]
"""Who answered: the champion, the challenger, or a version a tester forced by header."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Routing:
    """Which version answers which share of the traffic.

    Examples:
        >>> routing = Routing(champion="v1", challenger="v2", share=0.1, step=1)
        >>> sum(arm_of(routing, f"client {i}") == "challenger" for i in range(1000)) in range(60, 140)
        True
    """

    champion: str
    """The version that answers by default."""
    challenger: str | None = None
    """The version on trial; None when there is none."""
    share: float = 0.0
    """Share of the traffic the challenger answers, 0 to 1."""
    step: int = 0
    """The rollout's step, from 1; 0 when there is no rollout."""
    drill: bool = False
    """Whether a bundle packed as a drill may answer; gates are never waived for other bundles."""
    salt: str = ""
    """Names the rollout, so that the same clients are not always the first to try something new."""


def _check(routing: Routing) -> None:
    faults: list[Fault] = []
    if not 0.0 <= routing.share <= 1.0:
        faults.append(Fault("share", f"{routing.share} is not between 0 and 1"))
    if routing.challenger is None and routing.share > 0:
        faults.append(Fault("share", f"{routing.share} of the traffic for a challenger that is not named"))
    if routing.challenger is not None and routing.challenger == routing.champion:
        faults.append(Fault("challenger", f"{routing.challenger} is the champion"))
    if not routing.champion:
        faults.append(Fault("champion", "no version is named"))
    if faults:
        raise UserFault(
            "this routing cannot be followed",
            why="every request must have one version that answers it",
            next_step="correct the fields named",
            faults=faults,
        )


def arm_of(routing: Routing, key: str) -> Literal["champion", "challenger"]:
    """Return who answers a key: always the same one, and once with the challenger, at larger shares too.

    Args:
        routing: The routing.
        key: The entity's hash, or the request id where there is no entity.

    Examples:
        >>> arm_of(Routing(champion="v1"), "anyone")
        'champion'
        >>> arm_of(Routing(champion="v1", challenger="v2", share=1.0), "anyone")
        'challenger'
    """
    if routing.challenger is None or routing.share <= 0.0:
        return "champion"
    place = int.from_bytes(blake2b(f"{routing.salt}\x00{key}".encode(), digest_size=8).digest(), "big")
    return "challenger" if place < routing.share * 2**64 else "champion"


def write_routing(path: Path, routing: Routing) -> None:
    """Replace the routing as a whole; a server follows within its polling interval.

    Raises:
        UserFault: When it cannot be followed; every fault is listed.
        StorageFailed: When the disk refuses; the old routing stays.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     write_routing(Path(folder, "routing.json"), Routing(champion="v1"))
        ...     read_routing(Path(folder, "routing.json")).champion
        'v1'
    """
    _check(routing)
    write_atomically(path, encode(routing))


def read_routing(path: Path) -> Routing:
    """Return the routing as it is now.

    Raises:
        IntegrityBroken: When the file is missing or is no routing.
        UserFault: When it cannot be followed.

    Examples:
        >>> read_routing.__name__
        'read_routing'
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise IntegrityBroken(
            f"the routing cannot be read: {path} ({error.strerror or error})",
            why="without it nobody knows which version answers",
            next_step="write it with `modelwright serve` or `modelwright rollout`",
        ) from error
    routing = decode(data, Routing)
    _check(routing)
    return routing
