"""Databases as sources: SQLite, DuckDB, MySQL's protocol and PostgreSQL, read and never written."""

import asyncio
import sqlite3
import threading
from contextlib import closing
from typing import ClassVar

import duckdb
import polars as pl
import pytest
from mysql_mimic import MysqlServer, Session
from mysql_mimic.auth import NativePasswordAuthPlugin, SimpleIdentityProvider, User
from mysql_mimic.errors import ErrorCode, MysqlError
from tests.adapters.cut_line import CutLine
from tests.data.tables import CALLS, calls, contract_of

from modelwright.adapters.row_table import table_of
from modelwright.adapters.source_connections import SourceConnections
from modelwright.contracts.source import Source
from modelwright.data.source import read_with_notes
from modelwright.kernel.errors import DataInvalid, ServiceFailed, UserFault

ROWS = calls().rows()


def fetched(root, *sources, variables=None):
    """The tables of these sources."""
    listed = [Source(**source) for source in sources]
    return [
        delivery.frame
        for delivery in SourceConnections(root, variables=variables or {}).fetch(listed, key=())
    ]


@pytest.fixture
def sqlite(tmp_path):
    """A folder with calls.db."""
    with closing(sqlite3.connect(tmp_path / "calls.db")) as database:
        database.execute("CREATE TABLE calls (age INTEGER, job TEXT, y TEXT)")
        database.execute('CREATE TABLE "odd "" name" (a, b)')
        database.executemany("INSERT INTO calls VALUES (?, ?, ?)", ROWS)
        database.executemany(
            'INSERT INTO "odd "" name" VALUES (?, ?)', [(1, b"\x00"), ("x", 2.5), (None, 2**60)]
        )
        database.commit()
    return tmp_path


@pytest.fixture
def duck(tmp_path):
    """A folder with calls.duckdb."""
    with duckdb.connect(str(tmp_path / "calls.duckdb")) as database:
        database.execute("CREATE TABLE calls (age BIGINT, job VARCHAR, y VARCHAR)")
        database.executemany("INSERT INTO calls VALUES (?, ?, ?)", ROWS)
        database.execute("CREATE TABLE odd AS SELECT INTERVAL 1 HOUR AS i, uuid() AS u, TIME '10:00' AS t")
    return tmp_path


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_table_and_a_query_of_an_embedded_database_are_read_under_a_contract(kind, sqlite, duck, tmp_path):
    """The rows in an order of their own, the URL without anything secret, the same digest twice."""
    url = {"sqlite": "sqlite:///calls.db", "duckdb": "duckdb:///calls.duckdb"}[kind]
    sources = [
        {"url": url, "table": "calls"},
        {"url": url, "query": "SELECT * FROM calls ORDER BY age DESC;"},
    ]
    connector = SourceConnections(tmp_path, variables={})
    readings = [
        read_with_notes(contract_of(CALLS, sources=sources), root=tmp_path, connector=connector)
        for _ in range(2)
    ]
    whole = calls().sort("age", "job", "y")
    assert readings[0].frame.head(60).equals(whole)
    assert readings[0].frame["age"].to_list()[60:] == sorted(whole["age"].to_list(), reverse=True)
    assert readings[0].digests == readings[1].digests
    assert f"{url}#calls" in readings[0].digests


def test_values_of_several_kinds_in_one_column_become_text(sqlite):
    """SQLite types values, not columns."""
    (frame,) = fetched(sqlite, {"url": "sqlite:///calls.db", "table": 'odd " name'})
    assert frame.sort("b").rows() == [("1", "00"), (None, str(2**60)), ("x", "2.5")]
    assert table_of(["a"], [(1,), (2.5,), (None,)])["a"].to_list() == [1.0, 2.5, None]
    assert table_of(["a"], [(2**70,)])["a"].to_list() in ([2**70], [str(2**70)])
    assert table_of(["a"], []).schema == {"a": pl.String}


def test_types_without_a_column_of_their_own_become_text(duck):
    """Intervals, times and identifiers of DuckDB."""
    (frame,) = fetched(duck, {"url": "duckdb:///calls.duckdb", "table": "odd"})
    assert frame.select("i", "t").rows() == [("01:00:00", "10:00:00")]
    assert frame.schema["u"] == pl.String


