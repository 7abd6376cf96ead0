"""The key ring: private keys of people on this machine, encrypted with a passphrase, outside every project.

A key is stored as encrypted PKCS #8 (RFC 5958) with PBES2 (RFC 8018): scrypt (RFC 7914, parameters encoded as
in section 7) derives the key, AES-256 in CBC mode encrypts. The library's own best choice would derive it
with 2,048 rounds of PBKDF2, which is soon guessed; so the file is written here, and read by the library.
"""

import contextlib
import hashlib
import os
import stat
import tempfile
from base64 import encodebytes
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from urllib.parse import quote

from modelwright.authority.actor import ActorKind, folded
from modelwright.authority.envelope import Envelope, EnvelopeSignature
from modelwright.authority.identity import Identity, Signer, public_key_of
from modelwright.authority.statement import CARD, read_card
from modelwright.kernel.digest import canonical_json, digest_of_bytes
from modelwright.kernel.errors import ApprovalRefused, IntegrityBroken, StorageFailed, UserFault

__all__ = ["Ask", "KeyRing"]

Ask = Callable[[str], str]
"""Asks the person at the terminal for a passphrase, which is not shown; the text says what for."""

LEAST = 8
"""Characters; a shorter passphrase is guessed in no time."""

TRIES = 3
"""How often a passphrase may be wrong."""

COST, BLOCK, PARALLEL = 1 << 15, 8, 1
"""scrypt's N, r and p: 32 MiB and about 0.08 s for each guess, and for each approval."""

LONGEST_NAME = 80
"""Characters of a name."""

PRIVATE = 0o600
"""Readable by its owner alone."""

PBES2 = bytes.fromhex("06092a864886f70d01050d")
SCRYPT = bytes.fromhex("06092b06010401da47040b")
AES_256_CBC = bytes.fromhex("060960864801650304012a")
ED25519 = bytes.fromhex("06032b6570")
SEQUENCE, INTEGER, OCTETS = 0x30, 0x02, 0x04


