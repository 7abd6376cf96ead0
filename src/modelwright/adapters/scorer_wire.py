"""What goes between a project and its scoring process: one question in, one reply out, both bounded."""

import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.contracts.contract import Contract
from modelwright.data.snapshot import ROW_ID, Snapshot
from modelwright.evaluation.report import EvaluationReport
from modelwright.evaluation.scorer import BookedLook, LooksExhausted, ScoreRequest
from modelwright.kernel.errors import (
    DataInvalid,
    Fault,
    IntegrityBroken,
    ModelwrightError,
    ServiceFailed,
    StorageFailed,
    UnknownName,
    UserFault,
)
from modelwright.ledger.codec import decode, encode
from modelwright.training.pipeline import DecisionRule

__all__ = [
    "Reply",
    "is_book_question",
    "pack_book",
    "pack_book_question",
    "pack_question",
    "pack_refusal",
    "pack_report",
    "unpack_book",
    "unpack_book_question",
    "unpack_question",
    "unpack_reply",
]

Matrix = npt.NDArray[np.float64]

BOOK_QUESTION = b"MWBOOK1\n"
"""What a question about the book of looks begins with; read as a length, it would be beyond any header."""

LENGTH_BYTES = 8
"""The question begins with the length of its header, so that header and table need no separator."""

CARRIED: Mapping[str, type[ModelwrightError]] = {
    kind.__name__: kind
    for kind in (DataInvalid, IntegrityBroken, LooksExhausted, StorageFailed, UnknownName, UserFault)
}
"""Refusals that reach the caller as what they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Header:
    """A question without its scores."""

    snapshot: Snapshot
    contract: Mapping[str, object]
    run_id: str
    pipeline_digest: str
    rule: DecisionRule
    other_rules: Mapping[str, DecisionRule]
    others: tuple[str, ...]
    seed: int
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class _Refusal:
    """An error, as far as it may leave the scoring process."""

    kind: str
    what: str
    why: str
    next_step: str
    found: str | None
    expected: str | None
    faults: tuple[tuple[str, str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What the scoring process answers: a report, or a refusal.

    Examples:
        >>> Reply(report=None, refusal=None).report is None
        True
    """

    report: EvaluationReport | None
    """The report; aggregates only."""
    refusal: _Refusal | None
    """Why there is none."""
    looks: tuple[BookedLook, ...] | None = None
    """The book of looks, where it was asked for."""


def is_book_question(data: bytes) -> bool:
    """Whether bytes ask for the book of looks instead of a score.

    Examples:
        >>> is_book_question(pack_book_question("0123456789abcdef")), is_book_question(b"")
        (True, False)
    """
    return data.startswith(BOOK_QUESTION)


def pack_book_question(seal_id: str) -> bytes:
    """Return the question for the looks at labels under one seal.

    Examples:
        >>> unpack_book_question(pack_book_question("0123456789abcdef"))
        '0123456789abcdef'
    """
    return BOOK_QUESTION + seal_id.encode("utf-8")


def unpack_book_question(data: bytes) -> str:
    """Return the seal that `pack_book_question` named.

    Examples:
        >>> unpack_book_question(BOOK_QUESTION)
        ''
    """
    return data.removeprefix(BOOK_QUESTION).decode("utf-8", "replace")


def pack_book(looks: tuple[BookedLook, ...]) -> bytes:
    """Return a reply that holds the book of looks.

    Examples:
        >>> unpack_book(pack_book(()))
        ()
    """
    return encode(Reply(report=None, refusal=None, looks=looks))


def unpack_book(data: bytes) -> tuple[BookedLook, ...]:
    """Return the looks of a reply, or raise the refusal it holds.

    Raises:
        IntegrityBroken: When the book was changed, or the reply is none.
        ServiceFailed: When the scorer refused for a reason of its own.

    Examples:
        >>> unpack_book(pack_book(()))
        ()
    """
    reply = decode(data, Reply)
    if reply.looks is not None:
        return reply.looks
    raise _refused(reply)


def _columns(name: str, scores: Matrix) -> dict[str, Matrix]:
    return {f"{name}:{column}": scores[:, column] for column in range(scores.shape[1])}


