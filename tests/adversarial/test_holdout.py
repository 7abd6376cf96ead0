"""The holdout: its labels are read by nobody, inferred by nobody, and asked no oftener than agreed."""

import json
import shutil
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from tests.adversarial.refusals import found_by, refused
from tests.workflow.projects import service_in

from modelwright.data.snapshot import ROW_ID, Snapshot, part
from modelwright.evaluation.scorer import LooksExhausted, ScoreRequest
from modelwright.kernel.errors import DataInvalid, IntegrityBroken, UserFault
from modelwright.ledger.codec import encode
from modelwright.training.pipeline import DecisionRule
from modelwright.workflow.history import fold
from modelwright.workflow.looking import ask_sealed, looks_agree


def snapshot_of(service):
    """The snapshot in force."""
    digest = fold(service.entries()).completions[2].outputs["snapshot"]
    return service.ports.store.get_record(digest, Snapshot)


def sealed_rows(service):
    """The rows of the test part, as a modeller may read them."""
    return part(snapshot_of(service), "test", store=service.ports.store)


def question(service, *, scores=None, seed=1, **changes):
    """A question about the sealed labels, with scores of one's own making."""
    ids = sealed_rows(service)[ROW_ID].to_numpy()
    chance = np.random.default_rng(seed).random(len(ids)) if scores is None else scores
    made = ScoreRequest(
        snapshot=snapshot_of(service),
        contract=service.check().contract,
        run_id="mine",
        pipeline_digest="sha256:mine",
        row_ids=ids,
        scores=np.column_stack([1 - chance, chance]),
        others={},
        rule=DecisionRule(),
        other_rules={},
        seed=7,
        purpose="just looking",
    )
    return replace(made, **changes)


def bent(contract, **plan):
    """A contract of one's own making, softer than the frozen one."""
    return contract.model_copy(update={"evaluation": contract.evaluation.model_copy(update=plan)})


def test_the_test_part_that_a_modeller_may_read_has_no_labels(finished):
    """The target column is not in it."""
    assert "bought" not in sealed_rows(finished).columns


def test_the_sealed_labels_do_not_open_with_another_key(finished):
    """The artifact is ciphertext: no label stands in it, and a made-up key opens nothing."""
    data = finished.ports.store.get(snapshot_of(finished).sealed_labels)
    assert b"yes" not in data
    with pytest.raises(InvalidTag):
        AESSIV(AESSIV.generate_key(512)).decrypt(data, [])


def test_the_labels_are_opened_in_another_process_and_never_in_this_one(finished):
    """The real scorer is a process of its own; what comes back has no label in it."""
    real = service_in(finished.ports.project.root)
    report = real.ports.scorer().score(question(real))
    assert report.rows == sealed_rows(real).height
    assert not [line for line in report.weak if "yes" in line]
    assert looks_agree(real.ports).status.value == "failed"


def test_the_labels_do_not_open_in_a_copy_of_the_project_without_its_keys(finished, tmp_path):
    """Whoever carries the folder away carries no key away."""
    shutil.copytree(finished.ports.project.root, tmp_path / "away" / "calls")
    copy = service_in(tmp_path / "away" / "calls")
    error = refused(copy.ports.scorer().score, question(copy), says="key", kind=IntegrityBroken)
    assert error.next_step
    assert not list((tmp_path / "away").rglob("*.seal"))


def test_part_of_the_rows_cannot_be_asked_about(finished):
    """A row alone would give its label away: every row of the test part, or none."""
    whole = question(finished)
    for rows in (1, 2, len(whole.row_ids) - 1):
        few = replace(whole, row_ids=whole.row_ids[:rows], scores=whole.scores[:rows])
        error = refused(finished.ports.scorer().score, few, kind=DataInvalid, says="missing")
        assert error.next_step


def test_a_row_cannot_be_asked_about_again_and_again_in_one_question(finished):
    """Copies of one row in the place of the others would make its label the whole answer."""
    whole = question(finished)
    same = np.full_like(whole.row_ids, whole.row_ids[0])
    refused(finished.ports.scorer().score, replace(whole, row_ids=same), kind=DataInvalid)