@pytest.mark.parametrize("kind", ["sqlite", "duckdb"])
def test_a_query_cannot_write_or_reach_other_files(kind, sqlite, duck, tmp_path):
    """Whatever the contract says."""
    url = {"sqlite": "sqlite:///calls.db", "duckdb": "duckdb:///calls.duckdb"}[kind]
    (tmp_path / "other.csv").write_text("a\n1\n")
    for query in (
        "WITH x AS (SELECT 1) DELETE FROM calls",
        "SELECT * FROM nowhere",
        "SELECT 1; DROP TABLE calls",
        "SELECT * FROM read_csv('other.csv')",
        "SELECT load_extension('x')",
        "ATTACH 'other.db' AS other",
    ):
        with pytest.raises(DataInvalid, match="cannot be read"):
            fetched(tmp_path, {"url": url, "query": query})
    assert fetched(tmp_path, {"url": url, "table": "calls"})[0].height == 60


@pytest.mark.parametrize("scheme", ["sqlite", "duckdb"])
def test_a_file_that_is_no_database_is_told(scheme, tmp_path):
    """Missing, or something else."""
    with pytest.raises(DataInvalid, match="there is no file"):
        fetched(tmp_path, {"url": f"{scheme}:///none.db", "table": "t"})
    (tmp_path / "text.db").write_text("hello " * 1000)
    with pytest.raises(DataInvalid, match="cannot be read"):
        fetched(tmp_path, {"url": f"{scheme}:///{tmp_path}/text.db", "table": "t"})


def test_the_tables_of_one_database_are_of_one_state(sqlite):
    """A row that is added in between is in neither."""
    path = sqlite / "calls.db"
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode=WAL")
        writer = threading.Event()

        def add():
            with closing(sqlite3.connect(path)) as mine:
                for _ in range(200):
                    mine.execute("INSERT INTO calls VALUES (1, 'a', 'no')")
                    mine.commit()
                writer.set()

        thread = threading.Thread(target=add)
        thread.start()
        seen = []
        while not writer.is_set():
            one, two = fetched(
                sqlite,
                {"url": "sqlite:///calls.db", "query": "SELECT count(*) AS n FROM calls"},
                {"url": "sqlite:///calls.db", "query": "SELECT count(*) AS n, 1 AS x FROM calls"},
            )
            seen.append((one["n"][0], two["n"][0]))
        thread.join()
    assert all(first == second for first, second in seen)


def test_a_database_that_somebody_holds_is_the_worlds_fault(duck):
    """DuckDB lets one process write and nobody read meanwhile; here the message is checked, not the wait."""
    from modelwright.adapters.database_faults import gone

    assert gone("calls.duckdb", "Could not set lock").exit_code.name == "WORLD_FAULT"
    assert fetched(duck, {"url": "duckdb:///calls.duckdb", "table": "calls"})[0].height == 60


def test_a_password_comes_from_the_environment_or_a_file(tmp_path):
    """One line; what is not there is told with its place."""
    from modelwright.adapters.source_secret import password_of

    def found(place, variables=None):
        source = Source(url="mysql://reader@db/a", table="t", password_from=place)
        return password_of(source, variables=variables or {}, root=tmp_path)

    (tmp_path / "secret").write_text("s3cret\n")
    (tmp_path / "empty").write_text("")
    assert (found("env:DB", {"DB": "x"}), found("file:secret"), found("")) == ("x", "s3cret", "")
    assert found(f"file:{tmp_path}/secret") == "s3cret"
    for place, words in (
        ("env:DB", "no variable DB"),
        ("file:none", "none cannot be read"),
        ("file:empty", "is empty"),
    ):
        with pytest.raises(UserFault, match=words):
            found(place)


class Users(SimpleIdentityProvider):
    """One user with a password."""

    def get_plugins(self):
        """By password."""
        return [NativePasswordAuthPlugin()]

    async def get_user(self, username):
        """Know one user."""
        secret = NativePasswordAuthPlugin.create_auth_string("s3cret")
        return (
            User(name=username, auth_string=secret, auth_plugin="mysql_native_password")
            if username == "reader"
            else None
        )