def pack_question(request: ScoreRequest) -> bytes:
    """Return a request as bytes: a JSON header and the scores as an Arrow table.

    Raises:
        DataInvalid: When row ids and scores do not have the same number of rows.

    Examples:
        >>> pack_question.__name__
        'pack_question'
    """
    rows = len(request.row_ids)
    tables = {"model": request.scores, **{f"other {name}": given for name, given in request.others.items()}}
    faults = [
        Fault(
            name,
            f"shape {scores.shape} for {rows:,} row ids",
            next_step="hand in one row of scores per row id",
        )
        for name, scores in tables.items()
        if scores.ndim != 2 or len(scores) != rows
    ]
    if faults:
        raise DataInvalid(
            "these predictions cannot be scored",
            why="a score belongs to a row, and to one row only",
            next_step="score the test part of the snapshot and hand in its row ids in the same order",
            faults=faults,
        )
    header = encode(
        _Header(
            snapshot=request.snapshot,
            contract=request.contract.model_dump(mode="json"),
            run_id=request.run_id,
            pipeline_digest=request.pipeline_digest,
            rule=request.rule,
            other_rules=request.other_rules,
            others=tuple(request.others),
            seed=request.seed,
            purpose=request.purpose,
        )
    )
    columns: dict[str, npt.NDArray[np.float64] | npt.NDArray[np.int64]] = {ROW_ID: request.row_ids}
    for name, scores in tables.items():
        columns.update(_columns(name, scores))
    stream = io.BytesIO()
    pl.DataFrame(columns).write_ipc(stream)
    return len(header).to_bytes(LENGTH_BYTES, "little") + header + stream.getvalue()


def unpack_question(data: bytes) -> ScoreRequest:
    """Return the request that `pack_question` wrote.

    Raises:
        IntegrityBroken: When the bytes are no question.

    Examples:
        >>> unpack_question(b"")
        Traceback (most recent call last):
        modelwright.kernel.errors.IntegrityBroken: stored bytes do not form a _Header: ...
    """
    length = int.from_bytes(data[:LENGTH_BYTES], "little")
    header = decode(data[LENGTH_BYTES : LENGTH_BYTES + length], _Header)
    table = pl.read_ipc(io.BytesIO(data[LENGTH_BYTES + length :]))

    def scores(name: str) -> Matrix:
        own = [column for column in table.columns if column.startswith(f"{name}:")]
        return np.ascontiguousarray(table.select(own).to_numpy(), dtype=np.float64)

    return ScoreRequest(
        snapshot=header.snapshot,
        contract=Contract.model_validate(header.contract),
        run_id=header.run_id,
        pipeline_digest=header.pipeline_digest,
        row_ids=table[ROW_ID].to_numpy().astype(np.int64),
        scores=scores("model"),
        others={name: scores(f"other {name}") for name in header.others},
        rule=header.rule,
        other_rules=header.other_rules,
        seed=header.seed,
        purpose=header.purpose,
    )


def pack_report(report: EvaluationReport) -> bytes:
    """Return a reply that holds a report.

    Examples:
        >>> pack_report.__name__
        'pack_report'
    """
    return encode(Reply(report=report, refusal=None))


def pack_refusal(error: ModelwrightError) -> bytes:
    """Return a reply that holds a refusal.

    Examples:
        >>> b"no rows" in pack_refusal(DataInvalid("no rows"))
        True
    """
    kind = next((name for name, carried in CARRIED.items() if type(error) is carried), "")
    refusal = _Refusal(
        kind=kind,
        what=error.what,
        why=error.why,
        next_step=error.next_step,
        found=error.found,
        expected=error.expected,
        faults=tuple((fault.where, fault.what, fault.next_step) for fault in error.faults),
    )
    return encode(Reply(report=None, refusal=refusal))


def unpack_reply(data: bytes) -> EvaluationReport:
    """Return the report of a reply, or raise the refusal it holds.

    Raises:
        DataInvalid: When the scores did not fit the test part.
        LooksExhausted: When the contract's looks are used up.
        IntegrityBroken: When the seal, the snapshot or the reply is not what it must be.
        ServiceFailed: When the scoring process refused for a reason of its own.

    Examples:
        >>> unpack_reply(pack_refusal(DataInvalid("no rows")))
        Traceback (most recent call last):
        modelwright.kernel.errors.DataInvalid: no rows.
    """
    reply = decode(data, Reply)
    if reply.report is not None:
        return reply.report
    raise _refused(reply)


def _refused(reply: Reply) -> ModelwrightError:
    """Return the error that a reply without an answer stands for."""
    if reply.refusal is None:
        return ServiceFailed(
            "the scoring process sent an empty reply",
            why="without a report nothing can be judged",
            next_step="run the phase again",
        )
    refusal = reply.refusal
    kind = CARRIED.get(refusal.kind, ServiceFailed)
    return kind(
        refusal.what,
        why=refusal.why,
        next_step=refusal.next_step,
        found=refusal.found,
        expected=refusal.expected,
        faults=[Fault(where, what, next_step=cure) for where, what, cure in refusal.faults],
    )
