"""Object stores: S3 by Polars' own readers against a local stand-in, and lakeFS by commit."""

import polars as pl
import pytest
from tests.adapters.object_store import BUCKET, Lakefs, ObjectStore
from tests.data.tables import CALLS, calls, contract_of

from modelwright.adapters.source_connections import SourceConnections
from modelwright.contracts.source import Source
from modelwright.data.source import read_with_notes
from modelwright.kernel.errors import DataInvalid, ServiceFailed, UnknownName, UserFault


@pytest.fixture(scope="module")
def store():
    """A server of the S3 protocol for the tests of this file."""
    running = ObjectStore()
    yield running
    running.stop()


def fetched(store, path, **more):
    """What comes from a path of the bucket."""
    source = Source(path=f"s3://{BUCKET}/{path}", **more)
    return SourceConnections("nowhere", variables=store.variables).fetch([source], key=())[0]


@pytest.mark.parametrize("ending", ["parquet", "csv", "jsonl", "arrow"])
def test_an_object_of_every_format_is_read(ending, store):
    """The rows, a digest over them, and how many objects they came from."""
    store.put(f"one/calls.{ending}", calls())
    delivery = fetched(store, f"one/calls.{ending}")
    assert delivery.frame.equals(calls())
    assert (delivery.origin.kind, delivery.origin.rows, delivery.origin.files) == ("object", 60, 1)
    assert fetched(store, f"one/calls.{ending}").origin.digest == delivery.origin.digest


def test_the_objects_of_a_folder_are_one_table_with_its_partitions(store):
    """By a slash or a pattern; what folders say becomes columns."""
    for year in (2025, 2026):
        store.put(f"many/year={year}/part.parquet", calls(2))
        store.put(f"texts/city=x{year}/part.csv", calls(2))
    assert fetched(store, "many/").frame["year"].to_list() == [2025, 2025, 2026, 2026]
    delivery = fetched(store, "texts/**/*.csv")
    assert delivery.frame["city"].to_list() == ["x2025", "x2025", "x2026", "x2026"]
    assert delivery.origin.files == 2


def test_a_contract_reads_objects_like_files(store, tmp_path):
    """Types, notes and lineage as for files."""
    store.put("two/calls.csv", calls())
    contract = contract_of(CALLS, sources=[{"path": f"s3://{BUCKET}/two/calls.csv"}])
    connector = SourceConnections(tmp_path, variables=store.variables)
    reading = read_with_notes(contract, root=tmp_path, connector=connector)
    assert reading.frame.equals(calls())
    assert list(reading.digests) == [f"s3://{BUCKET}/two/calls.csv"]
    with pytest.raises(UserFault, match="is no file of this machine"):
        read_with_notes(contract, root=tmp_path)


def test_a_changed_object_has_another_digest_and_a_pinned_one_is_refused(store, tmp_path):
    """The contract names these rows."""
    store.put("three/calls.csv", calls())
    digest = fetched(store, "three/calls.csv").origin.digest
    source = {"path": f"s3://{BUCKET}/three/calls.csv", "digest": digest}
    contract, connector = (
        contract_of(CALLS, sources=[source]),
        SourceConnections(tmp_path, variables=store.variables),
    )
    assert read_with_notes(contract, root=tmp_path, connector=connector).frame.height == 60
    store.put("three/calls.csv", calls(61))
    with pytest.raises(DataInvalid, match="is not the data the contract names"):
        read_with_notes(contract, root=tmp_path, connector=connector)