class Calls(Session):
    """Answers what the tests ask, and notes everything."""

    said: ClassVar = []

    async def handle_query(self, sql, attrs):
        """Note it; the stand-in itself answers what is about the session."""
        self.said.append(sql)
        return await super().handle_query(sql, attrs)

    async def query(self, expression, sql, attrs):
        """Answer one statement."""
        if "calls" in sql:
            return ROWS, ["age", "job", "y"]
        if "nowhere" in sql:
            raise MysqlError("Table 'nowhere' doesn't exist", ErrorCode.PARSE_ERROR)
        return [], []


@pytest.fixture(scope="module")
def mysql():
    """A server of MySQL's protocol on loopback; its port."""
    loop = asyncio.new_event_loop()
    server = MysqlServer(session_factory=Calls, identity_provider=Users())
    loop.run_until_complete(server.start_server(host="127.0.0.1", port=0))
    port = server._server.sockets[0].getsockname()[1]  # noqa: SLF001 - it tells its port nowhere else
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    yield port
    loop.call_soon_threadsafe(server.close)
    loop.call_soon_threadsafe(loop.stop)
    thread.join()
    loop.close()


def of_mysql(port, *, user="reader", **more):
    """A source in the stand-in."""
    return {"url": f"mysql://{user}@127.0.0.1:{port}/bank", "password_from": "env:DB", **more}


def test_mysql_is_read_in_a_transaction_that_cannot_write(mysql, tmp_path):
    """The statements that open it come first; identifiers are quoted its way."""
    Calls.said.clear()
    (frame,) = fetched(tmp_path, of_mysql(mysql, table="bank.calls"), variables={"DB": "s3cret"})
    assert frame.equals(calls().sort("age", "job", "y"))
    told = " | ".join(Calls.said)
    assert "READ ONLY" in told
    assert told.index("READ ONLY") < told.index("`bank`.`calls`")


def test_what_mysql_refuses_is_told_without_the_password(mysql, tmp_path):
    """A wrong password, no such table, no server."""
    for source, secret, kind, words in (
        (of_mysql(mysql, table="calls"), "wr0ng", UserFault, "lets nobody in"),
        (of_mysql(mysql, table="nowhere"), "s3cret", DataInvalid, "cannot be read: .*nowhere"),
        (of_mysql(1, table="calls"), "s3cret", ServiceFailed, "does not answer"),
    ):
        with pytest.raises(kind, match=words) as caught:
            fetched(tmp_path, source, variables={"DB": secret})
        assert secret not in str(caught.value)


def test_a_connection_to_mysql_that_is_cut_keeps_nothing(mysql, tmp_path):
    """Half of the rows are no table."""
    with CutLine(mysql, after=900) as line, pytest.raises(ServiceFailed, match="was lost while it was read"):
        fetched(tmp_path, of_mysql(line.port, table="calls"), variables={"DB": "s3cret"})


@pytest.fixture(scope="module")
def bank(cluster):
    """A PostgreSQL with the calls, and a table of many types."""
    cluster.execute(
        "CREATE TABLE calls (age bigint, job text, y text)",
        "INSERT INTO calls VALUES " + ", ".join(str(row) for row in ROWS),
        "CREATE TABLE odd AS SELECT 1.5::numeric(20,2) AS n, timestamptz '2026-01-31 12:00:00+02' AS z, "
        "timestamp '2026-01-31 12:00:00.5' AS m, date '2026-01-31' AS d, true AS b, interval '1 hour' AS i, "
        "'NaN'::float8 AS f, ''::text AS e, NULL::text AS w, '{\"a\": 1}'::jsonb AS j, "
        "'infinity'::date AS never, E'a\\nb,\"c\"' AS t",
        "CREATE SEQUENCE numbers",
        "CREATE TABLE large AS SELECT i, repeat('x', 200) AS t FROM generate_series(1, 20000) AS i",
    )
    return cluster


