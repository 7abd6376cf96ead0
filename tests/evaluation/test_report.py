"""The report on paper: an owner understands it, a statistician can check it, and it is one page."""

import re
from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from tests.evaluation.samples import COSTS, TARGETS, binary, contract_of, drawn, frame_of

from modelwright.evaluation.evaluate import evaluate
from modelwright.evaluation.threshold import choose_rule
from modelwright.kernel.document import Callout, Figure, Table
from modelwright.training.pipeline import DecisionRule


@cache
def page_of(task="binary"):
    """The document of one full report; drawing it once is enough."""
    return report_of(task).document(importance={"age": 0.7, "job": 0.3})


def report_of(task="binary", *, rows=800, part="test", **rest):
    """A full report with a chosen threshold, slices and a rival."""
    rng = np.random.default_rng(1)
    y, scores = drawn(task, rng, rows)
    contract = contract_of(task, slices=("job", "age"), min_slice_rows=100)
    choice = None
    if task == "binary":
        choice = choose_rule(
            *binary(rng), target=TARGETS[task], mistakes=COSTS, part="validation", resamples=50
        )
    return evaluate(
        y,
        scores,
        frame=frame_of(rng, rows),
        target=TARGETS[task],
        contract=contract,
        rule=choice.rule if choice else DecisionRule(),
        threshold=choice,
        seed=1,
        part=part,
        run_id="run-7",
        pipeline_digest="sha256:" + "ab" * 32,
        snapshot_digest="sha256:" + "cd" * 32,
        looks_used=1,
        **rest,
    )


def figures(document):
    """The pictures of a document."""
    return [block for block in document.blocks if isinstance(block, Figure)]


def test_the_first_line_says_what_the_model_is_worth_and_what_it_saves():
    """Quality with its interval, the distance to the prior, and the cost with and without a model."""
    first = page_of().blocks[0]
    assert isinstance(first, Callout)
    assert first.tone == "note"
    assert re.match(
        r"roc_auc 0\.\d+ \[0\.\d+, 0\.\d+\] on 800 sealed test rows; 0\.\d+ higher than prior", first.text
    )
    assert re.search(
        r"1,000 decisions cost [\d.]+ EUR with the model and [\d.,]+ EUR without any", first.text
    )


def test_a_model_that_loses_to_its_champion_is_not_announced_as_good():
    """The colour of the first line is that of the worst comparison."""
    rng = np.random.default_rng(1)
    _, scores = drawn("binary", rng, 800)
    better = np.clip(scores[:, 1] * 1.0, 0, 1)
    report = report_of(others={"champion": np.column_stack([1 - better, better])})
    assert report.document().blocks[0].tone == "unknown"


def test_a_model_whose_worth_could_not_be_told_says_so():
    """No value, no praise."""
    report = report_of()
    bare = replace(report, estimates=tuple(replace(found, value=None) for found in report.estimates))
    first = bare.document().blocks[0]
    assert (first.tone, "could not be told" in first.text) == ("unknown", True)


@pytest.mark.parametrize(
    ("task", "titles"),
    [
        (
            "binary",
            [
                "What 1,000 decisions cost",
                "Promised and observed",
                "ROC",
                "Precision",
                "by job",
                "by age",
                "looks at",
            ],
        ),
        ("multiclass", ["Promised and observed", "by job", "by age", "looks at"]),
        (
            "regression",
            ["predicted against actual", "Predicted minus actual", "by job", "by age", "looks at"],
        ),
    ],
)
def test_each_task_has_its_pictures_with_words_below(task, titles):
    """In the order in which they are asked for; each caption says what the picture shows."""
    drawn_figures = figures(page_of(task))
    assert len(drawn_figures) == len(titles)
    for figure, title in zip(drawn_figures, titles, strict=True):
        assert title in figure.svg
        assert figure.svg.startswith("<svg role='img'")
        assert figure.svg.rstrip().endswith("</svg>")
        assert len(figure.caption) > 20


def test_the_cost_section_names_the_chosen_threshold_and_who_pays():
    """The picture marks it, the words explain it."""
    report = report_of()
    page = page_of().to_html()
    assert f"chosen {report.rule_threshold:.3g}" in page
    assert "The campaign budget pays." in page
    assert "missing a yes" in page


def test_the_page_can_be_checked_and_makes_no_outside_request():
    """Level, resamples, seed, digests and looks stand on it."""
    page = page_of().to_html()
    for told in (
        "percentile bootstrap over rows, 200 resamples, seed 1",
        "run-7",
        "abababababab",
        "1 so far",
    ):
        assert told in page
    assert not re.search(r"(?:src|href)=['\"]https?:", page)
    assert "<script" not in page


def test_the_same_report_makes_the_same_page():
    """Pictures included: a page can be compared byte by byte."""
    again = report_of("regression").document(importance={"age": 0.7, "job": 0.3})
    assert again.to_html() == page_of("regression").to_html()


def test_markdown_holds_the_same_tables():
    """For a pull request; figures appear as their captions."""
    text = page_of("regression").to_markdown()
    assert "| rmse |" in text
    assert "*Figure:" in text


def test_of_many_classes_the_commonest_confusions_are_listed():
    """A table of 26 by 26 is no table."""
    classes = tuple("abcdefghijkl")
    confusion = tuple(tuple(3 if a == b else (2 if b == a + 1 else 0) for b in range(12)) for a in range(12))
    report = replace(report_of("multiclass"), classes=classes, confusion=confusion)
    tables = [block for block in report.document().blocks if isinstance(block, Table)]
    (listed,) = [table for table in tables if table.columns[0] == "is"]
    assert listed.rows[0] == ("a", "b", "2", "40.0 %")


def test_rows_left_to_a_person_are_counted_in_words():
    """They are in no cell of the matrix."""
    rng = np.random.default_rng(1)
    y, scores = binary(rng, 300)
    report = evaluate(
        y,
        scores,
        frame=frame_of(rng, 300),
        target=TARGETS["binary"],
        contract=contract_of(),
        rule=DecisionRule(threshold=0.5, abstain=(0.3, 0.7)),
        seed=1,
        part="validation",
    )
    assert report.abstained == int(((scores[:, 1] >= 0.3) & (scores[:, 1] < 0.7)).sum())
    assert f"{report.abstained:,} rows were left to a person" in report.document().to_markdown()
    assert report.document().title == "Evaluation on the validation part"
