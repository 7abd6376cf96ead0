"""The PostgreSQL ledger, against a real server: every promise, processes, lost servers, hands."""

import contextlib
import itertools
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable

import psycopg
import pytest
from tests.adapters.postgres_cluster import Cluster

from modelwright.adapters.postgres_ledger import PostgresLedger, place_of
from modelwright.authority.actor import Actor, ActorKind
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.errors import (
    ExitCode,
    IntegrityBroken,
    ProjectBusy,
    ServiceFailed,
    StorageFailed,
    UserFault,
)
from modelwright.kernel.outcome import Status
from modelwright.ledger.entry import GENESIS
from modelwright.testing.ledger_suite import LEDGER_PROMISES

pytestmark = pytest.mark.postgres

LEAD = Actor(kind=ActorKind.PERSON, name="lead")
NUMBERS = itertools.count(1)


@pytest.fixture
def project():
    """A name no other test has."""
    return f"t{next(NUMBERS)}"


@pytest.fixture
def opened(cluster: Cluster, project):
    """Opens ledgers of one project and closes them in the end."""
    ledgers = []

    def open_it(url=None, *, clock=None, patience=10.0):
        name = lambda: project  # noqa: E731 - the project's name, known and claimed
        ledger = PostgresLedger(
            url or cluster.url(), clock=clock or SteppingClock(), known=name, claim=name, patience=patience
        )
        ledgers.append(ledger)
        return ledger

    yield open_it
    for ledger in ledgers:
        ledger.close()


def filled(ledger, length=5):
    """A ledger with some entries; and its head."""
    for number in range(length):
        ledger.append("note", {"n": number}, actor=LEAD)
    return ledger.head()


@pytest.mark.parametrize("promise", LEDGER_PROMISES, ids=lambda promise: promise.__name__)
def test_a_postgres_ledger_keeps(promise: Callable, opened):
    """The shipped suite."""
    promise(opened)


def test_reading_leaves_no_trace(cluster, opened, project):
    """A project without a ledger is looked at, not changed."""
    ledger = opened()
    assert (list(ledger.entries()), ledger.head()) == ([], GENESIS)
    assert ledger.verify().allows
    found = cluster.execute(f"SELECT 1 FROM pg_namespace WHERE nspname = 'modelwright_{project}'")
    assert found == []


def test_a_project_that_has_no_name_yet_is_empty(cluster):
    """Nobody is asked."""
    ledger = PostgresLedger(
        cluster.url(port=1), clock=SteppingClock(), known=lambda: "", claim=lambda: "never"
    )
    assert (list(ledger.entries()), ledger.head()) == ([], GENESIS)


def test_a_long_ledger_is_read_in_pieces(opened):
    """More entries than one batch."""
    source = opened()
    from modelwright.ledger.memory import MemoryLedger

    other = MemoryLedger(clock=SteppingClock())
    filled(other, 2500)
    source.adopt(other.links())
    assert source.verify(head=other.head()).evidence[0] == "2500 entries"


def test_an_update_a_removal_and_emptying_by_hand_are_refused(cluster, opened, project):
    """A hurried hand is stopped at once; a patient one is found below."""
    filled(opened())
    for statement in ("UPDATE {} SET kind = 'x'", "DELETE FROM {}", "TRUNCATE {}"):
        with pytest.raises(psycopg.errors.RaiseException, match="never changed or removed"):
            cluster.execute(statement.format(f"modelwright_{project}.entries"))


