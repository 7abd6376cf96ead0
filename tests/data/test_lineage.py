"""Lineage: every column back to its sources, as a record, a picture and OpenLineage events."""

from datetime import UTC, datetime
from uuid import UUID

import jsonschema
import polars as pl
import pytest
from tests.data.tables import contract_of
from tests.data.test_feature_reading import COLUMNS, PAID

from modelwright.data.lineage import Ancestor, lineage_of
from modelwright.data.lineage_picture import MOST_NAMES, draw
from modelwright.data.openlineage import events_of
from modelwright.features.derivation import derivations
from modelwright.features.plan import compile_plan
from modelwright.ledger.codec import decode, encode

SIGNAL = {
    "family": "payments",
    "columns": ["paid_count"],
    "why": "who pays often says yes",
    "leak": "a payment after the call",
}
STEPS = [
    {"make": "target_mean", "columns": ["paid_kind"], "hypothesis": "cards differ", "leak": "few rows"},
    {"make": "read", "columns": ["paid_amount"], "missing": "impute", "beyond": "clip"},
    {"make": "tfidf", "columns": ["paid_kind"], "size": 2, "keep": True},
]


@pytest.fixture(scope="module")
def lineage():
    """The lineage of a small model with joined and derived features."""
    contract = contract_of(
        COLUMNS, event_time="called_at", feature_tables=[{**PAID, "ttl": "9d"}], feature_steps=STEPS
    )
    decision = contract.decision.model_copy(
        update={
            "candidate_signals": (
                type(contract.decision)
                .model_validate({**contract.decision.model_dump(), "candidate_signals": [SIGNAL]})
                .candidate_signals
            )
        }
    )
    contract = contract.model_copy(update={"decision": decision})
    train = pl.DataFrame(
        {
            "paid_amount": [1.0, 2.0, 3.0, 4.0],
            "paid_kind": ["card", "cash", "card", "cash"],
            "paid_sum_amount_2d": [1.0, 2.0, 3.0, 4.0],
            "paid_count": [1, 2, 3, 4],
            "y": ["no", "yes", "no", "yes"],
        }
    )
    plan = compile_plan(train, contract)
    return lineage_of(
        contract,
        snapshot_digest="sha256:" + "5" * 64,
        source_digests={"calls.csv": "sha256:" + "1" * 64, "payments.csv": "sha256:" + "2" * 64},
        features=derivations(plan, contract),
    )


def of(lineage, name):
    """One matrix column."""
    (found,) = [feature for feature in lineage.features if feature.name == name]
    return found


def test_a_joined_feature_leads_to_its_table_its_keys_and_its_times(lineage):
    """What it is made of, and by what rows were matched."""
    assert lineage.trace("paid_sum_amount_2d") == (
        Ancestor(source="payments.csv", column="amount", relation="aggregation"),
        Ancestor(source="payments.csv", column="payer", relation="join"),
        Ancestor(source="payments.csv", column="at", relation="join"),
    )
    (column,) = [one for one in lineage.columns if one.name == "paid_amount"]
    assert column.how == "latest amount as of the row's time, at most 9d old"
    assert lineage.trace("nothing") == ()


def test_a_target_mean_leads_to_the_target(lineage):
    """Who looks for leaks sees which columns the target went into."""
    mean = of(lineage, "paid_kind.mean")
    assert [one.column for one in mean.inputs] == ["paid_kind", "y"]
    assert Ancestor(source="calls.csv", column="y") in lineage.trace("paid_kind.mean")


def test_hypotheses_come_from_steps_tables_and_the_decision(lineage):
    """What was said of a feature stands beside it; what nobody said is told as such."""
    assert (of(lineage, "paid_kind.mean").why, of(lineage, "paid_kind.mean").leak) == (
        "cards differ",
        "few rows",
    )
    assert of(lineage, "paid_count").why == "who pays often says yes"
    assert of(lineage, "paid_amount").why == ""
    assert "not stated" in lineage.document().to_markdown()


def test_a_lineage_survives_its_stored_form(lineage):
    """The record in the store is the record."""
    assert decode(encode(lineage), type(lineage)) == lineage


def test_the_picture_shows_names_as_text_and_only_as_many_as_can_be_read():
    """Names that look like markup stay names; the rest is counted."""
    names = [f"c{number}" for number in range(MOST_NAMES + 5)]
    picture = draw(("a", "b", "c"), (["<b>"], names, []), [(0, "<b>", "c0"), (0, "<b>", names[-1])])
    assert "<b>" not in picture
    assert picture.count("<path") == 1
    assert "and 5 more" in picture


