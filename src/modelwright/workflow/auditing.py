"""Auditing: the ledger's head is signed, anchored outside and compared; a ledger is copied and taken over."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from modelwright.authority.envelope import Envelope
from modelwright.authority.identity import Identity
from modelwright.authority.statement import CARD, read_card
from modelwright.kernel.digest import canonical_json, short
from modelwright.kernel.document import Document, Facts
from modelwright.kernel.errors import IntegrityBroken, UserFault
from modelwright.kernel.outcome import Outcome, Status, overall
from modelwright.ledger.anchor import read_anchors
from modelwright.ledger.artifacts import write_atomically
from modelwright.ledger.audit import Audit, audit
from modelwright.ledger.chain import chained
from modelwright.ledger.checkpoint import CHECKPOINT_KIND, Checkpoint, checkpoint_in, checkpoint_of
from modelwright.ledger.entry import GENESIS, Link
from modelwright.ledger.export import export_lines, read_export
from modelwright.workflow.emptied import left_behind
from modelwright.workflow.ports import Ports

__all__ = [
    "Anchored",
    "anchor_head",
    "audit_ledger",
    "export_key",
    "export_ledger",
    "import_ledger",
    "read_keys",
    "sign_head",
]

LONGEST_CARD = 1 << 16
"""Bytes of a public key's card that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Anchored:
    """A head that was signed and put where the ledger's writer cannot reach it.

    Examples:
        >>> Anchored.__slots__
        ('checkpoint', 'places')
    """

    checkpoint: Checkpoint
    """What was signed."""
    places: tuple[str, ...]
    """Where it lies."""

    def document(self) -> Document:
        """Render it."""
        items = (
            ("Head", self.checkpoint.head),
            ("Entries", str(self.checkpoint.sequence)),
            ("Key", f"{self.checkpoint.by.name} {short(self.checkpoint.by.key_id)}"),
            *(("Anchored at", place) for place in self.places),
        )
        return Document(title="Anchor of the ledger", blocks=(Facts(items=items),))


def sign_head(ports: Ports) -> Envelope | None:
    """Sign where the head stands with the project's own key, and write that down; None for an empty ledger.

    Args:
        ports: The outside world.
    """
    if next(iter(ports.ledger.links()), None) is None:
        return None
    envelope = checkpoint_of(ports.ledger, ports.ledger_key(), at=ports.clock.now())
    ports.ledger.append(CHECKPOINT_KIND, {"envelope": envelope.to_json()}, actor=ports.actor)
    return envelope


def anchor_head(ports: Ports, *, to: Path | None = None, git: bool = False) -> Anchored:
    """Sign where the head stands and put it outside: on a line of a file, in a note on the commit, or both.

    Args:
        ports: The outside world.
        to: The file.
        git: Whether to note it on the present commit.

    Raises:
        UserFault: When no place is named, or there is no ledger yet.
    """
    if to is None and not git:
        raise UserFault(
            "no place was named for the anchor",
            why="a head that is kept beside the ledger is written anew with it",
            next_step="modelwright ledger anchor --to FILE, or --git",
        )
    envelope = sign_head(ports)
    if envelope is None:
        raise UserFault("there is no ledger to anchor yet", next_step="modelwright run writes one")
    line = canonical_json(envelope.to_json())
    wanted = ([to] if to is not None else []) + ([None] if git else [])
    places = tuple(ports.anchors(place).put(line) for place in wanted)
    return Anchored(checkpoint=checkpoint_in(envelope), places=places)


def audit_ledger(
    ports: Ports,
    *,
    keys: Path | None = None,
    anchors: Sequence[Path] = (),
    git: bool = False,
    copy: Path | None = None,
) -> Audit:
    """Check the ledger, or a copy of one: chain, people, signatures, and what was anchored elsewhere.

    Args:
        ports: The outside world.
        keys: A folder with the cards of the public keys that are trusted.
        anchors: Files with signed heads.
        git: Whether to compare with the notes of the repository.
        copy: An exported ledger to check in place of the project's.

    Raises:
        UserFault: When a file or folder that is named cannot be read.
    """
    trusted = read_keys(keys) if keys is not None else None
    lines: list[tuple[str, bytes]] = []
    missing: list[Outcome] = []
    for place in (*anchors, *((None,) if git else ())):
        found = list(ports.anchors(place).lines())
        lines += found
        if not found:
            missing.append(_nothing_at("the notes of the repository" if place is None else place.name))
    if copy is None and ports.ledger.head() == GENESIS and (left := left_behind(ports)):
        missing.append(_emptied(left))
    links = read_export(copy) if copy is not None else ports.ledger.links()
    told = audit(links, keys=trusted, anchors=read_anchors(lines))
    if not missing:
        return told
    checks = (*told.checks, *missing)
    return Audit(outcome=overall(checks, what="the ledger"), checks=checks)


