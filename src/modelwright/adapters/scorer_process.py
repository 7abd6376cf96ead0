"""The scoring process: the only place where holdout labels are opened. `python -m` runs it.

It reads one question from standard input and writes one reply to standard output: a report of aggregates,
or a refusal. Row ids, scores, snapshot and key are checked before the look is entered in the book, so that a
question that is refused is no look; the look is entered before anything is computed from the labels, and
what it told is written down before it leaves, so that no answer leaves uncounted.
"""

import argparse
import io
import stat
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from modelwright.adapters.look_book import LookBook
from modelwright.adapters.process_guard import harden
from modelwright.adapters.row_sample import sample_rows
from modelwright.adapters.scorer_wire import (
    is_book_question,
    pack_book,
    pack_refusal,
    pack_report,
    unpack_book_question,
    unpack_question,
    unpack_reply,
)
from modelwright.adapters.seal_keys import SealKeys
from modelwright.adapters.system_clock import SystemClock
from modelwright.contracts.contract import Contract
from modelwright.data.seal import Seal
from modelwright.data.sealed_box import OwnSeal
from modelwright.data.snapshot import ROW_ID, Snapshot
from modelwright.evaluation.evaluate import evaluate
from modelwright.evaluation.sample import Index, Vector
from modelwright.evaluation.scorer import RIVALS, BookedLook, ScoreRequest
from modelwright.evaluation.scores import check_scores, refuse
from modelwright.gates.deciding import decide
from modelwright.kernel.clock import Clock
from modelwright.kernel.digest import digest_of
from modelwright.kernel.errors import (
    DataInvalid,
    Fault,
    IntegrityBroken,
    ModelwrightError,
    ServiceFailed,
    UserFault,
)
from modelwright.ledger.artifacts import ArtifactStore
from modelwright.tasks.catalogue import task_of

__all__ = ["answer", "main"]

SHOWN_IDS = 5
"""Row ids that a fault names."""


def answer(data: bytes, *, home: Path, artifacts: Path, clock: Clock) -> bytes:
    """Return the reply to one question.

    Args:
        data: The question, as `pack_question` wrote it.
        home: The folder of keys and of the book of looks.
        artifacts: The project's artifact store.
        clock: What time it is, for the book.

    Examples:
        >>> from modelwright.kernel.clock import SteppingClock
        >>> nowhere = Path("/nonexistent")
        >>> b"refusal" in answer(b"", home=nowhere, artifacts=nowhere, clock=SteppingClock())
        True
    """
    try:
        if is_book_question(data):
            return pack_book(_booked(unpack_book_question(data), home=home))
        return _score(unpack_question(data), home=home, artifacts=artifacts, clock=clock)
    except ModelwrightError as error:
        return pack_refusal(error)


def _booked(seal_id: str, *, home: Path) -> tuple[BookedLook, ...]:
    book = LookBook(home, seal_id)
    if not book.path.exists():
        if _find(home, seal_id)[0] is None:
            raise ServiceFailed(
                "the key and the book of these sealed labels are not on this machine",
                why="looks can be compared only where the scorer is",
                next_step="verify there; `modelwright ledger verify` checks the ledger by itself",
            )
        return ()
    with book.opened() as opened:
        return opened.looks


