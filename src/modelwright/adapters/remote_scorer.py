"""A scorer on another machine: the same port as the scoring process, over HTTPS, with a token."""

import http.client
import ssl
import urllib.parse
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from modelwright.adapters.scorer_protocol import (
    ARTIFACTS,
    KEY,
    PROTOCOL,
    QUESTIONS,
    VERSION_HEADER,
    PublicKey,
    check_token,
    is_loopback,
    words,
)
from modelwright.adapters.scorer_wire import pack_book_question, pack_question, unpack_book, unpack_reply
from modelwright.data.seal import Seal
from modelwright.data.sealed_box import PublicSeal
from modelwright.evaluation.report import EvaluationReport
from modelwright.evaluation.scorer import BookedLook, ScoreRequest
from modelwright.kernel.errors import ServiceFailed, UserFault
from modelwright.ledger.artifacts import ArtifactStore
from modelwright.ledger.codec import decode

__all__ = ["RemoteScorer"]

CONNECT_SECONDS = 10.0
"""How long a connection may take."""

ANSWER_SECONDS = 300.0
"""How long one answer may take."""

LONGEST_REPLY = 64 << 20
"""Bytes of a reply that are read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteScorer:
    """Asks a scorer elsewhere; labels go there sealed with its public key, and only it can open them.

    Examples:
        >>> RemoteScorer(
        ...     url="https://scorer.example:8443", token="0123456789abcdef", artifacts=Path("artifacts")
        ... ).host
        'scorer.example'
    """

    url: str
    """Where it listens: https, or http on this machine."""
    token: str = field(repr=False)
    """What it asks for."""
    artifacts: Path
    """The project's artifact store."""
    ca_file: Path | None = None
    """Certificates to trust; the machine's own authorities when not given."""
    timeout: float = ANSWER_SECONDS
    """Seconds until an answer is given up."""

    def __post_init__(self) -> None:
        """Check address and token.

        Raises:
            UserFault: When the address is no https one, or the token cannot be used.
        """
        parts = urllib.parse.urlsplit(self.url)
        plain = parts.scheme == "http" and is_loopback(parts.hostname or "")
        if parts.hostname is None or not (parts.scheme == "https" or plain):
            raise UserFault(
                "MODELWRIGHT_SCORER names no scorer",
                why="over plain HTTP the token could be read on the way",
                next_step="write https://HOST:PORT; http is for this machine alone",
                found=self.url,
            )
        check_token(self.token)

    @property
    def host(self) -> str:
        """The machine it is on."""
        return urllib.parse.urlsplit(self.url).hostname or ""

    def seal(self, project: Seal) -> PublicSeal:
        """Return the seal that only this scorer can open.

        Args:
            project: A seal of this project alone, from which one-time keys are derived.

        Raises:
            ServiceFailed: When the scorer does not answer as it must.
        """
        with self._connected() as connection:
            told = decode(self._ask(connection, "GET", KEY), PublicKey)
        return PublicSeal(bytes.fromhex(told.public_key), project=project)

    def score(self, request: ScoreRequest) -> EvaluationReport:
        """Return the report of one model on the sealed test part.

        Raises:
            DataInvalid: When row ids or scores do not fit the test part.
            LooksExhausted: When the contract's looks are used up.
            IntegrityBroken: When snapshot, labels or key are not what they must be.
            ServiceFailed: When the scorer does not answer as it must.
        """
        question = pack_question(request)
        store = ArtifactStore(self.artifacts)
        with self._connected() as connection:
            for digest in (request.snapshot.parts["test"], request.snapshot.sealed_labels):
                if self._ask(connection, "HEAD", ARTIFACTS + digest, missing=b"missing") == b"missing":
                    self._ask(connection, "PUT", ARTIFACTS + digest, body=store.get(digest))
            return unpack_reply(self._ask(connection, "POST", QUESTIONS, body=question))

    def booked(self, seal_id: str) -> tuple[BookedLook, ...]:
        """Return the scorer's own book of looks at labels under one seal, oldest first.

        Raises:
            IntegrityBroken: When the book was changed.
            ServiceFailed: When the scorer does not answer as it must.
        """
        with self._connected() as connection:
            return unpack_book(self._ask(connection, "POST", QUESTIONS, body=pack_book_question(seal_id)))

    @contextmanager
    def _connected(self) -> Iterator[http.client.HTTPConnection]:
        parts = urllib.parse.urlsplit(self.url)
        connection: http.client.HTTPConnection
        if parts.scheme == "http":
            connection = http.client.HTTPConnection(self.host, parts.port, timeout=CONNECT_SECONDS)
        else:
            context = self._context()
            connection = http.client.HTTPSConnection(
                self.host, parts.port, timeout=CONNECT_SECONDS, context=context
            )
        try:
            connection.connect()
            if connection.sock is not None:
                connection.sock.settimeout(self.timeout)
            yield connection
        except ssl.SSLCertVerificationError as error:
            raise self._failed(
                f"its certificate is not trusted: {error.verify_message}",
                cure="name the certificate of its authority in MODELWRIGHT_SCORER_CA",
            ) from error
        except TimeoutError as error:
            raise self._failed(f"it did not answer within {self.timeout:g} seconds") from error
        except (OSError, http.client.HTTPException) as error:
            told = (error.strerror if isinstance(error, OSError) else "") or type(error).__name__
            raise self._failed(f"it cannot be reached: {told}") from error
        finally:
            connection.close()

    def _context(self) -> ssl.SSLContext:
        try:
            return ssl.create_default_context(cafile=None if self.ca_file is None else str(self.ca_file))
        except (OSError, ssl.SSLError) as error:
            raise UserFault(
                "MODELWRIGHT_SCORER_CA names no certificates",
                why="without them the scorer could be anyone",
                next_step="name a PEM file",
                found=str(self.ca_file),
            ) from error

    def _ask(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        *,
        body: bytes | None = None,
        missing: bytes | None = None,
    ) -> bytes:
        headers = {"Authorization": f"Bearer {self.token.strip()}", VERSION_HEADER: PROTOCOL}
        connection.request(method, path, body=body, headers=headers)
        response = connection.getresponse()
        data = response.read(LONGEST_REPLY)
        version = response.getheader(VERSION_HEADER)
        if version is None:
            raise self._failed("what answers there is no Modelwright scorer")
        if version != PROTOCOL or response.status == 426:
            raise self._failed(
                f"it talks version {version}, this client version {PROTOCOL}",
                cure="install the same release of Modelwright on both sides",
            )
        if response.status == 404 and missing is not None:
            return missing
        if response.status >= 300:
            cure = "put the scorer's token into MODELWRIGHT_SCORER_TOKEN" if response.status == 401 else ""
            raise self._failed(words(response.status), cure=cure)
        return data

    def _failed(self, what: str, *, cure: str = "") -> ServiceFailed:
        return ServiceFailed(
            f"the scorer at {self.url} cannot be asked: {what}",
            why="without a report nothing can be judged",
            next_step=cure or "see that it runs, and run the phase again; the same question is one look",
        )
