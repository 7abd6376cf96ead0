"""The key a project signs its ledger's head with: one private file outside the project, made once.

It belongs to the service, not to a person: no passphrase opens it, so it says "this machine saw this head",
and never "somebody decided". What people decide is signed with their own keys.
"""

import contextlib
import os
import re
import stat
import tempfile
from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from modelwright.authority.actor import ActorKind
from modelwright.authority.envelope import Envelope, EnvelopeSignature
from modelwright.authority.identity import Identity, public_key_of
from modelwright.kernel.clock import Clock
from modelwright.kernel.digest import canonical_json, short
from modelwright.kernel.errors import IntegrityBroken, StorageFailed, UserFault
from modelwright.ledger.codec import decode

if TYPE_CHECKING:  # named in signatures; loaded by the first signature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

__all__ = ["LedgerKey"]

PROJECT = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,127}")
"""What a project's id may look like; it becomes a file name."""

KEY_BYTES = 32
"""The length of an Ed25519 private key, RFC 8032: any bytes will do."""

LONGEST = 4096
"""Bytes of a key file that are read; a key has far fewer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stored:
    """What the file holds."""

    private: bytes
    """The raw private key."""
    created: datetime
    """When it was made."""


class LedgerKey:
    """Signs in the name of a project's ledger; the key is made at the first signature.

    Args:
        home: The folder of keys, outside every project.
        project: The project's id.
        clock: Tells when a key is made.

    Examples:
        >>> import tempfile
        >>> from modelwright.kernel.clock import SteppingClock
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     key = LedgerKey(Path(folder), "p1", clock=SteppingClock())
        ...     key.sign("text/plain", b"head").signatures[0].keyid == key.identity.key_id
        True
    """

    def __init__(self, home: Path, project: str, *, clock: Clock) -> None:
        """Keep the place; make nothing yet.

        Raises:
            UserFault: When the id could leave the folder.
        """
        if not PROJECT.fullmatch(project):
            raise UserFault(
                f"'{project}' cannot be the id of a project",
                why="it names a file in the folder of keys, and must not lead out of it",
                next_step="use letters, digits, - and _",
            )
        self.path = home / f"{project}.ledger"
        self._name = f"ledger-{short(project)}"
        self._clock = clock
        self._loaded: tuple[Identity, Ed25519PrivateKey] | None = None

    @property
    def identity(self) -> Identity:
        """The public part.

        Raises:
            StorageFailed: When the key cannot be made or read.
            UserFault: When others may read it.
            IntegrityBroken: When the file is no key.
        """
        return self._load()[0]

    def sign(self, payload_type: str, payload: bytes) -> Envelope:
        """Return an envelope with one signature.

        Raises:
            StorageFailed: When the key cannot be made or read.
            UserFault: When others may read it.
            IntegrityBroken: When the file is no key.
        """
        identity, key = self._load()
        envelope = Envelope(payload_type=payload_type, payload=payload, signatures=())
        signature = EnvelopeSignature(keyid=identity.key_id, sig=key.sign(envelope.signed))
        return Envelope(payload_type=payload_type, payload=payload, signatures=(signature,))

    def _load(self) -> "tuple[Identity, Ed25519PrivateKey]":
        if self._loaded is None:
            # cryptography is loaded by the first signature, so that a start without one stays quick.
            from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

            stored = self._read()
            key = Ed25519PrivateKey.from_private_bytes(stored.private)
            identity = Identity(
                name=self._name,
                kind=ActorKind.SERVICE,
                roles=(),
                public_key=public_key_of(key.public_key().public_bytes_raw()),
                created=stored.created,
            )
            self._loaded = (identity, key)
        return self._loaded

    def _read(self) -> _Stored:
        """Read the key, making it the first time; two processes that ask at once get the same one."""
        try:
            if not self.path.exists():
                self._create()
            handle = os.open(self.path, os.O_RDONLY | os.O_NOFOLLOW)
            with os.fdopen(handle, "rb") as stream:
                mode = stat.S_IMODE(os.fstat(handle).st_mode)
                data = stream.read(LONGEST)
        except OSError as error:
            raise StorageFailed(
                f"the ledger's key {self.path.name} cannot be written or read: {error.strerror or error}",
                why="without it the ledger's head cannot be signed",
                next_step=f"make {self.path.parent} writable for you, or name another MODELWRIGHT_HOME",
            ) from error
        if mode & 0o077:
            raise UserFault(
                f"others may read the key of the ledger {self.path.name}",
                why="who can read it can sign another head in its name",
                next_step=f"chmod 600 '{self.path}'",
                found=f"{mode:04o}",
                expected="0600",
            )
        try:
            stored = decode(data, _Stored)
        except IntegrityBroken:
            stored = None
        if stored is None or len(stored.private) != KEY_BYTES:
            raise IntegrityBroken(
                f"the key of the ledger {self.path.name} is damaged",
                why="what it signed before can still be checked; it cannot sign any more",
                next_step="restore it from a backup, or remove it: then a new key is made",
            )
        return stored

    def _create(self) -> None:
        folder = self.path.parent
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        made = _Stored(private=os.urandom(KEY_BYTES), created=self._clock.now())
        text = canonical_json({"private": b64encode(made.private).decode(), "created": made.created})
        # mkstemp makes the file for its owner alone. What a kill leaves of it was never anybody's key.
        handle, name = tempfile.mkstemp(prefix=f".{self.path.name}.", suffix=".part", dir=folder)
        temporary = Path(name)
        try:
            with os.fdopen(handle, "wb") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            # Unlike a rename, a link fails when somebody else was faster, and their key stands.
            with contextlib.suppress(FileExistsError):
                os.link(temporary, self.path)
        finally:
            temporary.unlink(missing_ok=True)
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)
