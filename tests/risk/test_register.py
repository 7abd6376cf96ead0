"""The register: order, categories, questions, decisions, and quiet on clean tables."""

import time
from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from tests.risk.views import clean_table, codes, view_of

from modelwright.contracts.data import Column, SplitPolicy
from modelwright.kernel.errors import UnknownName, UserFault
from modelwright.kernel.finding import Severity
from modelwright.ledger.codec import decode, encode
from modelwright.risk.catalogue import RISK_CHECKS
from modelwright.risk.check import CATEGORIES, QUALITY
from modelwright.risk.register import (
    RiskDecision,
    RiskList,
    assess,
    blocks,
    settle,
    standing,
    waiver_digest,
)


def leaky(rows=600):
    """A clean table with a copy of the target, a row number and a constant."""
    return clean_table(rows).with_columns(
        alive=pl.col("y") == "yes", instant=pl.Series(range(rows)), same=pl.lit(1)
    )


@pytest.mark.parametrize("task", ["binary", "multiclass", "regression"])
@pytest.mark.parametrize("seed", range(6))
def test_clean_tables_raise_nothing_that_blocks(task, seed):
    """False alarms cost trust: no high or critical finding on a table with nothing wrong."""
    risks = assess(view_of(clean_table(800, seed=seed, task=task), task=task, seed=seed))
    assert [risk.id for risk in risks.risks if risk.finding.severity.rank >= Severity.HIGH.rank] == []


def test_every_check_is_what_the_catalogue_says():
    """Codes are the names, every category is one of the six, and every class documents itself."""
    for name in RISK_CHECKS.names():
        check = RISK_CHECKS.get(name)
        assert check().code == name
        assert check.category in {*CATEGORIES, QUALITY}
        assert check.__doc__


def test_risks_come_most_severe_first_and_questions_carry_their_risk():
    """The list reads from what blocks to what is good to know."""
    risks = assess(view_of(leaky()))
    ranks = [risk.finding.severity.rank for risk in risks.risks]
    assert ranks == sorted(ranks, reverse=True)
    assert risks.worst() is Severity.CRITICAL
    assert {"TARGET-COPY", "ROW-NUMBER", "CONSTANT"} <= codes(view_of(leaky()))
    assert all(question.split(": ")[0] in {risk.id for risk in risks.risks} for question in risks.questions)
    assert risks.checks == RISK_CHECKS.names()


def test_the_document_shows_five_categories_and_data_quality_apart():
    """Empty categories are shown as looked at."""
    risks = assess(view_of(leaky()))
    text = risks.document().to_markdown()
    places = [text.index(f"## {name.capitalize()}") for name in (*CATEGORIES, QUALITY)]
    assert places == sorted(places)
    assert tuple(risks.by_category()) == (*CATEGORIES, QUALITY)
    assert RiskList(risks=(), questions=()).worst() is None
    assert "No risk was found." in RiskList(risks=(), questions=()).document().to_html()


def test_the_same_view_gives_the_same_list():
    """Assessing twice gives equal bytes."""
    first, second = (encode(assess(view_of(leaky()))) for _ in range(2))
    assert first == second
    assert encode(decode(first, RiskList)) == first


def test_decisions_exclude_block_and_leave_open():
    """A modified copy leaves the features; an undecided row number stays open."""
    risks = assess(view_of(leaky()))
    agreed = RiskDecision(risk="TARGET-COPY:alive", action="modify", reason="it is the target")
    settlement = settle(risks, [agreed])
    assert settlement.excluded == ("alive",)
    assert "ROW-NUMBER:instant" in settlement.open
    assert not settlement.settled
    blocking = settle(
        risks, [agreed, RiskDecision(risk="ROW-NUMBER:instant", action="block", reason="ask first")]
    )
    assert blocking.blocked == ("ROW-NUMBER:instant",)
    rest = [RiskDecision(risk=risk.id, action="accept", reason="fine") for risk in risks.risks]
    assert not settle(risks, rest).settled
    assert "TARGET-COPY:alive" in settle(risks, rest).unwaived
    assert settle(risks, rest, waived=[risk.id for risk in risks.risks]).settled