def test_objects_that_are_not_there_or_do_not_agree_are_told(store):
    """Never a traceback of the reader, never a key."""
    store.put("drift/a.parquet", calls(2))
    store.put("drift/b.parquet", calls(2).rename({"job": "work"}))
    store.put("half/year=1/a.parquet", calls(2))
    store.put("half/b.parquet", calls(2))
    store.put("empty/a.parquet", calls(2).clear())
    store.client.put_object(Bucket=BUCKET, Key="cut/a.parquet", Body=b"PAR1" + b"\x00" * 40)
    for path, words in {
        "nowhere/a.parquet": "there is nothing at s3://",
        "nowhere/": "there is nothing at s3://",
        "drift/": "cannot be read",
        "half/": "objects of .* do not agree",
        "empty/": "holds no rows",
        "cut/": "cannot be read",
    }.items():
        with pytest.raises(DataInvalid, match=words):
            fetched(store, path)
    with pytest.raises(UnknownName, match="unknown format of objects"):
        fetched(store, "one/calls.xlsx")


def test_a_store_that_is_gone_is_the_worlds_fault(store):
    """After two more attempts."""
    nowhere = {**store.variables, "AWS_ENDPOINT_URL": "http://127.0.0.1:1"}
    source = Source(path=f"s3://{BUCKET}/a.parquet")
    with pytest.raises(ServiceFailed, match="does not answer"):
        SourceConnections("nowhere", variables=nowhere).fetch([source], key=())


@pytest.fixture(scope="module")
def lakefs():
    """A lakeFS that knows one branch."""
    running = Lakefs({"main": "c0ffee"})
    yield running
    running.stop()


def lakefs_variables(store, lakefs):
    """The environment of lakeFS' own tool; the stand-in asks the store for objects."""
    return {
        **store.variables,
        "LAKECTL_SERVER_ENDPOINT_URL": lakefs.endpoint,
        "LAKECTL_CREDENTIALS_ACCESS_KEY_ID": "reader",
        "LAKECTL_CREDENTIALS_SECRET_ACCESS_KEY": "s3cret",
    }


def test_a_branch_of_lakefs_is_turned_into_its_commit(store, lakefs):
    """What is recorded is what can be read again."""
    from modelwright.adapters.lakefs_source import lakefs_place

    place = lakefs_place("lakefs://calls-repo/main/two/calls.csv", variables=lakefs_variables(store, lakefs))
    assert (place.path, place.commit) == ("s3://calls-repo/c0ffee/two/calls.csv", "c0ffee")
    assert lakefs.asked[-1][0] == "/api/v1/repositories/calls-repo/refs/main/commits?amount=1"
    assert place.options["aws_endpoint_url"] == lakefs.endpoint


def test_lakefs_without_place_credentials_or_branch_is_told(store, lakefs):
    """And one that answers nonsense is the world's fault."""
    variables = lakefs_variables(store, lakefs)
    for path, given, kind, words in (
        ("lakefs://repo/main/a.csv", {}, UserFault, "needs LAKECTL_SERVER_ENDPOINT_URL"),
        ("lakefs://repo/gone/a.csv", variables, UserFault, "no repo/gone for this user .status 404"),
        ("lakefs://repo/odd/a.csv", variables, ServiceFailed, "does not answer as it must"),
        ("lakefs://repo/main", variables, UserFault, "is no path in lakeFS"),
        (
            "lakefs://repo/main/a.csv",
            {**variables, "LAKECTL_SERVER_ENDPOINT_URL": "ftp://x"},
            UserFault,
            "is no http or https",
        ),
    ):
        with pytest.raises(kind, match=words):
            SourceConnections("nowhere", variables=given).fetch([Source(path=path)], key=())


def test_what_lakefs_holds_is_read_at_its_commit(store, lakefs, tmp_path):
    """One address for the question and the objects, as a real server has."""
    from modelwright.adapters import lakefs_source

    place = lakefs_source.lakefs_place(
        "lakefs://repo-x/main/a.parquet", variables=lakefs_variables(store, lakefs)
    )
    store.make("repo-x")
    store.put("c0ffee/a.parquet", calls(), bucket="repo-x")
    from modelwright.adapters.object_source import read_objects

    options = {**place.options, "aws_endpoint_url": store.endpoint}
    got = read_objects(place.path, format="auto", options=options, name="a")
    assert isinstance(got.frame, pl.DataFrame)
    assert got.frame.equals(calls())
