"""Ways of answering: the bundle in a clean process, and the started server, each asked the same rows."""

import http.client
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from urllib.parse import urlsplit

import msgspec
import numpy as np

from modelwright.features.transform import Matrix
from modelwright.kernel.errors import ServiceFailed
from modelwright.ledger.codec import decode
from modelwright.registry.clean_process import CleanAnswers

__all__ = ["AnswerPath", "Answers", "CleanProcess", "Row", "ServerPath"]

Row = Mapping[str, object]
"""One row as JSON gives it."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Answers:
    """What one way of answering said.

    Examples:
        >>> Answers(scores=np.array([[0.9, 0.1]]), decisions=("no",)).decisions
        ('no',)
    """

    scores: Matrix
    """Scores of each row, as the model gives them."""
    decisions: tuple[str | float | None, ...]
    """The decision on each row."""


class AnswerPath(Protocol):
    """A way of answering rows with a bundle.

    Promises of every member: rows are answered in order, and nothing but the bundle decides the answers.

    Examples:
        >>> def count(path: AnswerPath, rows: Sequence[Row]) -> int:
        ...     return sum(len(answers.decisions) for answers in path.answer(rows).values())
    """

    def answer(self, rows: Sequence[Row]) -> Mapping[str, Answers]:
        """Return the answers by each variant of this way, such as rows together and rows one by one.

        Raises:
            ServiceFailed: When no answer comes.
        """
        ...


class CleanProcess:
    """Answers with the bundle loaded in a process that holds nothing else.

    Args:
        bundle: The bundle's file.
        digest: Its digest, demanded again by the process.
        seconds: How long the process may take.

    Examples:
        >>> CleanProcess(Path("v1.mwb"), digest="sha256:0").seconds
        120.0
    """

    def __init__(self, bundle: Path, *, digest: str, seconds: float = 120.0) -> None:
        """Keep what the process is started with."""
        self.bundle = bundle
        self.digest = digest
        self.seconds = seconds

    def answer(self, rows: Sequence[Row]) -> Mapping[str, Answers]:
        """Return the answers by columns, by reversed columns, one by one and in halves."""
        command = [
            sys.executable,
            "-P",
            "-m",
            "modelwright.registry.clean_process",
            str(self.bundle),
            self.digest,
        ]
        try:
            ran = subprocess.run(
                command,
                input=msgspec.json.encode(rows),
                capture_output=True,
                check=False,
                timeout=self.seconds,
            )
        except subprocess.TimeoutExpired as error:
            raise ServiceFailed(
                f"the clean process gave no answer in {self.seconds:g} s",
                why="a bundle that cannot be loaded elsewhere cannot be served elsewhere",
                next_step="run it again on a machine that is less busy",
            ) from error
        if ran.returncode:
            raise ServiceFailed(
                f"the clean process ended: {ran.stderr.decode(errors='replace')[-250:]}",
                why="a bundle that cannot be loaded elsewhere cannot be served elsewhere",
                next_step="put right what the process says",
            )
        told = decode(ran.stdout, CleanAnswers)
        if told.loaded:
            raise ServiceFailed(
                f"answering loaded {', '.join(told.loaded)}",
                why="a bundle must answer on a machine without the training stack",
                next_step="this is a defect of the model format; please report it",
            )
        return {
            way: Answers(
                scores=np.array(told.scores[way], dtype=np.float64), decisions=tuple(told.answers[way])
            )
            for way in told.scores
        }


class _Prediction(msgspec.Struct):
    prediction: str | float | None
    fallback: bool
    probabilities: dict[str, float] | None = None
    value: float | None = None

    def scores(self) -> list[float]:
        return list(self.probabilities.values()) if self.probabilities is not None else [self.value or 0.0]


class _Envelope(msgspec.Struct):
    predictions: list[_Prediction]
    version: str


class ServerPath:
    """Asks a started server over HTTP, one row at a time or all together, keys in either order.

    Args:
        url: Where the server listens, such as `http://127.0.0.1:8000`.
        version: The version it must answer with.
        together: All rows in requests of 100, or one row a request.

    Examples:
        >>> ServerPath("http://127.0.0.1:8000", version="v1", together=True).version
        'v1'
    """

    def __init__(self, url: str, *, version: str, together: bool) -> None:
        """Keep where and how to ask."""
        self.url = urlsplit(url)
        self.version = version
        self.together = together

    def _ask(self, connection: http.client.HTTPConnection, rows: Sequence[Row]) -> list[_Prediction]:
        headers = {"Content-Type": "application/json", "X-Model-Version": self.version}
        try:
            connection.request("POST", "/v1/predict", msgspec.json.encode({"rows": rows}), headers)
            response = connection.getresponse()
            body = response.read()
        except (OSError, http.client.HTTPException) as error:
            raise ServiceFailed(
                f"the server at {self.url.geturl()} did not answer: {error}",
                why="a server that was not asked is not proven",
                next_step="start it and certify again",
            ) from error
        if response.status != http.client.OK:
            raise ServiceFailed(
                f"the server answered {response.status}: {body[:250].decode(errors='replace')}",
                why="every row of the certificate is one the contract allows",
                next_step="put right what the server says",
            )
        envelope = decode(body, _Envelope)
        fallbacks = sum(prediction.fallback for prediction in envelope.predictions)
        if fallbacks or envelope.version != self.version or len(envelope.predictions) != len(rows):
            raise ServiceFailed(
                f"the server answered as {envelope.version}, {fallbacks} of {len(rows)} rows by fallback",
                why="only answers of the model itself can be compared",
                next_step="start the server with this version and a longer deadline",
            )
        return envelope.predictions

    def answer(self, rows: Sequence[Row]) -> Mapping[str, Answers]:
        """Return the answers with keys in order and with keys reversed."""
        size = 100 if self.together else 1
        made: dict[str, Answers] = {}
        connection = http.client.HTTPConnection(self.url.hostname or "", self.url.port, timeout=30)
        try:
            for way in ("keys in order", "keys reversed"):
                sent = rows if way == "keys in order" else [dict(reversed(list(row.items()))) for row in rows]
                told = [
                    prediction
                    for start in range(0, len(sent), size)
                    for prediction in self._ask(connection, sent[start : start + size])
                ]
                made[way] = Answers(
                    scores=np.array([prediction.scores() for prediction in told], dtype=np.float64),
                    decisions=tuple(prediction.prediction for prediction in told),
                )
        finally:
            connection.close()
        return made
