"""The sealed scorer: a process of its own, exact about rows, counting looks, telling aggregates only."""

import json
import os
from dataclasses import replace
from functools import cache

import numpy as np
import polars as pl
import pytest
from tests.evaluation.samples import binary, contract_of, frame_of

from modelwright.adapters.look_book import LookBook
from modelwright.adapters.scorer_process import answer
from modelwright.adapters.scorer_wire import (
    pack_book_question,
    pack_question,
    pack_refusal,
    unpack_book,
    unpack_question,
    unpack_reply,
)
from modelwright.adapters.seal_keys import SealKeys
from modelwright.adapters.sealed_scorer import SealedScorer
from modelwright.data.snapshot import ROW_ID, part, take
from modelwright.evaluation.scorer import LooksExhausted, ScoreRequest
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.digest import digest_of
from modelwright.kernel.errors import (
    DataInvalid,
    IntegrityBroken,
    OurFault,
    ServiceFailed,
    StorageFailed,
    UserFault,
)
from modelwright.ledger.artifacts import ArtifactStore
from modelwright.ledger.codec import encode
from modelwright.training.pipeline import DecisionRule


@cache
def table():
    """Rows with a known probability of yes."""
    rng = np.random.default_rng(4)
    y, scores = binary(rng, 1500)
    frame = frame_of(rng, 1500).with_columns(y=pl.Series(np.where(y == 1, "yes", "no")))
    return frame, scores


@pytest.fixture
def world(tmp_path):
    """A project with a snapshot, sealed by a key that lies outside of it."""
    frame, scores = table()
    contract = contract_of(gates=("roc_auc >= 0.6", "p95_latency <= 80ms"), slices=("job",), looks=3)
    home, artifacts = tmp_path / "home", tmp_path / "project" / "artifacts"
    store = ArtifactStore(artifacts)
    snapshot = take(frame, contract, store=store, seal=SealKeys(home).seal_for("p1"))
    rows = part(snapshot, "test", store=store)[ROW_ID].to_numpy()
    request = ScoreRequest(
        snapshot=snapshot,
        contract=contract,
        run_id="run-7",
        pipeline_digest="sha256:model",
        row_ids=rows,
        scores=scores[rows],
        others={"baseline": np.tile([0.7, 0.3], (len(rows), 1))},
        rule=DecisionRule(threshold=0.25),
        other_rules={},
        seed=1,
        purpose="phase 11",
    )
    return home, artifacts, request


def asked(home, artifacts, request):
    """Ask the code of the process, in this process: for what does not depend on where it runs."""
    reply = answer(pack_question(request), home=home, artifacts=artifacts, clock=SteppingClock())
    return unpack_reply(reply)


def book_of(home, request):
    """Where the scorer's own book lies."""
    return home / "looks" / f"{request.snapshot.seal_id}.jsonl"


def looks(home, request):
    """How many questions the scorer's own book holds."""
    if not book_of(home, request).exists():
        return 0
    with LookBook(home, request.snapshot.seal_id).opened() as book:
        return len(book.looks)


def scorer(home, artifacts, **rest):
    """The real thing."""
    variables = {name: value for name, value in os.environ.items() if name.startswith("COVERAGE_")}
    return SealedScorer(home=home, artifacts=artifacts, variables=variables, also=tuple(variables), **rest)


def test_a_process_of_its_own_scores_against_the_sealed_labels(world):
    """The report is that of the test part, and the labels are nowhere in the caller's reach."""
    home, artifacts, request = world
    report = scorer(home, artifacts).score(request)
    assert (report.part, report.rows, report.looks_used) == ("test", len(request.row_ids), 1)
    assert report.estimate("roc_auc").value > 0.75
    assert {found.other for found in report.comparisons} == {"baseline", "prior"}
    assert {item.column for item in report.slices} == {"job"}
    assert report.snapshot_digest == request.snapshot.digest
    assert looks(home, request) == 1


def test_the_process_cannot_be_fed_other_code_by_the_environment(world, tmp_path):
    """PYTHONPATH and the current folder do not reach it."""
    home, artifacts, request = world
    trap = tmp_path / "trap"
    (trap / "modelwright").mkdir(parents=True)
    (trap / "modelwright" / "__init__.py").write_text("raise SystemExit('trapped')")
    variables = {"PYTHONPATH": str(trap), "PYTHONSTARTUP": "x", "LANG": "C.UTF-8"}
    guarded = SealedScorer(home=home, artifacts=artifacts, variables=variables)
    assert guarded.variables == {"LANG": "C.UTF-8"}
    assert guarded.score(request).rows == len(request.row_ids)


def test_a_process_that_does_not_answer_in_time_is_given_up(world):
    """With the way out: asking again is the same look."""
    home, artifacts, request = world
    with pytest.raises(ServiceFailed, match="did not answer within"):
        scorer(home, artifacts, timeout=0.01).score(request)


