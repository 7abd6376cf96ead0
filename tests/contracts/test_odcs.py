"""The Open Data Contract Standard: what it has words for, what it carries, and what it cannot say."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.data.tables import CALLS, contract_of

from modelwright.contracts.data import DataContract
from modelwright.contracts.exchange import adopt
from modelwright.contracts.odcs import to_odcs
from modelwright.contracts.odcs_reading import from_odcs
from modelwright.contracts.reading import check_contract
from modelwright.contracts.tree import read_tree
from modelwright.kernel.errors import ContractInvalid, UnknownName

TEXTS = st.text(alphabet=st.characters(codec="utf-8", exclude_categories=["C"]), max_size=12)
NUMBERS = st.integers(-1000, 1000) | st.floats(-1e6, 1e6)
WARN = st.lists(st.sampled_from(["nulls"]), max_size=1)


@st.composite
def columns(draw):
    """A column of any type, with limits that suit it."""
    kind = draw(st.sampled_from(["number", "integer", "boolean", "category", "text", "datetime"]))
    said = {"type": kind, "nulls": draw(st.booleans()), "reason": draw(TEXTS), "unit": draw(TEXTS)}
    said["role"] = draw(st.sampled_from(["feature", "context", "group"]))
    said["pii"] = draw(st.sampled_from(["none", "direct", "indirect", "sensitive"]))
    said["available_at"] = draw(st.sampled_from(["prediction", "after", "unknown"]))
    said["missing_codes"] = draw(st.lists(TEXTS | st.floats(-9999, 9999).map(float), max_size=2))
    said["keep_out"] = draw(st.booleans())
    if kind in {"number", "integer"}:
        ends = sorted(draw(st.lists(NUMBERS, min_size=2, max_size=2)))
        said["range"] = draw(st.sampled_from([None, ends, [ends[0], None], [None, ends[1]]]))
        said["warn"] = draw(st.lists(st.just("range"), max_size=1)) if said["range"] else []
    if kind in {"category", "text"}:
        said["categories"] = draw(st.none() | st.lists(TEXTS, min_size=1, max_size=3, unique=True))
        said["pattern"] = draw(st.sampled_from([None, "[A-Z]{2}", "a|b", "^x$", "(?:a)|(?:b)"]))
        said["ordered"] = draw(st.booleans())
    if kind == "datetime":
        said["freshness"] = draw(st.sampled_from(["", "1d", "12h"]))
    return said


NAMES = st.text(alphabet="abcdefgh ", min_size=1, max_size=6).map(lambda name: f"c{name}".strip())
LINES = st.lists(
    st.sampled_from(
        ["row_count >= 100", "row_count>7", "warn row_count < 9.5", "unique(age)", "warn unique(age, job)",
         "age > 3 implies job is not null", "mean(age) between 30 and 50", "null_share(age) < 5%"]
    ),
    unique=True,
    max_size=4,
)  # fmt: skip


@given(
    st.dictionaries(NAMES, columns(), max_size=4),
    LINES,
    st.sampled_from(["", "3h", "1h30m", "2w"]),
    st.sampled_from([(), ("age",), ("job", "age")]),
    TEXTS,
)
def test_reading_what_was_written_gives_an_equal_data_contract(extra, checks, freshness, key, grain):
    """What the standard has no words for stands in its custom properties."""
    contract = contract_of(
        {**CALLS, **extra}, checks=checks, freshness=freshness, primary_key=key, grain=grain, batch="7d"
    )
    exported = to_odcs(contract)
    promises = from_odcs(exported.text, name="calls.odcs.yaml")
    back = DataContract.model_validate(
        {**promises.data, "columns": promises.columns, "checks": promises.checks}
    )
    assert back == contract.data
    assert promises.lost == ()
    if not check_contract(contract):
        assert adopt(contract, promises) == contract


def test_the_standard_s_own_words_are_used_where_it_has_them():
    """A reader who knows nothing of ours understands the schema."""
    contract = contract_of(
        {
            **CALLS,
            "who": {"type": "text", "role": "entity", "nulls": False, "pii": "direct", "pattern": "p[0-9]"},
            "pay": {"type": "number", "range": [0, 10]},
            "kind": {"type": "category", "categories": ["a", "b"]},
        },
        primary_key=["who"],
        checks=["row_count >= 100", "warn unique(who, pay)"],
        freshness="3h",
        grain="one row per call",
        label={"delay": "7d"},
    )
    said = read_tree(to_odcs(contract).text, name="x")[0].value
    assert (said["apiVersion"], said["kind"], said["status"]) == ("v3.1.0", "DataContract", "active")
    (table,) = said["schema"]
    properties = {each["name"]: each for each in table["properties"]}
    assert table["dataGranularityDescription"] == "one row per call"
    assert properties["who"]["primaryKey"] is True
    assert properties["who"]["required"] is True
    assert properties["who"]["classification"] == "restricted"
    assert properties["who"]["logicalTypeOptions"] == {"pattern": "^(?:p[0-9])$"}
    assert properties["pay"]["logicalTypeOptions"] == {"minimum": 0, "maximum": 10}
    assert properties["kind"]["quality"][0]["arguments"] == {"validValues": ["a", "b"]}
    assert table["quality"][0] == {
        "type": "library",
        "metric": "rowCount",
        "mustBeGreaterOrEqualTo": 100,
        "severity": "error",
    }
    assert table["quality"][1]["severity"] == "warning"
    assert [(each["property"], each["value"], each["unit"]) for each in said["slaProperties"]] == [
        ("freshness", 3, "h"),
        ("latency", 7, "d"),
    ]


FOREIGN = """
apiVersion: v3.0.2
kind: DataContract
id: orders
version: 1.0.0
status: active
servers: []
slaProperties:
  - {property: freshness, value: 2, unit: days}
  - {property: retention, value: 3, unit: y}
