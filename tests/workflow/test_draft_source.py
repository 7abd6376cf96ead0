"""Drafting from what a source may be: a folder, a pattern, a database; all ask and draft the same."""

import sqlite3

import pytest
from tests.workflow.projects import calls, service_in

from modelwright.contracts.reading import read_contract
from modelwright.kernel.errors import DataInvalid, UserFault
from modelwright.workflow.draft_source import place_of


@pytest.fixture
def service(tmp_path):
    """An empty project, with the same calls as a file, a folder and a database."""
    root = tmp_path / "calls"
    (root / "parts").mkdir(parents=True)
    table = calls(rows=200)
    table.write_csv(root / "calls.csv")
    table.head(120).write_csv(root / "parts" / "a.csv")
    table.tail(80).write_csv(root / "parts" / "b.csv")
    with sqlite3.connect(root / "calls.db") as base:
        base.execute(f"CREATE TABLE calls ({', '.join(table.columns)})")
        marks = ", ".join("?" * table.width)
        base.executemany(f"INSERT INTO calls VALUES ({marks})", table.rows())
    base.close()
    return service_in(root)


def test_every_kind_of_source_asks_the_same_and_drafts_the_same(service):
    """Only where the rows come from differs."""
    root = service.ports.project.root
    places = {
        "calls.csv": place_of(str(root / "calls.csv")),
        "parts": place_of(str(root / "parts")),
        "parts/*.csv": place_of(str(root / "parts" / "*.csv")),
        "sqlite:///calls.db": place_of("sqlite:///calls.db", table="calls"),
        "sqlite:///calls.db ": place_of("sqlite:///calls.db", query="SELECT * FROM calls"),
    }
    target = calls(rows=1).columns[-1]
    asked = {name: service.questions(place, target=target) for name, place in places.items()}
    columns = []
    for name, place in places.items():
        service.init("calls", data=place, target=target, force=True)
        data = read_contract(service.ports.project.contract_file).data
        (source,) = data.sources
        assert (source.url or source.path) == name.strip()
        assert (source.table, source.query) == (place.table, place.query)
        columns.append({key: (column.type, column.role) for key, column in data.columns.items()})
        assert [question.key for question in asked[name]] == [item.key for item in asked["calls.csv"]]
        assert service.check()
    assert all(found == columns[0] for found in columns)


@pytest.mark.parametrize(
    ("data", "more", "told"),
    [
        ("sqlite:///calls.db", {}, "none is named"),
        ("sqlite:///calls.db", {"query": "DELETE FROM calls"}, "is not a query that reads"),
        ("oracle://db/calls", {"table": "calls"}, "names no database that can be read"),
        ("calls.csv", {"table": "calls"}, "`table` is for databases"),
        ("calls.csv", {"format": "exel"}, "format"),
    ],
)
def test_what_is_no_source_is_told_before_anything_is_read(service, data, more, told):
    """With the contract's own words."""
    with pytest.raises(UserFault, match=told):
        service.init("calls", data=place_of(data, **more), target="y")
    assert not service.ports.project.contract_file.exists()


def test_a_password_in_a_url_is_refused_and_not_repeated(service):
    """It would stand in the contract and in the shell's history."""
    place = place_of("postgresql://reader:s3cret@db/calls", table="calls")
    with pytest.raises(UserFault, match="holds a password") as refused:
        service.init("calls", data=place, target="y")
    assert "s3cret" not in str(refused.value)


def test_a_source_that_cannot_be_read_leaves_no_contract(service):
    """Nothing half drafted."""
    with pytest.raises(DataInvalid):
        service.init("calls", data=place_of("sqlite:///gone.db", table="calls"), target="y")
    assert not service.ports.project.contract_file.exists()