def test_a_process_that_stops_is_reported_without_its_words(world, tmp_path):
    """Only how it ended and the kind of error: a message could quote labels."""
    home, artifacts, request = world
    broken = tmp_path / "python"
    broken.write_text("#!/bin/sh\necho 'ValueError: row 17 is yes' >&2\nexit 3\n")
    broken.chmod(0o700)
    with pytest.raises(ServiceFailed, match="exit 3: ValueError") as stopped:
        scorer(home, artifacts, python=[str(broken)]).score(request)
    assert "row 17" not in str(stopped.value)
    broken.write_text("#!/bin/sh\nkill -9 $$\n")
    with pytest.raises(ServiceFailed, match="signal 9"):
        scorer(home, artifacts, python=[str(broken)]).score(request)
    with pytest.raises(ServiceFailed, match="cannot be started"):
        scorer(home, artifacts, python=[str(tmp_path / "nothing")]).score(request)


def test_the_order_of_the_rows_does_not_matter(world):
    """Scores follow their row ids; the same scores in another order are the same question."""
    home, artifacts, request = world
    shuffled = np.random.default_rng(0).permutation(len(request.row_ids))
    other = replace(
        request,
        row_ids=request.row_ids[shuffled],
        scores=request.scores[shuffled],
        others={name: given[shuffled] for name, given in request.others.items()},
    )
    assert encode(asked(home, artifacts, request)) == encode(asked(home, artifacts, other))
    assert looks(home, request) == 1


def test_asking_the_same_again_is_not_a_second_look(world):
    """So that a run that was killed can go on."""
    home, artifacts, request = world
    first, second = (asked(home, artifacts, request) for _ in range(2))
    assert encode(first) == encode(second)
    assert looks(home, request) == 1


def test_looks_are_counted_and_refused_beyond_the_contract(world):
    """Three different questions, then no fourth, whatever a later contract allows; old ones are answered."""
    home, artifacts, request = world
    used = [asked(home, artifacts, replace(request, seed=seed)).looks_used for seed in (1, 2, 3)]
    assert used == [1, 2, 3]
    generous = contract_of(gates=("roc_auc >= 0.6",), slices=("job",), looks=10**6)
    for other in (replace(request, seed=4), replace(request, contract=generous)):
        with pytest.raises(LooksExhausted, match="3 of 3 looks"):
            asked(home, artifacts, other)
    assert asked(home, artifacts, replace(request, seed=2)).looks_used == 2
    assert looks(home, request) == 3


def test_the_book_says_who_asked_what_and_when(world):
    """And what was told, at which level; nobody else can read it."""
    home, artifacts, request = world
    asked(home, artifacts, request)
    (look,) = unpack_book(
        answer(
            pack_book_question(request.snapshot.seal_id),
            home=home,
            artifacts=artifacts,
            clock=SteppingClock(),
        )
    )
    assert (look.run, look.purpose, look.at.year) == ("run-7", "phase 11", 2026)
    assert (look.number, look.allowed, look.told) == (1, 3, "everything")
    assert look.level == pytest.approx(0.9696, abs=1e-4)
    book = book_of(home, request)
    assert (book.parent.stat().st_mode & 0o077, book.stat().st_mode & 0o077) == (0, 0)


def bend(request, **changes):
    """The request with other rows."""
    return replace(request, **changes)


def cut(request):
    """All but the last five rows."""
    return bend(request, row_ids=request.row_ids[:-5], scores=request.scores[:-5],
                others={name: given[:-5] for name, given in request.others.items()})  # fmt: skip


def doubled(request):
    """The first row twice, the last one left out."""
    ids = request.row_ids.copy()
    ids[-1] = ids[0]
    return bend(request, row_ids=ids)


def foreign(request):
    """A training row instead of a test row."""
    ids = request.row_ids.copy()
    ids[0] = 10_000
    return bend(request, row_ids=ids)


def broken(request, number):
    """One score that is no number."""
    scores = request.scores.copy()
    scores[3, 1] = number
    return bend(request, scores=scores)


def broken_rival(request):
    """A rival with margins instead of probabilities."""
    return bend(request, others={"baseline": request.others["baseline"] * 3})


def other_target(request):
    """A contract about something else."""
    prediction = request.contract.prediction.model_copy(update={"target": "z"})
    return bend(request, contract=request.contract.model_copy(update={"prediction": prediction}))


def smuggled(request):
    """A third model beside the one that is asked about."""
    return bend(request, others={**request.others, "mine too": request.scores})


