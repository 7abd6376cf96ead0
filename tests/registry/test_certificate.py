"""Certificates: whoever answers, answers like the trainer; every way of answering otherwise is caught."""

import numpy as np
import polars as pl
import pytest
from tests.registry.bundles import Made

from modelwright.features.plan import FeaturePlan
from modelwright.kernel.errors import ServiceFailed
from modelwright.kernel.outcome import Status
from modelwright.ledger.codec import decode, encode
from modelwright.registry.answer_path import Answers, CleanProcess, ServerPath
from modelwright.registry.bundle import load
from modelwright.registry.certificate import Certificate, certify, compare
from modelwright.registry.clean_process import answer_all, main
from modelwright.registry.hard_rows import hard_rows, plain_rows
from modelwright.registry.table import table_of
from modelwright.serving.batch import BatchPath
from modelwright.training.pipeline import Pipeline


class Fixed:
    """A way of answering that says what it is told to."""

    def __init__(self, told):
        self.told = told

    def answer(self, rows):
        """The same answers whatever is asked."""
        if isinstance(self.told, Exception):
            raise self.told
        return self.told


class Altered:
    """A model whose scores went through a function on their way."""

    def __init__(self, model, change):
        self.model, self.change, self.format = model, change, model.format

    def predict(self, x):
        """The changed scores."""
        return self.change(self.model, x)

    def files(self):
        """The files of the model as it is."""
        return self.model.files()

    def importance(self):
        """Nothing."""
        return {}


@pytest.fixture(scope="module")
def rows(made):
    """Hard rows and real ones."""
    plan = made.pipeline.plan
    return [*hard_rows(made.contract, plan, made.train), *plain_rows(made.train.head(20), plan)]


def result(certificate, path):
    """What one way of answering came to."""
    return next(result for result in certificate.paths if result.path == path)


def test_a_way_that_was_not_asked_is_unknown_and_blocks(made, bundle, rows):
    """A clean process alone is no certificate."""
    certificate = certify(made.pipeline, bundle.path, rows=rows, server_url=None, batch=None)
    assert certificate.outcome.status is Status.UNKNOWN
    assert result(certificate, "clean process").outcome.status is Status.PASSED
    assert result(certificate, "server single").outcome.status is Status.UNKNOWN
    assert certificate.bundle_digest == bundle.digest
    assert decode(encode(certificate), Certificate) == certificate
    assert "not compared" in certificate.document().to_markdown()


def test_the_clean_process_asks_in_every_order_and_portion(bundle, rows):
    """By columns, by reversed columns, one by one and in halves, to the last bit."""
    told = CleanProcess(bundle.path, digest=bundle.digest).answer(rows)
    assert set(told) == {"columns", "columns reversed", "one by one", "halves"}
    first, *others = told.values()
    assert all(np.array_equal(first.scores, other.scores) for other in others)


def test_hard_rows_hold_what_breaks_servers(made, rows):
    """Nulls, codes, ends of ranges, whole numbers as floats, unseen and odd spellings, odd dates."""
    ages = [row["age"] for row in rows]
    assert {None, 0, 120} <= set(ages)
    assert {999, None} <= {row["gap"] for row in rows}
    assert {int, float} <= {type(row["gap"]) for row in rows if row["gap"] == 365}
    assert "ünïcødé ☃ 数据" in {row["job"] for row in rows}
    assert "2024-02-29T23:59:59" in {row["since"] for row in rows}
    assert {row["channel"] for row in rows} == {"phone", "mail"}


BREAKS = {
    "columns swapped": lambda model, x: model.predict(x[:, ::-1]),
    "single precision": lambda model, x: model.predict(x.astype(np.float32).astype(np.float64) * (1 + 1e-7)),
    "missing filled": lambda model, x: model.predict(np.nan_to_num(x)),
    "scores rounded": lambda model, x: np.round(model.predict(x), 6),
    "classes swapped": lambda model, x: model.predict(x)[:, ::-1],
    "depends on neighbours": lambda model, x: model.predict(x) + (len(x) > 5) * 1e-9,
    "not a number": lambda model, x: np.where(np.isnan(x[:, :1]), np.nan, model.predict(x)),
}


@pytest.mark.parametrize("how", BREAKS)
def test_a_server_that_differs_from_the_trainer_is_caught(made, rows, how):
    """Each of these has parted servers from trainers before."""
    pipeline = made.pipeline
    table = table_of(rows, pipeline.plan)
    scores = pipeline.scores(table)
    expected = Answers(scores=scores, decisions=tuple(pipeline.decide(scores)))
    broken = Pipeline(
        plan=pipeline.plan,
        model=Altered(pipeline.model, BREAKS[how]),
        target=pipeline.target,
        rule=pipeline.rule,
    ).scores(table)
    told = {"mine": Answers(scores=broken, decisions=expected.decisions)}
    assert compare("server", told, expected).outcome.status is Status.FAILED