def _der(tag: int, *parts: bytes) -> bytes:
    """Encode one element in the Distinguished Encoding Rules (ITU-T X.690)."""
    content = b"".join(parts)
    length = len(content)
    if length < 0x80:
        return bytes([tag, length]) + content
    size = length.to_bytes((length.bit_length() + 7) // 8, "big")
    return bytes([tag, 0x80 | len(size)]) + size + content


def _number(value: int) -> bytes:
    return _der(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def _bytes(passphrase: str) -> bytes:
    """Return what was typed as bytes, also where it is no UTF-8."""
    return passphrase.encode("utf-8", errors="surrogateescape")


def _encrypted(secret: bytes, passphrase: str, *, cost: int) -> bytes:
    """Return a raw Ed25519 private key as encrypted PKCS #8 in PEM."""
    # cryptography is loaded here alone, so that a start which needs no key stays quick.
    from cryptography.hazmat.primitives.ciphers import Cipher
    from cryptography.hazmat.primitives.ciphers.algorithms import AES256
    from cryptography.hazmat.primitives.ciphers.modes import CBC

    inner = _der(SEQUENCE, _number(0), _der(SEQUENCE, ED25519), _der(OCTETS, _der(OCTETS, secret)))
    salt, vector = os.urandom(16), os.urandom(16)
    key = hashlib.scrypt(
        _bytes(passphrase), salt=salt, n=cost, r=BLOCK, p=PARALLEL, dklen=32, maxmem=256 * cost * BLOCK
    )
    filling = 16 - len(inner) % 16
    encryptor = Cipher(AES256(key), CBC(vector)).encryptor()
    sealed = encryptor.update(inner + bytes([filling]) * filling) + encryptor.finalize()
    derived = _der(
        SEQUENCE, _der(OCTETS, salt), _number(cost), _number(BLOCK), _number(PARALLEL), _number(32)
    )
    scheme = _der(
        SEQUENCE, _der(SEQUENCE, SCRYPT, derived), _der(SEQUENCE, AES_256_CBC, _der(OCTETS, vector))
    )
    whole = _der(SEQUENCE, _der(SEQUENCE, PBES2, scheme), _der(OCTETS, sealed))
    return b"-----BEGIN ENCRYPTED PRIVATE KEY-----\n%b-----END ENCRYPTED PRIVATE KEY-----\n" % encodebytes(
        whole
    )


class _KeySigner:
    """Signs with a private key that was unlocked."""

    def __init__(self, identity: Identity, sign: Callable[[bytes], bytes]) -> None:
        """Keep what signs."""
        self._identity = identity
        self._sign = sign

    @property
    def identity(self) -> Identity:
        """The public part."""
        return self._identity

    def sign(self, payload_type: str, payload: bytes) -> Envelope:
        """Return an envelope with one signature."""
        bare = Envelope(payload_type=payload_type, payload=payload, signatures=())
        signature = EnvelopeSignature(keyid=self._identity.key_id, sig=self._sign(bare.signed))
        return Envelope(payload_type=payload_type, payload=payload, signatures=(signature,))


class KeyRing:
    """The identities in one folder: `<name>.pem` holds the private key, `<name>.json` the signed public part.

    Args:
        folder: The folder of identities; it lies outside every project.
        ask: Asks for a passphrase; without it nothing can be made or unlocked.
        cost: What a guess at a passphrase costs, scrypt's N; less only in tests.

    Examples:
        >>> import tempfile
        >>> from datetime import UTC
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     ring = KeyRing(Path(folder), ask=lambda _: "correct horse", cost=1 << 4)
        ...     lead = ring.create("lead", at=datetime(2026, 1, 1, tzinfo=UTC))
        ...     ring.unlock(lead.identity, purpose="approve phase 1").identity.name
        'lead'
    """

    def __init__(self, folder: Path, *, ask: Ask | None = None, cost: int = COST) -> None:
        """Keep the folder's path; it is made with the first identity."""
        self.folder = folder
        self._ask = ask
        self._cost = cost

    def identities(self) -> tuple[Identity, ...]:
        """Return the public parts of all identities in the folder, by name; nobody is asked anything.

        Raises:
            IntegrityBroken: When a public part is not signed by its own key.
            StorageFailed: When the folder cannot be read.
        """
        if not self.folder.is_dir():
            return ()
        return tuple(self._identity(path) for path in sorted(self.folder.glob("*.json")))

    def card(self, identity: Identity) -> Envelope:
        """Return the public part of an identity in the folder, signed by itself.

        Args:
            identity: Whose.

        Raises:
            StorageFailed: When it cannot be read.
        """
        return self._card(self._path(identity.name))

    def create(
        self, name: str, *, at: datetime, kind: ActorKind = ActorKind.PERSON, roles: tuple[str, ...] = ()
    ) -> Signer:
        """Make an identity; its passphrase is asked for twice.

        Args:
            name: The name it is known by.
            at: The present moment.
            kind: Person, service or agent.
            roles: The roles it may act in.

        Raises:
            ApprovalRefused: When there is nobody to ask, or the passphrase is too short or typed differently.
            UserFault: When the name cannot be one, or reads like that of an identity there is.
            StorageFailed: When the folder cannot be written.
        """
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

        self._demand_name(name)
        passphrase = self._new_passphrase(name)
        key = Ed25519PrivateKey.generate()
        identity = Identity(
            name=name,
            kind=kind,
            roles=roles,
            public_key=public_key_of(key.public_key().public_bytes_raw()),
            created=at,
        )
        signer = _KeySigner(identity, key.sign)
        card = signer.sign(CARD, canonical_json(identity))
        path = self._path(name)
        self._write(
            path.with_suffix(".pem"), _encrypted(key.private_bytes_raw(), passphrase, cost=self._cost)
        )
        self._write(path, canonical_json(card.to_json()) + b"\n")
        return signer

    def unlock(self, identity: Identity, *, purpose: str) -> Signer:
        """Ask for the passphrase of an identity and return its signer.

        Args:
            identity: Whose key.
            purpose: What for, in the words of the question.

        Raises:
            ApprovalRefused: When there is nobody to ask, or the passphrase is wrong three times.
            UserFault: When others may read the key.
            IntegrityBroken: When the key file holds no key, or another one.
            StorageFailed: When the key cannot be read.
        """
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
        from cryptography.hazmat.primitives.serialization import load_pem_private_key

        path = self._private(identity.name)
        sealed = self._read_private(path)
        if b"ENCRYPTED PRIVATE KEY" not in sealed:
            raise _damaged(path)
        ask = self._asker()
        for left in range(TRIES, 0, -1):
            again = "" if left == TRIES else f"That was not it; tries left: {left}. "
            passphrase = ask(f"{again}Passphrase of {identity.name} to {purpose}: ")
            try:
                key = load_pem_private_key(sealed, _bytes(passphrase))
            except (ValueError, TypeError):  # an empty one is told apart by type, and is as wrong as any
                continue
            if not isinstance(key, Ed25519PrivateKey) or identity.public_key != public_key_of(
                key.public_key().public_bytes_raw()
            ):
                raise _damaged(path)
            return _KeySigner(identity, key.sign)
        raise ApprovalRefused(
            f"the passphrase of {identity.name} was wrong {TRIES} times",
            why="only who knows it can sign; nothing was written",
            next_step="try again; when it is lost, make a new identity and have the old one revoked",
        )

    def _asker(self) -> Ask:
        if self._ask is None:
            raise ApprovalRefused.without_terminal()
        return self._ask

    def _new_passphrase(self, name: str) -> str:
        ask = self._asker()
        for _ in range(TRIES):
            passphrase = ask(f"New passphrase for {name} (at least {LEAST} characters): ")
            if len(passphrase) < LEAST:
                continue
            if ask("The same again: ") == passphrase:
                return passphrase
        raise ApprovalRefused(
            f"no passphrase was set for {name}",
            why="a key without a good passphrase is anybody's key; nothing was written",
            expected=f"{LEAST} characters or more, typed the same way twice",
            next_step=f"modelwright identity create '{name}'",
        )

    def _demand_name(self, name: str) -> None:
        if not folded(name) or len(name) > LONGEST_NAME or ":" in name or not name.isprintable():
            raise UserFault(
                f"'{name}' cannot be the name of an identity",
                why="it names a person in every report, and a file",
                expected=f"1 to {LONGEST_NAME} characters that can be printed, without ':'",
                next_step="choose the name you are known by",
            )
        for other in self.identities():
            if folded(other.name) == folded(name):
                raise UserFault(
                    f"there is an identity '{other.name}' already, which reads like '{name}'",
                    why="one name is one key",
                    next_step="choose another name, or, when its key is lost, move its two files out of "
                    f"{self.folder}",
                )

    def _path(self, name: str) -> Path:
        spelled = quote(name, safe=" ")
        if len(spelled) > LONGEST_NAME:  # file systems end where scripts with long encodings begin
            spelled = f"{spelled[:LONGEST_NAME]}~{digest_of_bytes(name.encode())[7:19]}"
        return self.folder / f"{spelled}.json"

    def _private(self, name: str) -> Path:
        path = self._path(name)
        return path.with_name(f"{path.name.removesuffix('.json')}.pem")

    def _card(self, path: Path) -> Envelope:
        try:
            return Envelope.from_json(path.read_bytes())
        except OSError as error:
            raise _unreachable(self.folder, error) from error

    def _identity(self, path: Path) -> Identity:
        identity = read_card(self._card(path))
        if self._path(identity.name) != path:
            raise _damaged(path)
        return identity

    def _read_private(self, path: Path) -> bytes:
        try:
            handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
            with os.fdopen(handle, "rb") as stream:
                mode = stat.S_IMODE(os.fstat(stream.fileno()).st_mode)
                sealed = stream.read(1 << 16)
        except OSError as error:
            raise _unreachable(self.folder, error) from error
        if mode & 0o077:
            raise UserFault(
                f"others may read the private key {path.name}",
                why="who can read it can guess at its passphrase without end",
                next_step=f"chmod 600 '{path}'",
                found=f"{mode:04o}",
                expected=f"{PRIVATE:04o}",
            )
        return sealed

    def _write(self, path: Path, data: bytes) -> None:
        """Write a file whole, for its owner alone, and never over another one."""
        try:
            self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle, name = tempfile.mkstemp(prefix=".new.", suffix=".part", dir=self.folder)
            try:
                with os.fdopen(handle, "wb") as stream:
                    stream.write(data)
                    stream.flush()
                    os.fsync(stream.fileno())
                os.link(name, path)
            finally:
                with contextlib.suppress(OSError):
                    Path(name).unlink(missing_ok=True)
            folder = os.open(self.folder, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        except OSError as error:
            raise _unreachable(self.folder, error) from error


def _unreachable(folder: Path, error: OSError) -> StorageFailed:
    return StorageFailed(
        f"the identities cannot be read or written: {error.strerror or error}",
        why="without the private key nothing can be signed",
        next_step=f"make {folder} readable and writable for you, or set MODELWRIGHT_HOME",
    )


def _damaged(path: Path) -> IntegrityBroken:
    return IntegrityBroken(
        f"{path.name} does not hold the key of this identity",
        why="a signature with another key counts for nothing",
        next_step="restore it from a backup; without one, make a new identity and have the old one revoked",
    )