# What the specification of OpenLineage 2-0-2 asks of a run event and of the facets that are told.
FACET = {
    "type": "object",
    "required": ["_producer", "_schemaURL"],
    "properties": {"_producer": {"format": "uri"}, "_schemaURL": {"format": "uri"}},
}
FIELD = {
    "type": "object",
    "required": ["namespace", "name", "field"],
    "properties": {
        "transformations": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["type"],
                "properties": {
                    "type": {"enum": ["DIRECT", "INDIRECT"]},
                    "subtype": {"enum": ["IDENTITY", "TRANSFORMATION", "AGGREGATION", "JOIN"]},
                    "description": {"type": "string"},
                    "masking": {"type": "boolean"},
                },
            },
        }
    },
}
DATASET = {
    "type": "object",
    "required": ["namespace", "name"],
    "properties": {
        "namespace": {"type": "string"},
        "name": {"type": "string"},
        "facets": {
            "type": "object",
            "additionalProperties": FACET,
            "properties": {
                "schema": {
                    **FACET,
                    "required": [*FACET["required"], "fields"],
                    "properties": {
                        **FACET["properties"],
                        "fields": {"type": "array", "items": {"type": "object", "required": ["name"]}},
                    },
                },
                "version": {**FACET, "required": [*FACET["required"], "datasetVersion"]},
                "columnLineage": {
                    **FACET,
                    "required": [*FACET["required"], "fields"],
                    "properties": {
                        **FACET["properties"],
                        "fields": {
                            "type": "object",
                            "additionalProperties": {
                                "type": "object",
                                "required": ["inputFields"],
                                "properties": {"inputFields": {"type": "array", "items": FIELD}},
                            },
                        },
                    },
                },
            },
        },
    },
}
RUN_EVENT = {
    "type": "object",
    "required": ["eventTime", "producer", "schemaURL", "run", "job"],
    "properties": {
        "eventType": {"enum": ["START", "RUNNING", "COMPLETE", "ABORT", "FAIL", "OTHER"]},
        "eventTime": {"type": "string", "pattern": r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$"},
        "producer": {"type": "string"},
        "schemaURL": {"type": "string"},
        "run": {"type": "object", "required": ["runId"]},
        "job": {"type": "object", "required": ["namespace", "name"]},
        "inputs": {"type": "array", "items": DATASET},
        "outputs": {"type": "array", "items": DATASET},
    },
}


def test_events_have_the_structure_of_the_specification(lineage):
    """Each run has one START and one COMPLETE; ids are the same whenever the same is told."""
    at = datetime(2026, 1, 1, tzinfo=UTC)
    events = events_of(lineage, at=at)
    for event in events:
        jsonschema.validate(event, RUN_EVENT)
        UUID(event["run"]["runId"])
    told = [(event["job"]["name"], event["eventType"]) for event in events]
    assert told == [
        (f"demo.{job}", kind) for job in ("snapshot", "features") for kind in ("START", "COMPLETE")
    ]
    again = events_of(lineage, at=datetime(2027, 1, 1, tzinfo=UTC))
    assert [event["run"] for event in again] == [event["run"] for event in events]


def test_events_lead_from_the_matrix_to_fields_of_the_sources(lineage):
    """The chain of the record is the chain of the events."""
    _, snapshot, _, matrix = events_of(lineage, at=datetime(2026, 1, 1, tzinfo=UTC))
    fields = matrix["outputs"][0]["facets"]["columnLineage"]["fields"]
    (start, *_) = fields["paid_count"]["inputFields"]
    assert (start["namespace"], start["name"], start["field"]) == (
        "modelwright",
        "demo.snapshot",
        "paid_count",
    )
    (table,) = snapshot["outputs"]
    behind = table["facets"]["columnLineage"]["fields"]["paid_count"]["inputFields"]
    assert {(one["namespace"], one["name"]) for one in behind} == {("file", "payments.csv")}
    assert {one["transformations"][0]["subtype"] for one in behind} == {"AGGREGATION", "JOIN"}


def test_sources_elsewhere_are_named_by_the_rules_of_the_specification():
    """Scheme and authority are the namespace, the rest is the name."""
    columns = {"a": {"type": "number"}, "y": {"type": "category", "role": "target"}}
    contract = contract_of(columns, sources=[{"url": "postgresql://reader@db:5432/models", "table": "calls"}])
    lineage = lineage_of(contract, snapshot_digest="sha256:5", source_digests={})
    (start, _) = events_of(lineage, at=datetime(2026, 1, 1, tzinfo=UTC))
    (source,) = start["inputs"]
    assert (source["namespace"], source["name"]) == ("postgresql://db:5432", "models.calls")
