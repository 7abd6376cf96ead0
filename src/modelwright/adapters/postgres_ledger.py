"""The ledger in PostgreSQL, for projects that people on several machines work in; an extra, `postgres`.

Each project has a schema of its own. Writers take turns through an advisory lock that ends with their
transaction, and the primary key bars a fork even to a writer that does not ask for the lock. Triggers refuse
updates, deletions and truncation by hand; `verify` finds those that went around them. A connection that
breaks is taken up again once: an entry whose commit was not answered is looked for under the lock, so that
it is written once, whole or not at all.
"""

import os
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import contextmanager
from threading import RLock
from typing import TYPE_CHECKING, LiteralString, TypeVar

from modelwright.adapters.postgres_faults import refused, told
from modelwright.authority.actor import Actor
from modelwright.kernel.clock import Clock
from modelwright.kernel.digest import Json, digest_of_bytes
from modelwright.kernel.errors import IntegrityBroken, MissingExtra, UserFault
from modelwright.kernel.outcome import Outcome
from modelwright.ledger.chain import chained, check_chain, checked, opened, selected, unreadable
from modelwright.ledger.entry import GENESIS, Entry, Link, refuse_to_overwrite

if TYPE_CHECKING:  # named in signatures; loaded when the ledger is opened
    from psycopg import Connection
    from psycopg.sql import Composed

__all__ = ["PostgresLedger", "place_of"]

T = TypeVar("T")
Row = tuple[object, ...]

EXISTS: LiteralString = "SELECT to_regclass(format('%I.entries', {schema}::text)) IS NOT NULL"
SCHEMA: LiteralString = """
CREATE SCHEMA IF NOT EXISTS {schema};
CREATE TABLE {schema}.entries (
    sequence bigint PRIMARY KEY CHECK (sequence > 0),
    kind text NOT NULL,
    payload bytea NOT NULL,
    digest text NOT NULL UNIQUE
);
CREATE FUNCTION {schema}.entries_stay() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION 'ledger entries are never changed or removed'; END $$;
CREATE TRIGGER entries_are_not_changed BEFORE UPDATE OR DELETE ON {schema}.entries
    FOR EACH ROW EXECUTE FUNCTION {schema}.entries_stay();
CREATE TRIGGER entries_are_not_emptied BEFORE TRUNCATE ON {schema}.entries
    FOR EACH STATEMENT EXECUTE FUNCTION {schema}.entries_stay();
"""
# A server that answers before an entry is on its disk is made to wait; a stricter one is left as it is.
DURABLE: LiteralString = """
SELECT set_config('synchronous_commit', 'on', true)
WHERE current_setting('synchronous_commit') IN ('off', 'local')
"""
TURN: LiteralString = "SELECT pg_advisory_xact_lock(%s)"
PATIENCE: LiteralString = "SELECT set_config('lock_timeout', %s, true)"
FIELDS: LiteralString = "SELECT sequence, kind, payload, digest FROM {schema}.entries "
LAST: LiteralString = FIELDS + "ORDER BY sequence DESC LIMIT 1"
AFTER: LiteralString = FIELDS + "WHERE sequence > %s ORDER BY sequence LIMIT %s"
COUNT: LiteralString = "SELECT count(*) FROM {schema}.entries"
KNOWN: LiteralString = "SELECT count(*) FROM {schema}.entries WHERE digest = %s"
ADD: LiteralString = "INSERT INTO {schema}.entries (sequence, kind, payload, digest) VALUES (%s, %s, %s, %s)"

BATCH = 1000
"""Entries read at a time."""

CONNECT_SECONDS = 10
"""How long a server may take to answer at all."""

ATTEMPTS = 2
"""A broken connection is taken up again once."""


def place_of(url: str) -> str:
    """Return server, port and database of a URL: what may be shown, without user and password.

    Raises:
        UserFault: When it is not a PostgreSQL URL.
        MissingExtra: When the extra is not installed.

    Examples:
        >>> place_of("postgresql://lead:secret@db.example:5433/models")
        'db.example:5433/models'
    """
    try:
        from psycopg import ProgrammingError  # the extra: whoever keeps a ledger in PostgreSQL has it
        from psycopg.conninfo import conninfo_to_dict
    except ImportError as error:
        raise MissingExtra.needed("postgres", "a ledger in PostgreSQL") from error
    try:
        parts = conninfo_to_dict(url)
    except ProgrammingError as error:
        raise UserFault(
            "MODELWRIGHT_LEDGER is not a PostgreSQL URL",
            why="it names the place of the ledger",
            next_step="write postgresql://USER@HOST:PORT/DATABASE, and keep the password in ~/.pgpass",
        ) from error
    host = parts.get("host") or "localhost"
    return f"{host}:{parts.get('port') or 5432}/{parts.get('dbname') or parts.get('user') or ''}"


