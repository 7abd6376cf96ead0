"""The contract in other tools' words, through the service: exported, and taken over on demand."""

import json

import pytest
from tests.workflow.projects import calls, drafted

from modelwright.kernel.errors import ContractInvalid, UnknownName
from modelwright.workflow.contract_desk import format_of

SUITE = {
    "expectations": [
        {
            "type": "expect_column_values_to_be_between",
            "kwargs": {"column": "age", "min_value": 18, "max_value": 99},
        },
        {"type": "expect_table_row_count_to_be_between", "kwargs": {"min_value": 10}},
        {"type": "expect_column_to_be_nice", "kwargs": {"column": "age"}},
    ]
}


@pytest.fixture
def service(tmp_path):
    """A project with a drafted contract."""
    return drafted(tmp_path / "calls")


@pytest.fixture
def suite(tmp_path):
    """A suite of expectations in a file."""
    path = tmp_path / "suite.json"
    path.write_text(json.dumps(SUITE))
    return path


@pytest.mark.parametrize("words", ["odcs", "pandera"])
def test_what_was_exported_changes_nothing_when_it_is_imported(service, tmp_path, words):
    """Both say the same of the table."""
    file = tmp_path / "out.yaml"
    made = service.contracts.export(words, out=file)
    assert file.read_text() == made.text
    assert "gates" in made.lost
    found = service.contracts.import_from(file)
    assert (found.format, found.changes, found.written) == (words, (), False)


def test_an_import_shows_what_it_would_change_and_writes_on_demand(service, suite):
    """A line each; what has no place is told."""
    before = service.check().digest
    shown = service.contracts.import_from(suite)
    assert shown.format == "great-expectations"
    assert shown.changes == (
        'data.checks: nothing -> ["row_count >= 10"]',
        "data.columns.age.range: [0.0,null] -> [18.0,99.0]",
    )
    assert shown.lost == ("expect_column_to_be_nice (age)",)
    assert service.check().digest == before
    written = service.contracts.import_from(suite, write=True)
    assert (written.written, written.frozen) == (True, False)
    assert service.check().contract.data.columns["age"].range == (18, 99)
    assert service.contracts.import_from(suite, write=True).written is False


def test_an_import_that_does_not_fit_is_refused(service, tmp_path):
    """And nothing is written."""
    text = service.ports.project.contract_file.read_text()
    wrong = tmp_path / "s.json"
    wrong.write_text(
        json.dumps(
            {
                "expectations": [
                    {"type": "expect_column_mean_to_be_between", "kwargs": {"column": "job", "min_value": 3}}
                ]
            }
        )
    )
    with pytest.raises(ContractInvalid, match="'job' is a text, not a number"):
        service.contracts.import_from(wrong, write=True)
    assert service.ports.project.contract_file.read_text() == text


def test_unknown_formats_are_refused_with_the_nearest_name(service, suite):
    """On the way out, on the way in, and where the file gives no sign."""
    with pytest.raises(UnknownName, match="did you mean 'pandera'"):
        service.contracts.export("pandra")
    with pytest.raises(UnknownName, match="did you mean 'odcs'"):
        service.contracts.import_from(suite, format="odc")
    with pytest.raises(UnknownName, match="great-expectations"):
        format_of("a: 1")


def test_a_table_is_profiled_without_a_contract(service, tmp_path):
    """And its page is written where it is asked for."""
    calls(60).write_csv(tmp_path / "a.csv")
    seen = service.profile(tmp_path / "a.csv", target="bought", page=tmp_path / "page.html")
    assert (seen.rows, seen.column("bought").suspected_role) == (60, "target")
    assert "<h1>Data profile</h1>" in (tmp_path / "page.html").read_text()
    with pytest.raises(UnknownName, match="did you mean 'bought'"):
        service.profile(tmp_path / "a.csv", target="bougt")
