"""Sources of a contract: one place each, never a password, and no statement that writes."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.data.tables import CALLS, contract_of

from modelwright.contracts.coherence import incoherences
from modelwright.contracts.source import Source, masked_url

DATABASE = {"url": "postgresql://reader@db/models", "table": "calls"}


def told(*sources):
    """What is said about these sources."""
    values = contract_of(CALLS).model_dump(mode="python")
    values["data"]["sources"] = list(sources)
    return [f"{'.'.join(map(str, item.path))}: {item.what}; {item.cure}" for item in incoherences(values)]


@pytest.mark.parametrize(
    "source",
    [
        {"path": "calls.csv"},
        {"path": "calls/**/*.parquet"},
        {"path": "s3://bucket/calls/*.parquet"},
        {"path": "lake/calls", "format": "delta", "as_of": "3"},
        {"path": "book.xlsx", "sheet": "calls"},
        DATABASE,
        {"url": "sqlite:///calls.db", "query": "-- all\nSELECT * FROM calls"},
        {"url": "duckdb:///calls.duckdb", "query": "from calls"},
        {**DATABASE, "password_from": "env:CALLS_PASSWORD"},
        {**DATABASE, "password_from": "file:secrets/db"},
    ],
)
def test_a_source_in_one_place_is_fine(source):
    """Files, folders, patterns, objects, lakes, workbooks and databases."""
    assert told(source) == []


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ({}, "the source lies nowhere"),
        ({"path": "a.csv", **DATABASE}, "lies in two places"),
        ({"path": "http://host/a.csv"}, "'http://' names no object store"),
        ({"url": "postgresq://db/a", "table": "t"}, "did you mean 'postgresql'"),
        ({"url": "calls.db", "table": "t"}, "names no database that can be read"),
        ({"url": "postgresql://u:s3cret@db/a", "table": "t"}, "holds a password"),
        ({"url": "postgresql://db/a?password=s3cret", "table": "t"}, "holds a password"),
        ({"url": "sqlite:///a.db"}, "none is named"),
        ({**DATABASE, "query": "select 1"}, "both are named"),
        ({"path": "a.csv", "table": "t"}, "`table` is for databases"),
        ({"url": "sqlite:///a.db", "query": "DROP TABLE calls"}, "is not a query that reads"),
        ({"url": "mysql://db/a", "query": "SELECT 1 INTO OUTFILE 'x'"}, "is not a query that reads"),
        ({**DATABASE, "password_from": "s3cret"}, "says where a password lies"),
        ({"path": "a.csv", "sheet": "one"}, "is for Excel workbooks"),
        ({"path": "a.csv", "as_of": "3"}, "pins a version of a Delta or Iceberg table"),
        ({"path": "a.csv", "digest": "abc"}, "is not a digest"),
    ],
)
def test_a_source_that_cannot_be_meant_is_told_what_to_do(source, words):
    """The place, the fact and the cure; a password is in none of them."""
    (line, *_) = told(source)
    assert words in line
    assert "s3cret" not in line or source.get("password_from") == "s3cret"


def test_the_same_source_is_not_listed_twice():
    """Its rows would count twice."""
    assert told({"path": "a.csv"}, {"path": "b.csv"}) == []
    assert "listed twice" in told({"path": "a.csv"}, {"path": "a.csv"})[0]


def test_sources_of_one_database_have_names_of_their_own():
    """By table, and by what is asked."""
    queries = [Source(url="sqlite:///a.db", query=f"select {number}") for number in (1, 2)]
    names = {source.name for source in (*queries, Source(url="sqlite:///a.db", table="t"))}
    assert len(names) == 3
    assert "sqlite:///a.db#t" in names
    assert Source(path="lake", format="delta", as_of="3").name == "lake@3"
    assert (queries[0].scheme, Source(path="a.csv").scheme) == ("sqlite", "")


PASSWORDS = st.text(st.characters(codec="ascii", exclude_characters="?&; \n"), min_size=1).map(
    lambda text: f"<{text}>"
)


@given(PASSWORDS, st.sampled_from(["db", "db:5432", "[::1]:5432"]))
def test_no_password_of_a_url_is_ever_shown(password, host):
    """Escaped or not, between user and host or among the parameters."""
    assert password not in masked_url(f"postgresql://reader:{password}@{host}/models")
    assert password not in masked_url(f"mysql://reader@{host}/models?x=1&password={password}")
