"""The JSON Schema that ships: valid, current, and of one mind with the reader."""

import json

import jsonschema
import pytest
from tests.contracts.calls import CALLS

from modelwright.contracts.reading import parse_contract
from modelwright.contracts.schema import json_schema, make_schema, schema_text, write_schema


def test_the_shipped_schema_is_the_one_the_records_make():
    """Whoever changes a field writes the file again.

    `python -c "import json, modelwright.contracts.schema as s; print(json.dumps(s.make_schema(), indent=2))"`
    """
    assert json.loads(schema_text()) == make_schema()


def test_every_field_is_explained_in_its_own_words():
    """What editors show, and what a rendered contract says above the key."""
    schema = json_schema()
    silent = [
        f"{title}.{name}"
        for title, part in [("Contract", schema), *schema["$defs"].items()]
        for name, field in part["properties"].items()
        if not field.get("description", "").endswith((".", "`"))
    ]
    assert silent == []
    assert ">>>" not in schema_text()


def test_the_schema_is_a_schema_of_draft_2020_12():
    """Editors refuse to work with less."""
    jsonschema.Draft202012Validator.check_schema(json_schema())
    assert json_schema()["$schema"] == "https://json-schema.org/draft/2020-12/schema"


def test_the_schema_takes_what_the_reader_takes():
    """A contract in order is in order for both."""
    values = parse_contract(CALLS).model_dump(mode="json")
    jsonschema.Draft202012Validator(json_schema()).validate(values)


@pytest.mark.parametrize(
    ("path", "value"),
    [(("decision", "gaol"), "x"), (("mode",), "quik"), (("evaluation", "looks"), 0), (("name",), "Calls!")],
)
def test_the_schema_refuses_what_the_reader_refuses(path, value):
    """Unknown keys, wrong choices, numbers out of range, wrong names."""
    values = parse_contract(CALLS).model_dump(mode="json")
    place = values
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    assert not jsonschema.Draft202012Validator(json_schema()).is_valid(values)


def test_the_schema_is_written_where_it_is_asked_for(tmp_path):
    """Folders are made on the way."""
    target = tmp_path / "deep" / "contract.schema.json"
    write_schema(target)
    assert json.loads(target.read_text(encoding="utf-8"))["title"] == "Contract"