def test_rows_of_the_training_part_cannot_be_slipped_in(finished):
    """Known labels beside unknown ones would calibrate an attack."""
    whole = question(finished)
    ids = whole.row_ids.copy()
    ids[: len(ids) // 2] += 10_000
    refused(finished.ports.scorer().score, replace(whole, row_ids=ids), kind=DataInvalid)


def test_many_small_questions_run_into_the_budget(finished):
    """One look was the project's own; what is left of three is answered, and then no more."""
    for seed in range(2):
        ask_sealed(finished.ports, question(finished, seed=seed))
    for seed in range(2, 5):
        error = refused(ask_sealed, finished.ports, question(finished, seed=seed), kind=LooksExhausted)
        assert "new rows" in error.next_step


def test_another_seed_or_purpose_is_not_a_free_look(finished):
    """Every new question counts, whatever it is called."""
    ask_sealed(finished.ports, question(finished))
    ask_sealed(finished.ports, question(finished, purpose="nothing special"))
    ask_sealed(finished.ports, replace(question(finished), seed=8))
    refused(ask_sealed, finished.ports, replace(question(finished), seed=9), kind=LooksExhausted)


def test_going_around_the_ledger_is_counted_by_the_scorer_itself(finished):
    """Asked directly, the scorer keeps its own book, and the two no longer agree."""
    assert looks_agree(finished.ports).allows
    finished.ports.scorer().score(question(finished))
    found_by(looks_agree(finished.ports), "not in the ledger")


def test_a_contract_of_one_s_own_with_more_looks_is_found_out(finished):
    """The scorer answers under it at a level that soon tells nothing, and both books show it."""
    soft = bent(finished.check().contract, looks=1000)
    finished.ports.scorer().score(question(finished, contract=soft))
    found_by(looks_agree(finished.ports), "not in the ledger")


def test_a_hundred_rivals_in_one_question_are_refused(finished):
    """Each rival would be a look that nobody counts."""
    whole = question(finished)
    others = {f"rival {place}": whole.scores for place in range(100)}
    refused(finished.ports.scorer().score, replace(whole, others=others), kind=DataInvalid)


def test_slices_of_single_rows_give_no_label_away(finished):
    """A slice for every age, with one row enough: what comes back says no more than the base rate does."""
    soft = bent(finished.check().contract, slices=("age", "visits", "job"), min_slice_rows=1)
    chance = np.full(len(sealed_rows(finished)), 0.5)
    report = finished.ports.scorer().score(question(finished, contract=soft, scores=chance))
    single = [item for item in report.slices if item.rows < 5]
    assert all(figure.value is None for item in single for figure in item.estimates)


MARKED = 12
"""Rows whose labels an attacker tries to decode from one answer."""


def fitting(told, chance, marked):
    """Every labelling of the marked rows that the answer, as far as it was told, leaves open."""
    labellings = (np.arange(2**marked)[:, None] >> np.arange(marked)) & 1
    marks = chance[:marked]
    losses = -(labellings * np.log(marks) + (1 - labellings) * np.log1p(-marks)).sum(axis=1)
    mean = (losses + (len(chance) - marked) * np.log(2)) / len(chance)
    if told is None or told.value is None:
        return labellings
    digits = len(repr(told.value).partition(".")[2])
    return labellings[np.abs(mean - told.value) <= 0.5 * 10.0**-digits + 1e-12]


@pytest.mark.parametrize("sharpness", [0.002, 0.02, 0.2])
def test_scores_that_are_made_to_spell_labels_out_do_not(finished, sharpness):
    """Graded scores let one exact log loss tell a dozen labels (Whitehill 2018); ours leaves most open."""
    rows = len(sealed_rows(finished))
    logits = np.zeros(rows)
    logits[:MARKED] = sharpness * np.ldexp(1.0, np.arange(MARKED))
    chance = 1 / (1 + np.exp(-np.clip(logits, -30, 30)))
    plan = bent(finished.check().contract, primary="log_loss")
    report = finished.ports.scorer().score(question(finished, contract=plan, scores=chance))
    left = fitting(report.estimate("log_loss"), chance, MARKED)
    assert len(left) >= 2**MARKED / 2**6, f"{MARKED - np.log2(len(left)):.1f} of {MARKED} labels were told"


def test_a_book_of_looks_that_was_cut_short_is_found_out(finished):
    """Lines taken off its end are missed by the ledger; a line changed breaks its own chain."""
    (book,) = (finished.ports.project.root.parent / "home" / "looks").glob("*.jsonl")
    whole = book.read_bytes()
    lines = whole.splitlines(keepends=True)
    book.write_bytes(b"".join(lines[:-1]))
    found_by(looks_agree(finished.ports), "not in the scorer's book")
    book.write_bytes(b"")
    assert not looks_agree(finished.ports).allows
    book.write_bytes(whole.replace(b"phase 11", b"phase 12"))
    found_by(looks_agree(finished.ports), "damaged")


def test_a_new_snapshot_of_the_same_rows_brings_no_new_looks(finished):
    """Sealed anew under an amended contract, the rows are the same rows, and their looks are used."""
    contract = finished.ports.project.contract_file
    contract.write_text(contract.read_text().replace("campaign lead", "sales lead"))
    finished.amend(reason="sales took over")
    finished.run()
    finished.approve(1, reason="read")
    finished.run(until=2)
    used = 0
    for seed in range(4):
        try:
            ask_sealed(finished.ports, question(finished, seed=seed))
        except LooksExhausted:
            break
        used += 1
    assert used <= 2


def test_a_report_holds_nothing_of_a_single_row(finished):
    """Aggregates: no list as long as the rows, no row id."""
    report = finished.ports.scorer().score(question(finished))
    rows = len(sealed_rows(finished))

    def longest(value):
        if isinstance(value, dict):
            return max((longest(item) for item in value.values()), default=0)
        if isinstance(value, list):
            return max(len(value), max((longest(item) for item in value), default=0))
        return 0

    data = encode(report)
    assert longest(json.loads(data)) <= rows / 2
    assert ROW_ID.encode() not in data


def test_a_snapshot_whose_test_part_is_the_training_part_is_refused(finished):
    """Pointed at other rows under a digest that fits, the labels do not belong to them."""
    from modelwright.kernel.digest import digest_of

    snapshot = snapshot_of(finished)
    parts = {**snapshot.parts, "test": snapshot.parts["train"]}
    forged = replace(snapshot, parts=parts, rows={**snapshot.rows, "test": snapshot.rows["train"]}, digest="")
    forged = replace(forged, digest=digest_of(forged))
    ids = pl.read_parquet(finished.ports.store.path(snapshot.parts["train"]))[ROW_ID].to_numpy()
    scores = np.full((len(ids), 2), 0.5)
    refused(
        finished.ports.scorer().score,
        question(finished, snapshot=forged, row_ids=ids, scores=scores),
        kind=(IntegrityBroken, DataInvalid),
    )


def test_a_seal_s_name_does_not_lead_out_of_the_folder_of_keys(finished):
    """`../..` as the name of a seal would open a book elsewhere."""
    from modelwright.kernel.digest import digest_of

    forged = replace(snapshot_of(finished), seal_id="../../etc/passwd", digest="")
    forged = replace(forged, digest=digest_of(forged))
    refused(
        finished.ports.scorer().score, question(finished, snapshot=forged), kind=(IntegrityBroken, UserFault)
    )