customProperties: [{property: team, value: x}]
schema:
  - name: orders
    properties:
      - name: order id
        logicalType: string
        primaryKey: true
        unique: true
        required: true
        classification: restricted
        logicalTypeOptions: {minLength: 3, maxLength: 9, format: uuid}
      - name: amount
        logicalType: number
        logicalTypeOptions: {minimum: 0, exclusiveMaximum: 100}
        quality:
          - {rule: nullCheck, mustBeLessThan: 1, unit: percent}
          - {metric: duplicateValues, mustBeLessThan: 10, unit: rows, severity: warning}
          - {type: sql, query: "select 1", mustBe: 0, name: total}
      - name: age
        logicalType: integer
        logicalTypeOptions: {minimum: 0, exclusiveMinimum: true}
        quality: [{metric: nullValues, mustBe: 0, severity: warning}]
      - name: unit
        logicalType: string
        quality:
          - {metric: missingValues, arguments: {missingValues: [null, "", "n/a"]}, mustBeBetween: [0, 5]}
          - {metric: invalidValues, arguments: {validValues: [kg, lb]}, mustBe: 0}
          - {metric: invalidValues, arguments: {pattern: "^[a-z]+$"}, mustBe: 0, severity: info}
      - name: colour
        logicalType: string
        enum: [{value: red}, blue]
        partitioned: true
      - {name: tags, logicalType: array}
      - {name: day, logicalType: date}
    quality:
      - {metric: rowCount, mustNotBeBetween: [0, 10]}
      - {metric: duplicateValues, arguments: {properties: [order id, day]}, mustBe: 0}
      - {type: text, description: looks fine}
  - name: other
"""


def test_a_contract_of_others_becomes_promises_and_what_is_lost_is_told():
    """Every rule of the library that has a meaning here is taken over; nothing is guessed."""
    found = from_odcs(FOREIGN, name="orders.odcs.yaml")
    assert found.columns["order id"] == {"type": "text", "nulls": False}
    assert found.columns["amount"] == {"type": "number", "range": (0, None)}
    assert found.columns["age"] == {"type": "integer", "nulls": False, "warn": ("nulls",)}
    assert found.columns["unit"]["categories"] == ("kg", "lb")
    assert found.columns["unit"]["pattern"] == "[a-z]+"
    assert found.columns["unit"]["missing_codes"] == ("n/a",)
    assert found.columns["colour"] == {"type": "category", "categories": ("red", "blue")}
    assert found.columns["day"] == {"type": "datetime"}
    assert found.data == {"freshness": "2d", "primary_key": ["order id"]}
    assert found.checks == (
        "length(`order id`) >= 3",
        "length(`order id`) <= 9",
        "unique(`order id`)",
        "amount < 100",
        "null_share(amount) < 1%",
        "warn count(amount) - distinct(amount) < 10",
        "age > 0",
        "null_count(unit) between 0 and 5",
        "row_count not between 0 and 10",
        "unique(`order id`, day)",
    )
    assert set(found.lost) >= {
        "order id: classification restricted (set `pii` by hand)",
        "order id: logicalTypeOptions.format",
        "amount: quality rule total",
        "colour: partitioned",
        "tags: logicalType array",
        "quality rule looks fine",
        "schema object other",
        "slaProperties retention",
        "customProperties.team",
        "servers",
    }


def test_another_table_of_the_file_can_be_asked_for():
    """By name; the nearest is offered."""
    assert from_odcs(FOREIGN, name="orders.odcs.yaml", table="other").columns == {}
    with pytest.raises(UnknownName, match="did you mean 'other'"):
        from_odcs(FOREIGN, name="orders.odcs.yaml", table="othr")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("kind: DataContract\napiVersion: v2.2.2\n", "no contract of version 3"),
        ("schema: []\n", "no contract of version 3"),
        ("a: 1\na: 2\n", "cannot be read"),
        ("a: &b 1\n", "cannot be read"),
    ],
)
def test_what_is_no_contract_of_the_standard_is_refused(text, told):
    """In words, with what was found."""
    with pytest.raises(ContractInvalid, match=told):
        from_odcs(text, name="x.yaml")


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | TEXTS,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(
                    [
                        "name",
                        "properties",
                        "quality",
                        "logicalType",
                        "metric",
                        "arguments",
                        "mustBe",
                        "logicalTypeOptions",
                        "minimum",
                        "enum",
                        "customProperties",
                        "property",
                        "value",
                        "validValues",
                        "unit",
                    ]
                ),
                inner,
                max_size=5,
            )
        ),
        max_leaves=20,
    )
)
def test_no_value_in_a_wrong_place_makes_the_reader_fail(value):
    """A file of others is read without trusting its types."""
    from modelwright.contracts.odcs_reading import native_data

    assert native_data(
        {
            "schema": [{"name": "t", "properties": [value, {"name": "a", "quality": [value]}]}],
            "slaProperties": [value],
        }
    )
