"""Checks in a contract: each fault with its line, the nearest name, and all of them at once."""

import pytest
from tests.contracts.calls import CALLS

from modelwright.contracts.reading import parse_contract
from modelwright.kernel.errors import ContractInvalid

DATA = """
name: calls
decision:
  goal: Call the clients who are likely to subscribe first
  owner: campaign lead
  action: order of the call list
  success_metric: {name: subscriptions per call}
  mistakes: {wrong_yes: 1, wrong_no: 8, unit: EUR}
prediction: {task: binary, target: subscribed, positive: yes}
evaluation: {primary: roc_auc}
gates:
  lines: [roc_auc >= 0.75, expected_cost < baseline]
data:
  sources: [{path: calls.csv}]
%s
  columns:
    subscribed: {type: category, role: target}
    age: {type: integer, range: [18, 100]}
    day: {type: datetime}
    job: {type: category}
    old: {type: text, role: excluded, reason: not needed}
%s
"""


def faults(data="", columns=""):
    """Line and text of each fault of a contract."""
    with pytest.raises(ContractInvalid) as caught:
        parse_contract(DATA % (data, columns), name="contract.yaml")
    return [str(fault) for fault in caught.value.faults]


def test_checks_that_fit_are_part_of_the_contract():
    """In their own words and order."""
    lines = '  checks: ["age >= 18", warn mean(age) > 30, "unique(job, day)"]'
    contract = parse_contract(DATA % (lines, ""))
    assert contract.data.checks == ("age >= 18", "warn mean(age) > 30", "unique(job, day)")


def test_every_check_with_a_fault_is_told_with_its_line():
    """All at once, each with what to do."""
    told = faults(
        """  checks:
    - "age >= 18 adn age < 100"
    - agee > 3
    - old = "x"
    - ""
    - mean(job) > 3
    - job is null
    - job is null
    - refers(job, "jobs.name")"""
    )
    assert [line.partition(": ")[0] for line in told] == [
        f"contract.yaml:{n}" for n in (16, 17, 18, 19, 20, 22, 23)
    ]
    assert "did you mean 'and'?" in told[0]
    assert "did you mean 'age'?" in told[1]
    assert "excluded and never read" in told[2]
    assert "the check is empty" in told[3]
    assert "'job' is a text, not a number" in told[4]
    assert "stands twice" in told[5]
    assert "add `jobs:` under data.references" in told[6]


@pytest.mark.parametrize(
    ("data", "columns", "told"),
    [
        ("  batch: dya", "", "'dya' is neither a column nor a duration; did you mean 'day'?"),
        ("  batch: 1d", "", "a batch of a length of time needs the time of the event"),
        ("  feature_time: dya", "", "feature_time names 'dya', which is not a column; did you mean 'day'?"),
        ("  feature_time: old", "", "feature_time names 'old', which is excluded and never read"),
        ("  references: {jobs: {url: 'sqlite:///a.db', table: t}}", "", "reference 'jobs' names no file"),
        ("", '    code: {type: text, pattern: "("}', "the pattern of 'code' cannot be used"),
        ("", '    code: {type: integer, pattern: "a"}', "'code' is integer and has a pattern"),
        ("", "    code: {type: text, freshness: 1d}", "'code' is text and has a freshness"),
        ("", "    code: {type: datetime, freshness: soon}", "'soon' is not a duration; write it as 30m"),
        (
            "",
            "    code: {type: text, warn: [nulls]}",
            "warns of nulls and promises nothing about it; write `nulls: false`",
        ),
        (
            "",
            "    code: {type: text, warn: [range]}",
            "warns of range and promises nothing about it; write `range:`",
        ),
        ("", "    code: {type: text, warn: [rnge]}", "is not one of nulls, range"),
    ],
)
def test_a_promise_that_cannot_be_kept_is_a_fault(data, columns, told):
    """Patterns, freshness, warnings, batches and references say what they can mean."""
    (fault,) = faults(data, columns)
    assert told in fault


def test_promises_that_fit_are_accepted():
    """A contract may use all of them."""
    data = """  batch: 1d
  event_time: day
  feature_time: day
  references: {jobs: {path: jobs.csv}}
  checks: ['refers(job, "jobs.name")']"""
    columns = """    code: {type: text, nulls: false, pattern: "[A-Z]{2}", warn: [nulls, pattern]}
    seen: {type: datetime, freshness: 12h, warn: [freshness]}"""
    contract = parse_contract(DATA % (data, columns))
    assert contract.data.columns["code"].warn == ("nulls", "pattern")
    assert contract.data.columns["seen"].freshness == "12h"


def test_a_contract_without_new_promises_keeps_its_digest():
    """What is not said is no part of the digest: frozen contracts stay frozen."""
    dumped = parse_contract(CALLS).model_dump(mode="json")["data"]
    assert not {"checks", "batch", "references", "feature_time"} & set(dumped)
    assert not any({"pattern", "freshness", "warn"} & set(column) for column in dumped["columns"].values())
