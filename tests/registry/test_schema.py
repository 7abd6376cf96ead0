"""Request schemas: what they accept the server accepts."""

import json

from jsonschema import Draft202012Validator
from tests.registry.bundles import ROW

from modelwright.registry.archive import read_archive
from modelwright.registry.hard_rows import hard_rows
from modelwright.registry.schema import accepted_columns, request_schema


def test_the_schema_in_the_bundle_accepts_rows_that_fit_and_no_others(bundle):
    """Missing, unknown, mistyped and out of range."""
    schema = json.loads(read_archive(bundle.path.read_bytes())["request.schema.json"])
    Draft202012Validator.check_schema(schema)
    check = Draft202012Validator(schema)
    assert check.is_valid(ROW)
    assert check.is_valid({**ROW, "gap": 999, "job": None, "client": "c1", "region": "north"})
    for bad in (
        {"age": 200},
        {"gap": 1.5},
        {"channel": "fax"},
        {"member": None},
        {"ended": 1.0},
        {"y": "no"},
    ):
        assert not check.is_valid({**ROW, **bad}), bad
    assert not check.is_valid({name: value for name, value in ROW.items() if name != "age"})


def test_the_schema_accepts_every_hard_row(made):
    """Clients may check before they ask."""
    check = Draft202012Validator(request_schema(made.contract, made.pipeline.plan))
    for row in hard_rows(made.contract, made.pipeline.plan, made.train):
        assert check.is_valid(row), row


def test_what_is_known_only_afterwards_is_not_accepted(made):
    """Nor is the target, nor what is excluded."""
    assert set(accepted_columns(made.contract)) == {
        "client",
        "region",
        "age",
        "gap",
        "job",
        "channel",
        "member",
        "since",
    }