TAMPERED = {
    "an edited body": (
        """UPDATE {} SET payload = overlay(payload PLACING '7' FROM position('"n":2' in payload) + 4)
        WHERE sequence = 3""",
        "entry 3 was changed after it was written",
    ),
    "an edited kind": ("UPDATE {} SET kind = 'approval.given' WHERE sequence = 4", "entry 4 was moved"),
    "a removed entry": ("DELETE FROM {} WHERE sequence = 2", "entry 2 is missing: 3 follows 1"),
    "bytes that are no entry": ("UPDATE {} SET payload = 'x' WHERE sequence = 5", "entry 5 was changed"),
    "a row of another shape": ("ALTER TABLE {} ALTER payload TYPE text USING 'x'", "row 1"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_is_found(what, cluster, opened, project):
    """By someone who owns the table and takes the triggers away first."""
    ledger = opened()
    head = filled(ledger)
    statement, told = TAMPERED[what]
    table = f"modelwright_{project}.entries"
    cluster.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL", statement.format(table))
    outcome = ledger.verify(head=head)
    assert outcome.status is Status.FAILED
    assert told in outcome.evidence[0]


def test_a_cut_end_is_found_against_a_head_noted_elsewhere(cluster, opened, project):
    """The rest is consistent in itself."""
    ledger = opened()
    head = filled(ledger)
    table = f"modelwright_{project}.entries"
    cluster.execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL", f"DELETE FROM {table} WHERE sequence > 3")
    assert ledger.verify().allows
    assert ledger.verify(head=head).status is Status.FAILED


WRITER = """
import sys
from modelwright.adapters.postgres_ledger import PostgresLedger
from modelwright.adapters.system_clock import SystemClock
from modelwright.authority.actor import Actor, ActorKind

url, project, name, count = sys.argv[1:]
ledger = PostgresLedger(url, clock=SystemClock(), known=lambda: project, claim=lambda: project)
actor = Actor(kind=ActorKind.SERVICE, name=name)
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(count)):
    print(ledger.append("note", {"n": number}, actor=actor).digest, flush=True)
ledger.close()
"""


def test_two_processes_at_once_never_fork_the_chain(cluster, opened, project):
    """From an empty database: not one entry is lost, each follows another."""
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, cluster.url(), project, name, "30"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name in ("one", "two")
    ]
    for process in writers:
        assert process.stdout.readline() == "ready\n"
    printed = set()
    for process in writers:
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in writers:
        printed |= set(process.communicate(timeout=60)[0].split())
        assert process.returncode == 0
    ledger = opened()
    assert ledger.verify().evidence[0] == "60 entries"
    assert {entry.digest for entry in ledger.entries()} == printed


def test_a_writer_that_does_not_let_go_is_told_as_busy(cluster, opened, project):
    """Not waited for without end; nothing is lost."""
    ledger = opened(patience=0.1)
    filled(ledger, 2)
    from modelwright.adapters.postgres_ledger import _lock_of

    with psycopg.connect(cluster.url()) as holder:
        holder.execute("SELECT pg_advisory_xact_lock(%s)", (_lock_of(f"modelwright_{project}"),))
        with pytest.raises(ProjectBusy, match="written by another process") as caught:
            ledger.append("note", {}, actor=LEAD)
        assert caught.value.exit_code is ExitCode.BUSY
    assert ledger.append("note", {}, actor=LEAD).sequence == 3


def test_a_writer_that_does_not_ask_for_its_turn_cannot_fork_the_chain(cluster, opened, project):
    """The primary key bars the second entry of a place; who came late is told to try again."""
    ledger = opened()
    filled(ledger, 1)
    with psycopg.connect(cluster.url()) as rude:
        rude.execute(f"INSERT INTO modelwright_{project}.entries VALUES (2, 'x', 'x', 'x')")
        late = []

        def write():
            try:
                opened(patience=5).append("note", {}, actor=LEAD)
            except ProjectBusy as error:
                late.append(str(error))

        writer = threading.Thread(target=write)
        writer.start()
        _wait_until(cluster, "SELECT 1 FROM pg_locks WHERE NOT granted")
        rude.commit()
        writer.join()
    assert "another process" in late[0]
    assert opened().verify().status is Status.FAILED


def _wait_until(cluster, query):
    """Poll the server until it answers with a row."""
    for _ in range(10_000):
        if cluster.execute(query):
            return
    raise AssertionError(query)


def test_a_connection_that_was_ended_is_taken_up_again(cluster, opened):
    """A restart of the server between two entries is nobody's business."""
    ledger = opened()
    filled(ledger, 2)
    cluster.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'modelwright'"
    )
    assert ledger.append("note", {}, actor=LEAD).sequence == 3
    cluster.execute(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'modelwright'"
    )
    assert ledger.verify().evidence[0] == "3 entries"


class Severing:
    """Stands between ledger and server, and cuts the line right after the server has said that it committed.

    Args:
        port: The server's port.
    """

    def __init__(self, port):
        """Listen on a port of its own."""
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.server = port
        self.cut = 1
        self.threads = [threading.Thread(target=self._accept, daemon=True)]
        self.threads[0].start()

    def _accept(self):
        with contextlib.suppress(OSError):
            while True:
                client, _ = self.listener.accept()
                server = socket.create_connection(("127.0.0.1", self.server))
                self.threads.append(threading.Thread(target=self._pass, args=(client, server), daemon=True))
                self.threads[-1].start()

    def _pass(self, client, server):
        """Carry bytes both ways, one exchange at a time."""
        with contextlib.suppress(OSError), client, server:
            client.settimeout(0.01)
            server.settimeout(0.01)
            committing = False
            while True:
                for source, target in ((client, server), (server, client)):
                    try:
                        data = source.recv(65536)
                    except TimeoutError:
                        continue
                    if not data:
                        return
                    if source is client and b"COMMIT" in data and self.cut:
                        committing = True
                    if source is server and committing:
                        self.cut -= 1
                        return
                    target.sendall(data)

    def close(self):
        """Listen no more."""
        self.listener.close()