def of_postgres(cluster, **more):
    """A source in it."""
    where = f"127.0.0.1:{more.pop('port', cluster.port)}/{more.pop('database', 'postgres')}"
    url = f"postgresql://{cluster.user}@{where}"
    return {"url": url, "password_from": "env:DB", **more}


@pytest.mark.postgres
def test_postgres_is_read_under_a_contract(bank, tmp_path):
    """Two tables in one transaction."""
    sources = [
        of_postgres(bank, table="public.calls"),
        of_postgres(bank, query="SELECT * FROM calls -- all;"),
    ]
    contract = contract_of(CALLS, sources=sources)
    connector = SourceConnections(tmp_path, variables={"DB": bank.password})
    reading = read_with_notes(contract, root=tmp_path, connector=connector)
    assert reading.frame.equals(pl.concat([calls().sort("age", "job", "y")] * 2))
    assert not any(bank.password in name for name in reading.digests)


@pytest.mark.postgres
def test_values_of_postgres_keep_their_types(bank, tmp_path):
    """What has no column of its own comes as PostgreSQL writes it."""
    (frame,) = fetched(tmp_path, of_postgres(bank, table="odd"), variables={"DB": bank.password})
    row = frame.row(0, named=True)
    assert (row["n"], row["i"], row["j"], row["never"]) == ("1.50", "PT1H", '{"a": 1}', "infinity")
    assert row["z"].isoformat() == "2026-01-31T10:00:00+00:00"
    assert (row["m"].isoformat(), row["d"].isoformat()) == ("2026-01-31T12:00:00.500000", "2026-01-31")
    assert (row["b"], row["e"], row["w"], row["t"]) == (True, "", None, 'a\nb,"c"')
    assert frame["f"].is_nan().all()
    (none,) = fetched(
        tmp_path, of_postgres(bank, query="SELECT * FROM calls WHERE false"), variables={"DB": bank.password}
    )
    assert (none.columns, none.height) == (["age", "job", "y"], 0)


@pytest.mark.postgres
def test_what_postgres_refuses_is_told_without_the_password(bank, tmp_path):
    """And whatever the contract says, nothing is written."""
    for source, secret, kind, words in (
        (of_postgres(bank, table="calls"), "wr0ng", UserFault, "lets nobody in"),
        (of_postgres(bank, table="calls", database="none"), bank.password, UserFault, "lets nobody in"),
        (of_postgres(bank, table="calls", port=1), bank.password, ServiceFailed, "does not answer"),
        (of_postgres(bank, table="nowhere"), bank.password, DataInvalid, "nowhere"),
        (of_postgres(bank, query="SELECT 1/0"), bank.password, DataInvalid, "division by zero"),
        (
            of_postgres(bank, query="SELECT 1) TO STDOUT; COMMIT; DROP TABLE calls; COPY (SELECT 1"),
            bank.password,
            DataInvalid,
            "cannot be read",
        ),
        (
            of_postgres(bank, query="WITH x AS (DELETE FROM calls RETURNING *) SELECT * FROM x"),
            bank.password,
            DataInvalid,
            "cannot be read",
        ),
        (
            of_postgres(bank, query="SELECT pg_notify('a', 'b'), nextval('x')"),
            bank.password,
            DataInvalid,
            "nextval|not exist",
        ),
        (of_postgres(bank, query="SELECT nextval('numbers')"), bank.password, DataInvalid, "read-only"),
    ):
        with pytest.raises(kind, match=words) as caught:
            fetched(tmp_path, source, variables={"DB": secret})
        assert secret not in str(caught.value)
    assert bank.execute("SELECT count(*) FROM calls") == [(60,)]


@pytest.mark.postgres
def test_a_connection_to_postgres_that_is_cut_keeps_nothing(bank, tmp_path):
    """Half of the rows are no table."""
    with (
        CutLine(bank.port, after=500_000) as line,
        pytest.raises(ServiceFailed, match="was lost while it was read"),
    ):
        fetched(tmp_path, of_postgres(bank, table="large", port=line.port), variables={"DB": bank.password})
    whole = fetched(tmp_path, of_postgres(bank, table="large"), variables={"DB": bank.password})
    assert whole[0].height == 20_000