class PostgresLedger:
    """The ledger of one project in a PostgreSQL database; its schema is made at the first entry.

    May be shared between threads; a process that forks opens its own connection.

    Args:
        url: Where the database is, `postgresql://...`.
        clock: Tells when each entry is written.
        known: Returns the project's name in this database, empty while it has none.
        claim: Returns the name, and settles it when there is none.
        patience: Seconds to wait for another writer.

    Examples:
        >>> PostgresLedger(
        ...     "postgresql://lead@localhost/models", clock=None, known=lambda: "p1", claim=lambda: "p1"
        ... ).place
        'localhost:5432/models'
    """

    def __init__(
        self,
        url: str,
        *,
        clock: Clock,
        known: Callable[[], str],
        claim: Callable[[], str],
        patience: float = 10.0,
    ) -> None:
        """Keep the place; connect to nothing yet."""
        self.place = place_of(url)
        self._url = url
        self._clock = clock
        self._known = known
        self._claim = claim
        self._patience = patience
        self._open: tuple[int, Connection[Row]] | None = None
        self._lock = RLock()

    def _connection(self) -> "Connection[Row]":
        import psycopg  # the extra; place_of has told when it is missing

        if self._open is not None and self._open[0] == os.getpid() and not self._open[1].closed:
            return self._open[1]
        try:
            connection = psycopg.connect(
                self._url,
                autocommit=True,
                prepare_threshold=None,
                connect_timeout=CONNECT_SECONDS,
                application_name="modelwright",
                tcp_user_timeout=CONNECT_SECONDS * 1000,
                client_encoding="utf8",
            )
        except psycopg.Error as error:
            raise refused(error, self.place) from error
        self._open = (os.getpid(), connection)
        return connection

    def close(self) -> None:
        """Let go of the connection; the next call takes it up again."""
        with self._lock:
            if self._open is not None and self._open[0] == os.getpid():
                self._open[1].close()
            self._open = None

    def _again(self, act: "Callable[[Connection[Row]], T]") -> T:
        """Do something with a connection; when it breaks, once more with a new one.

        Raises:
            ModelwrightError: What PostgreSQL refused, in words.
        """
        import psycopg  # the extra; place_of has told when it is missing

        with self._lock:
            for attempt in range(1, ATTEMPTS + 1):
                connection = self._connection()
                try:
                    return act(connection)
                except psycopg.Error as error:
                    broken = connection.broken or connection.closed
                    if broken:
                        self.close()
                    if not broken or attempt == ATTEMPTS:
                        raise told(error, self.place) from error
            raise AssertionError  # pragma: no cover - the last attempt returns or raises

    @contextmanager
    def _turn(self, connection: "Connection[Row]", schema: str) -> Iterator[None]:
        """Take the writers' turn: what is done in the block is kept whole or not at all."""
        with connection.transaction():
            connection.execute(DURABLE)
            connection.execute(PATIENCE, (str(int(self._patience * 1000)),))
            connection.execute(TURN, (_lock_of(schema),))
            if not _exists(connection, schema):
                connection.execute(_sql(SCHEMA, schema))
            yield

    def append(
        self,
        kind: str,
        body: Mapping[str, Json],
        *,
        actor: Actor,
        artifacts: Mapping[str, str] | None = None,
    ) -> Entry:
        """Add one entry after the head and return it, once the server has it on its disk.

        Raises:
            ProjectBusy: When another writer did not let go in time.
            StorageFailed: When the server is read-only, full, or does not let this user write.
            ServiceFailed: When the server is gone; the entry is there whole or not at all.
            UserFault: When user, password or database are not the right ones.
        """
        schema = _schema(self._claim())
        tried: list[Link] = []

        def add(connection: "Connection[Row]") -> Link:
            with self._turn(connection, schema):
                if tried and _one(connection, _sql(KNOWN, schema), (tried[-1].digest,)):
                    return tried[-1]  # the answer to the commit was lost, the entry was not
                row = connection.execute(_sql(LAST, schema)).fetchone()
                link = chained(
                    _link(row) if row else None,
                    kind,
                    body,
                    at=self._clock.now(),
                    actor=actor,
                    artifacts=artifacts or {},
                )
                tried.append(link)
                connection.execute(_sql(ADD, schema), _row(link))
            return link

        return opened(self._again(add))

    def adopt(self, links: Iterable[Link]) -> int:
        """Fill an empty ledger with a whole chain, or leave it empty.

        Raises:
            UserFault: When there are entries already, or the server refuses this user.
            IntegrityBroken: When the chain has a flaw.
            ServiceFailed: When the server is gone; nothing was adopted.
        """
        schema = _schema(self._claim())
        read: list[Link] = []  # all of them, before the server is asked: a second attempt has them still
        read.extend(checked(links))

        def fill(connection: "Connection[Row]") -> int:
            with self._turn(connection, schema):
                refuse_to_overwrite(_one(connection, _sql(COUNT, schema)))
                with connection.cursor() as cursor:
                    cursor.executemany(_sql(ADD, schema), map(_row, read))
            return len(read)

        return self._again(fill)

    def links(self, *, after: int = 0) -> Iterator[Link]:
        """Yield entries as they are stored, in order, only after this sequence number.

        Raises:
            IntegrityBroken: When a row does not hold an entry.
            ServiceFailed: When the server is gone.
        """
        name = self._known()
        if not name:
            return
        schema = _schema(name)
        if not self._again(lambda connection: _exists(connection, schema)):
            return
        while True:
            place = after
            rows = self._again(
                lambda connection, place=place: connection.execute(  # type: ignore[misc]  # bound for the loop
                    _sql(AFTER, schema), (place, BATCH)
                ).fetchall()
            )
            links = [_link(row) for row in rows]
            yield from links
            if len(links) < BATCH:
                return
            after = links[-1].sequence

    def entries(self, *, kinds: Collection[str] | None = None, after: int = 0) -> Iterator[Entry]:
        """Yield entries in order, only of these kinds when given, only after this sequence number.

        Raises:
            IntegrityBroken: When a row does not hold an entry.
            ServiceFailed: When the server is gone.
        """
        return selected(self.links(after=after), kinds)

    def head(self) -> str:
        """Return the digest of the last entry, GENESIS when there is none.

        Raises:
            ServiceFailed: When the server is gone.
        """
        name = self._known()
        if not name:
            return GENESIS
        schema = _schema(name)

        def last(connection: "Connection[Row]") -> Row | None:
            if not _exists(connection, schema):
                return None
            return connection.execute(_sql(LAST, schema)).fetchone()

        row = self._again(last)
        return _link(row).digest if row else GENESIS

    def verify(self, *, head: str | None = None) -> Outcome:
        """Walk the chain: passed, or failed with the first entry that does not fit."""
        try:
            return check_chain(self.links(), head=head)
        except IntegrityBroken as error:
            return unreadable(error)


