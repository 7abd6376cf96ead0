"""The scoring process: the only place where holdout labels are opened. `python -m` runs it.

It reads one question from standard input and writes one reply to standard output: a report of aggregates,
or a refusal. Row ids, scores, snapshot and key are checked before the look is entered in the book, so that a
question that is refused is no look; the look is entered before anything is computed from the labels, so
that no answer leaves uncounted.
"""

import argparse
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from modelwright.adapters.look_book import LookBook
from modelwright.adapters.scorer_wire import pack_refusal, pack_report, unpack_question
from modelwright.adapters.seal_keys import SealKeys
from modelwright.adapters.system_clock import SystemClock
from modelwright.data.seal import Seal
from modelwright.data.snapshot import ROW_ID, Snapshot, part
from modelwright.evaluation.evaluate import evaluate
from modelwright.evaluation.report import EvaluationReport
from modelwright.evaluation.sample import Index
from modelwright.evaluation.scorer import ScoreRequest
from modelwright.evaluation.scores import check_scores, refuse
from modelwright.kernel.clock import Clock
from modelwright.kernel.digest import digest_of
from modelwright.kernel.errors import DataInvalid, Fault, IntegrityBroken, ModelwrightError, UserFault
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
        return pack_report(_score(unpack_question(data), home=home, artifacts=artifacts, clock=clock))
    except ModelwrightError as error:
        return pack_refusal(error)


def _score(request: ScoreRequest, *, home: Path, artifacts: Path, clock: Clock) -> EvaluationReport:
    snapshot, contract = request.snapshot, request.contract
    store = ArtifactStore(artifacts)
    _check_snapshot(request)
    test = part(snapshot, "test", store=store)
    order = _order(test, request)
    scores = request.scores[order]
    others = {name: given[order] for name, given in request.others.items()}
    faults = check_scores(scores, target=snapshot.target, rows=test.height)
    for name, given in others.items():
        faults += check_scores(given, target=snapshot.target, rows=test.height, name=f"scores of {name}")
    refuse(faults)
    seal = _seal(home, snapshot)
    labels = seal.open(store.get(snapshot.sealed_labels))
    joined = test.select(ROW_ID).join(labels, on=ROW_ID, how="left", maintain_order="left")
    if labels.height != test.height or joined[snapshot.target.name].null_count():
        raise IntegrityBroken(
            "the sealed labels do not belong to the test part of this snapshot",
            why="a score against other rows says nothing",
            next_step="run phase 2 again to take a new snapshot",
            found=f"{labels.height} labels",
            expected=f"one for each of {test.height} rows",
        )
    y = task_of(snapshot.target.task).encode(joined[snapshot.target.name], snapshot.target)
    question = replace(request, row_ids=test[ROW_ID].to_numpy(), scores=scores, others=others)
    used = LookBook(home, snapshot.sealed_labels).enter(
        question.digest,
        allowed=contract.evaluation.looks,
        at=clock.now(),
        run_id=request.run_id,
        purpose=request.purpose,
    )
    return evaluate(
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
        looks_used=used,
    )


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


def _order(test: pl.DataFrame, request: ScoreRequest) -> Index:
    """Return where each test row stands in the request; every row id has to be there exactly once."""
    wanted, given = test[ROW_ID].to_numpy(), request.row_ids
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
    if faults:
        raise DataInvalid(
            "the row ids do not fit the test part",
            why="left out rows could be the ones the model is worst at",
            next_step="score the test part of the snapshot as it is and hand in its row ids",
            faults=faults,
        )
    order: Index = np.argsort(given, kind="stable")[np.argsort(np.argsort(wanted, kind="stable"))]
    return order


def _named(ids: np.ndarray[tuple[int], np.dtype[np.int64]]) -> str:
    shown = ", ".join(str(number) for number in ids[:SHOWN_IDS].tolist())
    return shown + (", ..." if len(ids) > SHOWN_IDS else "")


def _seal(home: Path, snapshot: Snapshot) -> Seal:
    """Return the seal by its public name; a key that is not there is never made here."""
    keys = SealKeys(home)
    unreadable: list[str] = []
    for path in sorted(home.glob("*.seal")) if home.is_dir() else []:
        try:
            seal = keys.seal_for(path.stem)
        except ModelwrightError as error:
            # Another project's key may be damaged; only the one that is looked for matters.
            unreadable.append(error.what)
            continue
        if seal.seal_id == snapshot.seal_id:
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
    reply = answer(sys.stdin.buffer.read(), home=chosen.home, artifacts=chosen.artifacts, clock=SystemClock())
    sys.stdout.buffer.write(reply)
    sys.stdout.buffer.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