def test_another_order_of_categories_in_the_bundle_is_caught(made, rows, tmp_path):
    """Codes are names only as long as both sides use the same list."""
    features = []
    for feature in made.pipeline.plan.features:
        fields = {name: getattr(feature, name) for name in type(feature).__slots__}
        features.append(type(feature)(**(fields | {"categories": feature.categories[::-1]})))
    pipeline = made.pipeline
    other = Pipeline(
        plan=FeaturePlan(features=tuple(features)),
        model=pipeline.model,
        target=pipeline.target,
        rule=pipeline.rule,
    )
    packed = made.pack(pipeline=other, out=tmp_path / "other.mwb")
    certificate = certify(pipeline, packed.path, rows=rows, server_url=None, batch=None)
    assert result(certificate, "clean process").outcome.status is Status.FAILED


def test_another_decision_rule_is_caught(made, rows):
    """Equal scores with other decisions are other answers."""
    scores = made.pipeline.scores(table_of(rows, made.pipeline.plan))
    expected = Answers(scores=scores, decisions=tuple(made.pipeline.decide(scores)))
    told = {"mine": Answers(scores=scores, decisions=("yes",) * len(rows))}
    compared = compare("server", told, expected)
    assert compared.largest_difference == 0
    assert compared.outcome.status is Status.FAILED


def test_too_few_answers_are_caught(made, rows):
    """What was not answered does not agree."""
    scores = made.pipeline.scores(table_of(rows, made.pipeline.plan))
    expected = Answers(scores=scores, decisions=tuple(made.pipeline.decide(scores)))
    told = {"mine": Answers(scores=scores[:1], decisions=expected.decisions[:1])}
    assert compare("server", told, expected).largest_difference is None


def test_a_way_that_gives_no_answer_fails(made, bundle, rows):
    """Silence is not agreement, and one failure is enough."""
    silent = Fixed(ServiceFailed("no answer"))
    certificate = certify(made.pipeline, bundle.path, rows=rows, server_url=None, batch=silent)
    assert result(certificate, "batch job").outcome.evidence == ("no answer",)
    assert certificate.outcome.status is Status.FAILED


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
def test_the_batch_job_answers_like_the_trainer(tmp_path, task):
    """In one chunk and in small ones, for every task."""
    made = Made(tmp_path, task=task, family="boosting")
    bundle = made.pack()
    plan = made.pipeline.plan
    rows = [*hard_rows(made.contract, plan, made.train), *plain_rows(made.train.head(5), plan)]
    batch = BatchPath(bundle.path, folder=tmp_path / "batch")
    certificate = certify(made.pipeline, bundle.path, rows=rows, server_url=None, batch=batch)
    assert result(certificate, "batch job").outcome.status is Status.PASSED
    assert result(certificate, "batch job").largest_difference == 0


def test_a_clean_process_that_fails_is_a_failed_way(made, bundle, rows):
    """What it says is in the evidence."""
    with pytest.raises(ServiceFailed, match="registered was"):
        CleanProcess(bundle.path, digest="sha256:" + "0" * 64).answer(rows)
    with pytest.raises(ServiceFailed, match="no answer in"):
        CleanProcess(bundle.path, digest=bundle.digest, seconds=0.001).answer(rows)


def test_a_server_that_is_not_there_is_a_failed_way(made, bundle, rows):
    """Nothing listens on port 9 of this machine."""
    with pytest.raises(ServiceFailed, match="did not answer"):
        ServerPath("http://127.0.0.1:9", version="v1", together=True).answer(rows)
    certificate = certify(made.pipeline, bundle.path, rows=rows, server_url="http://127.0.0.1:9", batch=None)
    assert result(certificate, "server single").outcome.status is Status.FAILED


def test_a_clean_process_without_the_bundle_says_so(capsys, tmp_path):
    """The exit code names the kind of fault."""
    assert main([str(tmp_path / "none.mwb"), ""]) == 7
    assert "there is no bundle" in capsys.readouterr().err


def test_answers_in_this_process_are_those_of_the_clean_one(made, bundle, rows):
    """The same function runs in both."""
    here = answer_all(load(bundle.path), rows)
    assert here.scores["columns"] == here.scores["one by one"] == here.scores["halves"]


def test_rows_of_mixed_kinds_lay_out_as_text_that_reads_back_the_same(made):
    """A code spelled in letters among numbers does not change the numbers."""
    plan = made.pipeline.plan
    mixed = table_of([{"age": 41.5}, {"age": "n/a"}, {"age": None}, {"age": 10**17}], plan)
    assert mixed["age"].to_list()[0] == "41.5"
    assert mixed.schema["job"] == pl.String
