"""Declared features: tables and steps are read, written back, and held against the rest of the contract."""

import pytest
from tests.contracts.calls import CALLS, spoiled

from modelwright.contracts.reading import parse_contract
from modelwright.contracts.writing import render_contract
from modelwright.kernel.errors import ContractInvalid

TABLES = """\
  event_time: called_at
  feature_tables:
    - name: paid
      source: {path: payments.parquet}
      entity: [client]
      event_time: at
      created_time: written
      columns: [amount]
      aggregates:
        - {function: sum, column: amount, window: 30d}
        - {function: recency}
      ttl: 90d
      delay: 1d
  feature_steps:
    - {make: one_hot, columns: [job], hypothesis: jobs differ, leak: none}
    - {make: custom, columns: [age, paid_amount], name: burden, function: "signals:burden"}
    - {make: read, columns: [age], missing: impute, beyond: clip}
  columns:
    client: {type: category, role: entity}
    called_at: {type: datetime, role: time}
    ended_at: {type: datetime, available_at: after}
    paid_amount: {type: number}
    paid_sum_amount_30d: {type: number}
    paid_recency: {type: number}
"""


def declared(*changes):
    """The calls contract with features declared, some lines written otherwise."""
    text = spoiled(("  columns:\n", TABLES))
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after, 1)
    return text


def test_declared_features_are_read_and_written_back():
    """What is written reads as the same contract, features and all."""
    contract = parse_contract(declared())
    assert contract.data.feature_tables[0].outputs == ("paid_amount", "paid_sum_amount_30d", "paid_recency")
    assert contract.data.feature_tables[0].keys == ("client",)
    assert parse_contract(render_contract(contract)) == contract


def test_a_contract_without_features_keeps_its_digest():
    """What is not declared is not in the digest: contracts from before are the same contracts."""
    plain = parse_contract(CALLS)
    stored = plain.model_dump(mode="json")
    assert "feature_tables" not in stored["data"]
    assert "feature_steps" not in stored["data"]
    assert parse_contract(declared()).digest != plain.digest


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ((" event_time: called_at", " grain: calls"), "the rows have none"),
        (("paid_recency: {type", "paid_recent: {type"), "paid_recency is not in data.columns"),
        (("paid_recency: {type: number", "paid_recency: {type: number, role: weight"), "is no weight"),
        (("entity: [client]", "entity: [clinet]"), "did you mean 'client'"),
        (("entity: [client]", "entity: [client]\n      on: [client, job]"), "2 columns for 1 keys"),
        (("entity: [client]", "entity: [y]"), "'y' is target"),
        (("ttl: 90d", "ttl: 9 moons"), "not a duration"),
        (("ttl: 90d", "ttl: 0s"), "holds no row"),
        (("ttl: 90d", "ttl: 1h"), "shorter than delay"),
        (("{function: recency}", "{function: recency, column: amount}"), "of rows, not of a column"),
        (("{function: recency}", "{function: frequency, name: paid_recency}"), "endless past"),
        (("{function: recency}", "{function: mean, name: paid_recency}"), "mean of nothing"),
        (("{function: recency}", "{function: count, name: paid_amount}"), "paid_amount is made twice"),
        (("source: {path: payments.parquet}", "source: {path: 'ftp://x/y'}"), "no object store"),
        (("make: one_hot, columns: [job]", "make: one_hot, columns: [jbo]"), "did you mean 'job'"),
        (("make: one_hot, columns: [job]", "make: cyclical, columns: [job]"), "cannot read 'job'"),
        (("make: one_hot, columns: [job]", "make: one_hot, columns: [phone]"), "has the role context"),
        (("make: one_hot, columns: [job]", "make: cyclical, columns: [ended_at]"), "known too late"),
        (("make: one_hot, columns: [job]", "make: elapsed, columns: [ended_at], name: e"), "1 dates for one"),
        (("make: one_hot, columns: [job]", "make: elapsed, columns: [ended_at, ended_at]"), "has no name"),
        (("signals:burden", "signals.burden"), "names no function"),
        (('function: "signals:burden"', "leak: x"), "no function is named"),
        (("name: burden", "name: age"), "called age is there already"),
        (("make: one_hot, columns: [job]", "make: read, columns: [age]"), "two steps say how 'age'"),
    ],
)
def test_features_that_do_not_fit_are_named(change, told):
    """Each slip is told with its place and a cure."""
    with pytest.raises(ContractInvalid) as raised:
        parse_contract(declared(change))
    assert told in str(raised.value)


def test_two_tables_of_one_name_are_refused():
    """Made columns would stand twice."""
    second = "    - {name: paid, source: {path: b.csv}, entity: [client], event_time: at}\n  feature_steps:"
    with pytest.raises(ContractInvalid) as raised:
        parse_contract(declared(("  feature_steps:", second)))
    assert "two tables are called paid" in str(raised.value)
    assert "nothing is made of paid" in str(raised.value)