REFUSED = {
    "a model smuggled in": (smuggled, DataInvalid, "no model of this name"),
    "missing rows": (cut, DataInvalid, "5 rows of the test part are missing"),
    "a row twice": (doubled, DataInvalid, "stand there more than once"),
    "a foreign row": (foreign, DataInvalid, "are no rows of the test part: 10000"),
    "NaN": (lambda request: broken(request, np.nan), DataInvalid, "not a finite number"),
    "infinite": (lambda request: broken(request, np.inf), DataInvalid, "not a finite number"),
    "margins": (broken_rival, DataInvalid, "scores of baseline"),
    "one column": (lambda r: bend(r, scores=r.scores[:, :1]), DataInvalid, "shape"),
    "fewer scores than ids": (lambda r: bend(r, scores=r.scores[:-1]), DataInvalid, "one row of scores per"),
    "flat scores": (lambda r: bend(r, scores=r.scores[:, 1]), DataInvalid, "one row of scores per"),
    "edited snapshot": (
        lambda r: bend(r, snapshot=replace(r.snapshot, rows={**r.snapshot.rows, "test": 1})),
        IntegrityBroken,
        "not what its digest says",
    ),
    "another target": (other_target, UserFault, "different targets"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_question_that_does_not_fit_is_refused_and_is_no_look(world, case):
    """Nothing was learned about the labels, so nothing is counted."""
    home, artifacts, request = world
    change, kind, told = REFUSED[case]
    with pytest.raises(kind, match=told):
        asked(home, artifacts, change(request))
    assert looks(home, request) == 0


def test_all_faults_of_the_row_ids_are_told_at_once(world):
    """One missing, one twice."""
    home, artifacts, request = world
    with pytest.raises(DataInvalid) as refused:
        asked(home, artifacts, doubled(request))
    assert len(refused.value.faults) == 2


def test_without_its_key_nothing_is_scored_and_no_key_is_made(world, tmp_path):
    """Another folder of keys, an empty one, one with another project's key, one with a damaged key."""
    _, artifacts, request = world
    other = tmp_path / "other"
    with pytest.raises(IntegrityBroken, match="not in the key folder"):
        asked(other, artifacts, request)
    assert not other.exists()
    SealKeys(other).seal_for("p2")
    (other / "p0.seal").write_bytes(b"short")
    (other / "p0.seal").chmod(0o600)
    with pytest.raises(IntegrityBroken, match="is damaged"):
        asked(other, artifacts, request)
    assert sorted(path.name for path in other.glob("*.seal")) == ["p0.seal", "p2.seal"]


def test_labels_that_were_swapped_for_others_are_found(world):
    """Sealed by the right key, but not of these rows."""
    home, artifacts, request = world
    store = ArtifactStore(artifacts)
    seal = SealKeys(home).seal_for("p1")
    labels = pl.DataFrame({ROW_ID: request.row_ids[:-1], "y": ["yes"] * (len(request.row_ids) - 1)})
    swapped = replace(request.snapshot, sealed_labels=store.put(seal.close(labels)), digest="")
    forged = replace(swapped, digest=digest_of(swapped))
    with pytest.raises(IntegrityBroken, match="do not belong to the test part"):
        asked(home, artifacts, replace(request, snapshot=forged))
    assert looks(home, replace(request, snapshot=forged)) == 0


def test_changed_labels_are_found(world):
    """One byte of the artifact."""
    home, artifacts, request = world
    path = ArtifactStore(artifacts).path(request.snapshot.sealed_labels)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(bytes(data))
    with pytest.raises(IntegrityBroken, match="was changed after it was stored"):
        asked(home, artifacts, request)


def test_the_reply_holds_no_label_and_no_row(world):
    """Aggregates only: no row ids, no list as long as the test part."""
    home, artifacts, request = world
    reply = answer(pack_question(request), home=home, artifacts=artifacts, clock=SteppingClock())

    def longest(value):
        if isinstance(value, dict):
            return max((longest(item) for item in value.values()), default=0)
        if isinstance(value, list):
            return max(len(value), max((longest(item) for item in value), default=0))
        return 0

    assert longest(json.loads(reply)) <= len(request.row_ids) / 2
    assert b"row_id" not in reply


def test_a_damaged_book_of_looks_blocks(world):
    """How often was asked can no longer be told."""
    home, artifacts, request = world
    asked(home, artifacts, request)
    book_of(home, request).write_text("{half\n")
    with pytest.raises(IntegrityBroken, match="book of looks"):
        asked(home, artifacts, request)


def test_a_book_that_cannot_be_written_blocks(tmp_path):
    """A look that is not counted would be a look too many."""
    home = tmp_path / "home"
    home.write_text("a file where the folder should be")
    with pytest.raises(StorageFailed, match="book of looks"), LookBook(home, "0" * 16).opened():
        pass


def test_a_question_survives_the_wire(world):
    """What was packed is what is unpacked, to the last bit of the scores."""
    _, _, request = world
    again = unpack_question(pack_question(request))
    assert again.digest == request.digest
    assert again.contract == request.contract
    assert np.array_equal(again.scores, request.scores)


def test_an_error_of_another_kind_reaches_the_caller_as_a_failed_service():
    """Its words arrive, its kind is not pretended."""
    with pytest.raises(ServiceFailed, match="unreachable"):
        unpack_reply(pack_refusal(OurFault("unreachable")))


def test_an_empty_reply_is_a_failed_service():
    """Neither a report nor a refusal."""
    with pytest.raises(ServiceFailed, match="empty reply"):
        unpack_reply(b'{"refusal":null,"report":null}')


def test_a_reply_that_is_no_reply_is_refused():
    """Whatever wrote it."""
    with pytest.raises(IntegrityBroken):
        unpack_reply(b"Traceback (most recent call last)")