def _emptied(left: Sequence[str]) -> Outcome:
    return Outcome(
        status=Status.FAILED,
        what="the ledger is the one that the project was made with",
        evidence=(f"it is empty, and the project holds {' and '.join(left)}",),
        next_step="restore .modelwright/ledger.db from a copy, or modelwright ledger import FILE",
    )


def _nothing_at(place: str) -> Outcome:
    return Outcome(
        status=Status.UNKNOWN,
        what=f"the ledger goes on from the anchors in {place}",
        evidence=("there are none",),
        next_step="fetch them from where they were put (git fetch origin refs/notes/modelwright:"
        "refs/notes/modelwright), or anchor the head now: modelwright ledger anchor",
    )


def read_keys(folder: Path) -> Mapping[str, Identity]:
    """Return the public keys on the cards in a folder, by key id.

    Args:
        folder: Files that `modelwright identity export` and `modelwright ledger key` wrote.

    Raises:
        UserFault: When it cannot be read, or holds no card.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     read_keys(Path(folder))
        Traceback (most recent call last):
        modelwright.kernel.errors.UserFault: there is no public key in ...
    """
    found: dict[str, Identity] = {}
    try:
        for path in sorted(folder.iterdir()):
            if path.suffix == ".json" and path.is_file():
                with path.open("rb") as stream:
                    identity = _card(path, stream.read(LONGEST_CARD))
                found[identity.key_id] = identity
    except OSError as error:
        raise UserFault(
            f"the keys in {folder} cannot be read: {error.strerror or error}",
            why="signatures are checked with them",
            next_step="name a folder with files of modelwright identity export and modelwright ledger key",
        ) from error
    if not found:
        raise UserFault(
            f"there is no public key in {folder}",
            why="with no key nothing would be trusted",
            next_step="put files of modelwright identity export and ledger key there, named *.json",
        )
    return found


def _card(path: Path, data: bytes) -> Identity:
    try:
        return read_card(Envelope.from_json(data))
    except IntegrityBroken as error:
        raise UserFault(
            f"{path.name} is no card of a public key: {error.what}",
            why="a key that is not shown by its holder may be anybody's",
            next_step="ask for it again: modelwright identity export NAME",
        ) from error


def export_key(ports: Ports, to: Path) -> Identity:
    """Write the card of the project's own key, by which others check signed heads, and return who is on it.

    Args:
        ports: The outside world.
        to: The file.
    """
    signer = ports.ledger_key()
    card = signer.sign(CARD, canonical_json(signer.identity))
    write_atomically(to, canonical_json(card.to_json()) + b"\n")
    return signer.identity


def export_ledger(ports: Ports, to: Path) -> int:
    """Write the whole ledger as JSON Lines and return how many entries there are.

    Args:
        ports: The outside world.
        to: The file; one that is there is never overwritten.

    Raises:
        UserFault: When there is such a file already.
        IntegrityBroken: When the chain is broken.
    """
    if to.exists() or to.is_symlink():
        raise UserFault(
            f"there is a file {to.name} already",
            why="an export may be the only copy of another ledger",
            next_step="name a new file",
        )
    lines = list(export_lines(ports.ledger))
    write_atomically(to, b"".join(lines))
    return len(lines) - 1


def import_ledger(ports: Ports, source: Path) -> int:
    """Fill the project's empty ledger with an exported one, whole or not at all, and write down that it was.

    Args:
        ports: The outside world.
        source: The file.

    Raises:
        UserFault: When the project has a ledger, or the file is no export.
        IntegrityBroken: When its chain is broken, or a signature in it does not fit.
    """
    with ports.lock():
        told = audit(read_export(source))
        if told.outcome.status is Status.FAILED:
            raise IntegrityBroken(
                f"{source.name} is refused: {'; '.join(_flaws(told))}",
                why="what does not hold where it comes from does not hold here",
                next_step="export it again from where it came from, and check it there: "
                "modelwright ledger verify",
            )
        return ports.ledger.adopt(_and_told(read_export(source), ports)) - 1


def _and_told(links: Iterable[Link], ports: Ports) -> Iterator[Link]:
    """Yield a chain and, in the same breath, the entry that says it was imported: there is no half of it."""
    last: Link | None = None
    for link in links:
        yield link
        last = link
    body = {"entries": last.sequence if last else 0}
    yield chained(last, "ledger.imported", body, at=ports.clock.now(), actor=ports.actor, artifacts={})


def _flaws(told: Audit) -> Iterator[str]:
    for check in told.checks:
        if check.status is Status.FAILED:
            yield from check.evidence[:3]