def _score(request: ScoreRequest, *, home: Path, artifacts: Path, clock: Clock) -> bytes:
    snapshot, contract = request.snapshot, request.contract
    store = ArtifactStore(artifacts)
    _check_snapshot(request)
    stored = _artifact(store, snapshot.parts["test"])
    test = _read(stored, contract)
    order = _order(test, request)
    scores = request.scores if order is None else request.scores[order]
    others = {name: given if order is None else given[order] for name, given in request.others.items()}
    faults = check_scores(scores, target=snapshot.target, rows=test.height)
    for name, given in others.items():
        faults += check_scores(given, target=snapshot.target, rows=test.height, name=f"scores of {name}")
        if name not in RIVALS:
            cure = "ask about it in a look of its own"
            faults.append(Fault(f"scores of {name}", "no model of this name is compared", next_step=cure))
    refuse(faults)
    question = replace(request, row_ids=test[ROW_ID].to_numpy(), scores=scores, others=others)
    y = _labels(home, store, test, snapshot)
    with LookBook(home, snapshot.seal_id).opened() as book:
        given_before = book.reply(question.digest)
        if given_before is not None:
            return _for_run(given_before, request)
        look = BookedLook(
            question=question.digest,
            sealed_labels=snapshot.sealed_labels,
            contract_digest=contract.digest,
            number=0,
            allowed=contract.evaluation.looks,
            at=clock.now(),
            run=request.run_id,
            purpose=request.purpose,
        )
        sample = book.sample_of(look.sealed_labels) or sample_rows(
            pl.read_parquet(stored), target=snapshot.target.name
        )
        standing = book.enter(look, sample)
        measured = evaluate(
            y,
            scores,
            frame=test,
            target=snapshot.target,
            contract=contract,
            rule=request.rule,
            seed=request.seed,
            part="test",
            others=others,
            other_rules=request.other_rules,
            run_id=request.run_id,
            snapshot_digest=snapshot.digest,
            pipeline_digest=request.pipeline_digest,
            looks_used=standing.look,
        )
        told = decide(measured, standing, contract=contract, opened=book.is_open(look, sample))
        reply = pack_report(told.report)
        book.answered(question.digest, told, reply=reply)
    return reply


def _read(stored: bytes, contract: Contract) -> pl.DataFrame:
    """Return row ids and what slices and groups are read from; the other columns are not needed."""
    schema = pl.read_parquet_schema(io.BytesIO(stored))
    wanted = {ROW_ID, *contract.evaluation.slices, contract.data.split.group}
    return pl.read_parquet(stored, columns=[name for name in schema if name in wanted])


def _for_run(reply: bytes, request: ScoreRequest) -> bytes:
    """Return an answer that was given before; for another run of the same model, under that run's name."""
    report = unpack_reply(reply)
    return reply if report.run_id == request.run_id else pack_report(replace(report, run_id=request.run_id))


def _artifact(store: ArtifactStore, digest: str) -> bytes:
    """Return the bytes of an artifact; what is no plain file, such as a pipe, would hold the process."""
    path = store.path(digest)
    if path.exists() and not stat.S_ISREG(path.lstat().st_mode):
        raise IntegrityBroken(
            f"artifact {digest[:19]} is a link or no plain file",
            why="evidence lies in the store itself, where its bytes can be checked",
            next_step="restore the store from a backup, or run phase 2 again",
        )
    return store.get(digest)


def _labels(home: Path, store: ArtifactStore, test: pl.DataFrame, snapshot: Snapshot) -> Vector:
    """Open the labels and put them in the order of the test part."""
    labels = _seal(home, snapshot).open(_artifact(store, snapshot.sealed_labels))
    name = snapshot.target.name
    column = None
    if labels.height == test.height and {ROW_ID, name} <= set(labels.columns):
        if labels[ROW_ID].equals(test[ROW_ID]):
            column = labels[name]
        else:
            joined = test.select(ROW_ID).join(labels, on=ROW_ID, how="left", maintain_order="left")
            column = None if joined[name].null_count() else joined[name]
    if column is None or column.null_count():
        raise IntegrityBroken(
            "the sealed labels do not belong to the test part of this snapshot",
            why="a score against other rows says nothing",
            next_step="run phase 2 again to take a new snapshot",
            found=f"{labels.height} labels",
            expected=f"one for each of {test.height} rows",
        )
    return task_of(snapshot.target.task).encode(column, snapshot.target)