def test_an_entry_whose_commit_was_not_answered_is_written_once(cluster, opened):
    """The server kept it, the line was cut: it is found again under the lock and not written twice."""
    line = Severing(cluster.port)
    ledger = opened(f"{cluster.url(port=line.port)}?sslmode=disable&gssencmode=disable")
    written = ledger.append("note", {"n": 0}, actor=LEAD)
    assert line.cut == 0
    entries = list(opened().entries())
    assert [entry.digest for entry in entries] == [written.digest]
    line.close()


def test_a_server_that_goes_away_in_the_middle_loses_nothing(cluster, opened):
    """As in a power cut: told in words, and the chain goes on once it is back."""
    ledger = opened()
    head = filled(ledger)
    cluster.stop(signal.SIGQUIT)
    try:
        with pytest.raises(ServiceFailed, match="cannot be reached") as caught:
            ledger.append("note", {}, actor=LEAD)
        assert caught.value.exit_code is ExitCode.WORLD_FAULT
        assert "start the server and run again" in caught.value.next_step
        with pytest.raises(ServiceFailed):
            ledger.head()
    finally:
        cluster.start()
    assert ledger.append("note", {}, actor=LEAD).previous == head
    assert ledger.verify(head=head).evidence[0] == "6 entries"


def test_a_wrong_password_is_told_without_showing_it(cluster, opened):
    """What to check is named; neither the right nor the wrong word is."""
    with pytest.raises(UserFault, match="does not let this user in") as caught:
        opened(cluster.url(password="not-it")).append("note", {}, actor=LEAD)
    assert "not-it" not in str(caught.value)
    assert "~/.pgpass" in caught.value.next_step


def test_a_database_that_is_not_there_is_told(cluster, opened):
    """With the word that makes one."""
    with pytest.raises(UserFault, match="there is no such database"):
        opened(cluster.url(database="nowhere")).head()


def test_a_place_where_nobody_listens_is_the_world_s_fault(cluster, opened):
    """Named without user and password."""
    with pytest.raises(ServiceFailed, match=r"127\.0\.0\.1:1/postgres cannot be reached"):
        opened(cluster.url(port=1)).head()


def test_a_read_only_database_is_told_and_still_read(cluster, opened):
    """A standby: everything can be looked up, nothing decided."""
    filled(opened(), 2)
    ledger = opened(f"{cluster.url()}?options=-c%20default_transaction_read_only%3Don")
    with pytest.raises(StorageFailed, match="read-only"):
        ledger.append("note", {}, actor=LEAD)
    assert ledger.verify().evidence[0] == "2 entries"


def test_a_user_without_rights_is_told_what_to_have_granted(cluster, opened, project):
    """One who may insert and read can work; one who may not is told."""
    filled(opened(), 1)
    cluster.execute(f"CREATE ROLE {project} LOGIN PASSWORD 'word'")
    ledger = opened(cluster.url(user=project, password="word"))
    with pytest.raises(StorageFailed, match="may not write") as caught:
        ledger.append("note", {}, actor=LEAD)
    assert "grant" in caught.value.next_step
    schema = f"modelwright_{project}"
    cluster.execute(
        f"GRANT USAGE ON SCHEMA {schema} TO {project}",
        f"GRANT SELECT, INSERT ON {schema}.entries TO {project}",
    )
    assert ledger.append("note", {}, actor=LEAD).sequence == 2


def test_a_table_that_is_not_the_ledger_s_is_told(cluster, opened, project):
    """Somebody else's, under the same name."""
    cluster.execute(
        f"CREATE SCHEMA modelwright_{project}", f"CREATE TABLE modelwright_{project}.entries (a text)"
    )
    with pytest.raises(IntegrityBroken, match="not as Modelwright made it"):
        opened().append("note", {}, actor=LEAD)


def test_a_server_that_answers_before_its_disk_does_is_made_to_wait(cluster, opened, project):
    """An entry that was returned is on the disk, whatever the database's default."""
    ledger = opened(f"{cluster.url()}?options=-c%20synchronous_commit%3Doff")
    filled(ledger, 1)
    cluster.execute(
        f"CREATE TABLE modelwright_{project}.seen AS SELECT ''::text AS setting",
        f"CREATE FUNCTION modelwright_{project}.note() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
        f"UPDATE modelwright_{project}.seen SET setting = current_setting('synchronous_commit'); "
        "RETURN NEW; END $$",
        f"CREATE TRIGGER look BEFORE INSERT ON modelwright_{project}.entries "
        f"FOR EACH ROW EXECUTE FUNCTION modelwright_{project}.note()",
    )
    ledger.append("note", {}, actor=LEAD)
    assert cluster.execute(f"SELECT setting FROM modelwright_{project}.seen") == [("on",)]


def test_what_is_no_url_is_told():
    """Before anything is connected to."""
    with pytest.raises(UserFault, match="not a PostgreSQL URL"):
        place_of("postgresql://host:port:port/x?y")