def test_what_blocks_and_is_accepted_takes_a_waiver_unless_its_column_is_gone():
    """A leak that another answer takes out stands no more; a change that changes nothing is none."""
    risks = assess(view_of(leaky()))
    answers = {risk.id: "accept" for risk in risks.risks}
    assert {risk.id for risk in standing(risks, answers)} == {risk.id for risk in risks.risks if blocks(risk)}
    answers["ROW-NUMBER:instant"] = "modify"
    left = {risk.id for risk in standing(risks, answers)}
    assert "IDENTIFIER:instant" not in left
    assert "TARGET-COPY:alive" in left
    idle = RiskList(risks=tuple(replace(risk, change="") for risk in risks.risks), questions=())
    assert standing(idle, {risk.id: "modify" for risk in idle.risks})
    assert standing(risks, {}) == ()


def test_a_waiver_is_bound_to_everything_that_was_found():
    """Other evidence is another finding."""
    (risk, *_) = assess(view_of(leaky())).risks
    other = replace(risk, finding=replace(risk.finding, evidence=("something else",)))
    assert waiver_digest(risk) != waiver_digest(other)


def test_the_last_word_on_a_risk_counts():
    """Corrections are appended."""
    risks = assess(view_of(leaky()))
    words = [
        RiskDecision(risk="TARGET-COPY:alive", action=action, reason="so") for action in ("block", "modify")
    ]
    assert settle(risks, words).blocked == ()
    assert settle(risks, words).excluded == ("alive",)


def test_changes_beyond_columns_are_listed():
    """Dropping duplicates is for a later phase to carry out."""
    frame = clean_table(300)
    risks = assess(view_of(pl.concat([frame, frame])))
    settlement = settle(risks, [RiskDecision(risk="DUPLICATE", action="modify", reason="delivered twice")])
    assert settlement.changes == ("set data.duplicates to drop",)
    assert settlement.excluded == ()


def test_a_decision_needs_a_known_risk_and_a_reason():
    """Both faults are named."""
    risks = assess(view_of(leaky()))
    with pytest.raises(UnknownName, match="TARGET-COPY:alive"):
        settle(risks, [RiskDecision(risk="TARGET-COPY:alife", action="accept", reason="ok")])
    with pytest.raises(UserFault, match="no reason"):
        settle(risks, [RiskDecision(risk="TARGET-COPY:alive", action="accept", reason=" ")])


def test_a_table_of_twenty_rows_is_assessed_without_a_crash():
    """Small, missing, constant, and with odd names: still an answer."""
    frame = pl.DataFrame(
        {
            "count": [None, 1] * 10,
            "name": ["a", None] * 10,
            "none": pl.Series([None] * 20, dtype=pl.String),
            "flag": [True, False] * 10,
            "huge": [1e300, -1e300] * 10,
            "y": ["yes", "no", "no", "no"] * 5,
        }
    )
    assert assess(view_of(frame)).risks


def test_no_features_at_all_is_an_answer():
    """Only a target is left when everything else is excluded."""
    columns = {
        name: Column(type="number", role="excluded", reason="no")
        for name in clean_table().columns
        if name != "y"
    }
    assert assess(view_of(clean_table(), columns=columns)).risks


@pytest.mark.parametrize("policy", ["temporal", "group"])
def test_other_splits_are_assessed(policy):
    """Temporal by rows and group splits run through every check."""
    frame = clean_table().with_columns(shop=pl.Series(np.arange(600) % 6))
    split = SplitPolicy(policy=policy, group="shop" if policy == "group" else None, order="rows")
    assert assess(view_of(frame, split=split)).checks


def test_the_suite_is_no_matter_of_minutes():
    """Forty-one thousand rows by twenty-one columns take about two seconds of processor time."""
    chance = np.random.default_rng(0)
    data = {f"x{n}": chance.normal(size=41_000) for n in range(10)}
    data |= {f"k{n}": chance.choice(["a", "b", "c", "d"], size=41_000) for n in range(10)}
    view = view_of(pl.DataFrame(data | {"y": chance.choice(["yes", "no"], size=41_000)}))
    started = time.process_time()
    assess(view)
    assert time.process_time() - started < 20


def test_every_check_has_a_page_that_opens_with_its_code(pytestconfig):
    """The code of a finding names the page that explains it."""
    for name in RISK_CHECKS.names():
        page = pytestconfig.rootpath / "docs" / "risks" / f"{name.lower()}.md"
        assert page.read_text(encoding="utf-8").startswith(f"# {name}\n")