def _check_snapshot(request: ScoreRequest) -> None:
    snapshot = request.snapshot
    found = digest_of(replace(snapshot, digest=""))
    if found != snapshot.digest:
        raise IntegrityBroken(
            "the snapshot is not what its digest says",
            why="scores against another snapshot would not be about this model's data",
            next_step="hand in the snapshot as phase 2 stored it",
            found=found,
            expected=snapshot.digest,
        )
    if snapshot.target.name != request.contract.prediction.target:
        raise UserFault(
            "contract and snapshot are about different targets",
            why="what was agreed for one target says nothing about another",
            next_step="hand in the contract the snapshot was taken under",
            found=snapshot.target.name,
            expected=request.contract.prediction.target,
        )


def _order(test: pl.DataFrame, request: ScoreRequest) -> Index | None:
    """Return where each test row stands in the request, None where nothing moves; each must be there once."""
    wanted, given = test[ROW_ID].to_numpy(), request.row_ids
    if np.array_equal(wanted, given):
        return None
    if len(given) == len(wanted):
        places = np.argsort(given, kind="stable")
        order: Index = places[np.argsort(np.argsort(wanted, kind="stable"))]
        if np.array_equal(given[order], wanted):
            return order
    unique, counts = np.unique(given, return_counts=True)
    faults = [
        Fault("row ids", f"{len(ids):,} {what}: {_named(ids)}", next_step=cure)
        for ids, what, cure in (
            (np.setdiff1d(wanted, given), "rows of the test part are missing", "score every row"),
            (np.setdiff1d(given, wanted), "are no rows of the test part", "leave them out"),
            (unique[counts > 1], "stand there more than once", "hand in each row id once"),
        )
        if len(ids)
    ]
    raise DataInvalid(
        "the row ids do not fit the test part",
        why="left out rows could be the ones the model is worst at",
        next_step="score the test part of the snapshot as it is and hand in its row ids",
        faults=faults,
    )


def _named(ids: np.ndarray[tuple[int], np.dtype[np.int64]]) -> str:
    shown = ", ".join(str(number) for number in ids[:SHOWN_IDS].tolist())
    return shown + (", ..." if len(ids) > SHOWN_IDS else "")


def _find(home: Path, seal_id: str) -> tuple[Seal | OwnSeal | None, list[str]]:
    """Return the seal of this public name, and what is wrong with keys that could not be read."""
    keys = SealKeys(home)
    unreadable: list[str] = []
    for path in sorted(home.glob("*.seal")) if home.is_dir() else []:
        try:
            seal = keys.seal_for(path.stem)
        except ModelwrightError as error:
            # Another project's key may be damaged; only the one that is looked for matters.
            unreadable.append(error.what)
            continue
        if seal.seal_id == seal_id:
            return seal, unreadable
    own = keys.own_seal()
    return (own if own is not None and own.seal_id == seal_id else None), unreadable


def _seal(home: Path, snapshot: Snapshot) -> Seal | OwnSeal:
    """Return the seal by its public name; a key that is not there is never made here."""
    seal, unreadable = _find(home, snapshot.seal_id)
    if seal is not None:
        return seal
    raise IntegrityBroken(
        "the key of the sealed labels is not in the key folder",
        why="without their key the holdout labels cannot be read by anyone",
        next_step=f"restore the key to {home}, or take a new snapshot",
        found="; ".join(unreadable) or "no key of that name",
        expected=f"the key {snapshot.seal_id}",
    )


def main(arguments: Sequence[str] | None = None) -> int:
    """Read one question, write one reply.

    Args:
        arguments: Command line; that of the process when not given.

    Examples:
        >>> main.__name__
        'main'
    """
    parser = argparse.ArgumentParser(prog="modelwright-scorer", description=__doc__)
    parser.add_argument("--home", type=Path, required=True, help="folder of keys and of the book of looks")
    parser.add_argument("--artifacts", type=Path, required=True, help="the project's artifact store")
    chosen = parser.parse_args(arguments)
    harden()
    reply = answer(sys.stdin.buffer.read(), home=chosen.home, artifacts=chosen.artifacts, clock=SystemClock())
    sys.stdout.buffer.write(reply)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