def _schema(project: str) -> str:
    return f"modelwright_{project}"


def _lock_of(schema: str) -> int:
    """Return the number of the advisory lock: 63 bits of the schema's name."""
    return int(digest_of_bytes(schema.encode()).removeprefix("sha256:")[:15], 16)


def _sql(text: LiteralString, schema: str) -> "Composed":
    from psycopg.sql import SQL, Identifier  # the extra; place_of has told when it is missing

    return SQL(text).format(schema=Identifier(schema))


def _exists(connection: "Connection[Row]", schema: str) -> bool:
    from psycopg.sql import SQL, Literal  # the extra; place_of has told when it is missing

    return bool(_one(connection, SQL(EXISTS).format(schema=Literal(schema))))


def _one(connection: "Connection[Row]", query: "Composed", values: tuple[object, ...] = ()) -> int:
    row = connection.execute(query, values or None).fetchone()
    return int(str(int(bool(row[0])) if isinstance(row[0], bool) else row[0])) if row else 0


def _row(link: Link) -> tuple[int, str, bytes, str]:
    return link.sequence, link.kind, link.payload, link.digest


def _link(row: Row) -> Link:
    match row:
        case (int(sequence), str(kind), bytes(payload), str(digest)):
            return Link(sequence=sequence, kind=kind, payload=payload, digest=digest)
        case _:
            raise IntegrityBroken(
                f"row {row[0]} of the ledger does not hold an entry",
                why="evidence that cannot be read is no evidence",
                next_step="restore the database from a copy; `modelwright ledger verify` checks it",
            )
