"""The SQLite ledger: every promise of the port, several processes, kills, and hands that tamper."""

import resource
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from multiprocessing import get_context

import pytest

from modelwright.adapters.sqlite_ledger import SqliteLedger
from modelwright.adapters.system_clock import SystemClock
from modelwright.authority.actor import Actor, ActorKind
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.errors import ExitCode, IntegrityBroken, OurFault, ProjectBusy, StorageFailed
from modelwright.kernel.outcome import Status
from modelwright.ledger.entry import GENESIS
from modelwright.testing.ledger_suite import LEDGER_PROMISES

LEAD = Actor(kind=ActorKind.PERSON, name="lead")


def open_ledger(path, **options):
    """A ledger with a clock that steps."""
    return SqliteLedger(path, clock=SteppingClock(), **options)


def filled(path, length=5):
    """A ledger file with some entries, closed; and its head."""
    ledger = open_ledger(path)
    for number in range(length):
        ledger.append("note", {"n": number}, actor=LEAD)
    head = ledger.head()
    ledger.close()
    return head


def tamper(path, *statements):
    """What someone who can write the file may do: first away with the triggers."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("DROP TRIGGER entries_are_not_changed")
    connection.execute("DROP TRIGGER entries_are_not_removed")
    for statement in statements:
        connection.execute(statement)
    connection.close()


@pytest.mark.parametrize("promise", LEDGER_PROMISES, ids=lambda promise: promise.__name__)
def test_a_sqlite_ledger_keeps(promise: Callable, tmp_path):
    """The shipped suite."""
    opened = []

    def open_it():
        opened.append(open_ledger(tmp_path / "project" / "ledger.db"))
        return opened[-1]

    promise(open_it)
    for ledger in opened:
        ledger.close()


def test_reading_leaves_no_trace(tmp_path):
    """A project without a ledger is looked at, not changed."""
    ledger = open_ledger(tmp_path / "ledger.db")
    assert list(ledger.entries()) == []
    assert ledger.head() == GENESIS
    assert ledger.verify().allows
    assert list(tmp_path.iterdir()) == []


def test_entries_outlive_the_process_that_wrote_them(tmp_path):
    """Closed and opened again, the chain goes on."""
    head = filled(tmp_path / "ledger.db")
    ledger = open_ledger(tmp_path / "ledger.db")
    assert ledger.head() == head
    assert ledger.append("note", {}, actor=LEAD).previous == head
    assert ledger.verify(head=head).evidence[0] == "6 entries"
    ledger.close()
    assert ledger.head() != head
    ledger.close()


def test_an_update_or_a_removal_by_hand_is_refused(tmp_path):
    """A hurried hand is stopped at once; a patient one is found below."""
    path = tmp_path / "ledger.db"
    filled(path)
    connection = sqlite3.connect(path)
    with pytest.raises(sqlite3.IntegrityError, match="never changed"):
        connection.execute("UPDATE entries SET kind = 'x'")
    with pytest.raises(sqlite3.IntegrityError, match="never removed"):
        connection.execute("DELETE FROM entries")
    connection.close()


TAMPERED = {
    "an edited body": (
        "UPDATE entries SET payload = replace(payload, '\"n\":2', '\"n\":7') WHERE sequence = 3",
        "entry 3 was changed after it was written",
    ),
    "an edited digest": ("UPDATE entries SET digest = 'sha256:0' WHERE sequence = 2", "entry 2 was changed"),
    "an edited kind": ("UPDATE entries SET kind = 'approval.given' WHERE sequence = 4", "entry 4 was moved"),
    "a removed entry": ("DELETE FROM entries WHERE sequence = 2", "entry 2 is missing: 3 follows 1"),
    "a removed beginning": ("DELETE FROM entries WHERE sequence < 3", "entry 1 is missing: 3 follows 0"),
    "bytes that are no entry": ("UPDATE entries SET payload = 'x' WHERE sequence = 5", "entry 5 was changed"),
    "a row of another shape": ("UPDATE entries SET payload = x'ff' WHERE sequence = 2", "row 2"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_tampering_is_found(what, tmp_path):
    """Any edit, gap or reorder; the first entry that does not fit is named."""
    path = tmp_path / "ledger.db"
    head = filled(path)
    statement, told = TAMPERED[what]
    if "x'ff'" in statement:
        tamper(
            path,
            "ALTER TABLE entries RENAME TO strict_entries",
            "CREATE TABLE entries (sequence, kind, payload, digest)",
            "INSERT INTO entries SELECT * FROM strict_entries",
            statement,
        )
    else:
        tamper(path, statement)
    ledger = open_ledger(path)
    outcome = ledger.verify(head=head)
    assert outcome.status is Status.FAILED
    assert told in outcome.evidence[0]
    ledger.close()


def test_reordered_entries_are_found(tmp_path):
    """Their numbers are exchanged, their contents are whole."""
    path = tmp_path / "ledger.db"
    filled(path)
    tamper(
        path,
        "UPDATE entries SET sequence = 99 WHERE sequence = 2",
        "UPDATE entries SET sequence = 2 WHERE sequence = 3",
        "UPDATE entries SET sequence = 3 WHERE sequence = 99",
    )
    ledger = open_ledger(path)
    assert ledger.verify().evidence[0] == "entry 2 was moved: it says it is entry 3, note"
    ledger.close()


def test_a_cut_end_is_found_against_a_head_noted_elsewhere(tmp_path):
    """The rest is consistent in itself."""
    path = tmp_path / "ledger.db"
    head = filled(path)
    tamper(path, "DELETE FROM entries WHERE sequence > 3")
    ledger = open_ledger(path)
    assert ledger.verify().allows
    assert "was the head once and is not in the chain" in ledger.verify(head=head).evidence[0]
    ledger.close()


def test_a_removed_file_is_found_against_a_head_noted_elsewhere(tmp_path):
    """An empty ledger is consistent too."""
    path = tmp_path / "ledger.db"
    head = filled(path)
    path.unlink()
    assert open_ledger(path).verify(head=head).status is Status.FAILED


@pytest.mark.parametrize("data", [b"this is no database" * 300, b"\x00" * 5000], ids=["text", "zeros"])
def test_a_file_that_is_no_database_is_broken_integrity(data, tmp_path):
    """Named, with the copy to restore; never taken for an empty ledger."""
    path = tmp_path / "ledger.db"
    path.write_bytes(data)
    ledger = open_ledger(path)
    with pytest.raises(IntegrityBroken, match=r"ledger\.db is damaged") as caught:
        ledger.append("note", {}, actor=LEAD)
    assert caught.value.exit_code is ExitCode.TAMPERED
    with pytest.raises(IntegrityBroken):
        ledger.head()
    with pytest.raises(IntegrityBroken):
        list(ledger.entries())
    assert ledger.verify().status is Status.FAILED
    assert path.read_bytes() == data


def test_any_damaged_page_is_found(tmp_path):
    """Garbage in the middle of the file, wherever it lands among the entries."""
    path = tmp_path / "ledger.db"
    head = filled(path, length=200)
    whole = path.read_bytes()
    for place in range(4096, len(whole), 4096):
        path.write_bytes(whole[:place] + b"\xa5" * 512 + whole[place + 512 :])
        ledger = open_ledger(path)
        untouched = [entry.body["n"] for entry in _readable(ledger)]
        outcome = ledger.verify(head=head)
        assert outcome.status is Status.FAILED or untouched == list(range(200))
        ledger.close()


def _readable(ledger):
    """The entries up to where reading breaks off."""
    try:
        yield from ledger.entries()
    except IntegrityBroken:
        return


def test_a_file_cut_short_is_found(tmp_path):
    """Half a database is no database."""
    path = tmp_path / "ledger.db"
    head = filled(path, length=200)
    with path.open("r+b") as stream:
        stream.truncate(path.stat().st_size // 2)
    ledger = open_ledger(path)
    assert ledger.verify(head=head).status is Status.FAILED
    ledger.close()


WRITER = """
import sys
from pathlib import Path
from modelwright.adapters.sqlite_ledger import SqliteLedger
from modelwright.adapters.system_clock import SystemClock
from modelwright.authority.actor import Actor, ActorKind

ledger = SqliteLedger(Path(sys.argv[1]), clock=SystemClock())
actor = Actor(kind=ActorKind.SERVICE, name=sys.argv[2])
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[3])):
    print(ledger.append("note", {"n": number}, actor=actor).digest, flush=True)
"""


def writer(path, name, count):
    """A process that writes entries once it is told to."""
    return subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), name, str(count)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )


def test_two_processes_at_once_never_fork_the_chain(tmp_path):
    """From an empty folder: not one entry is lost, each follows another."""
    path = tmp_path / "ledger.db"
    writers = [writer(path, name, 60) for name in ("one", "two")]
    for process in writers:
        assert process.stdout.readline() == "ready\n"
    for process in writers:
        process.stdin.write("go\n")
        process.stdin.flush()
    printed = [process.communicate(timeout=60)[0].split() for process in writers]
    assert [process.returncode for process in writers] == [0, 0]
    ledger = open_ledger(path)
    entries = list(ledger.entries())
    assert ledger.verify().evidence[0] == "120 entries"
    assert {entry.digest for entry in entries} == {digest for lines in printed for digest in lines}
    for name in ("one", "two"):
        assert [entry.body["n"] for entry in entries if entry.actor.name == name] == list(range(60))
    ledger.close()


def test_a_killed_writer_loses_nothing_it_was_told_is_written(tmp_path):
    """Kill -9 while it writes: what it printed is there, and the chain is whole."""
    path = tmp_path / "ledger.db"
    process = writer(path, "victim", 100_000)
    process.stdout.readline()
    process.stdin.write("go\n")
    process.stdin.flush()
    told = [process.stdout.readline().strip() for _ in range(20)]
    process.kill()
    told += [line for line in process.communicate()[0].split() if len(line) == 71]
    ledger = open_ledger(path)
    assert ledger.verify().allows
    assert set(told) <= {entry.digest for entry in ledger.entries()}
    assert ledger.append("note", {}, actor=LEAD).sequence > 20
    ledger.close()


def test_a_writer_that_does_not_let_go_is_told_as_busy(tmp_path):
    """Not waited for without end; nothing is lost."""
    path = tmp_path / "ledger.db"
    filled(path)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    ledger = open_ledger(path, patience=0.05)
    with pytest.raises(ProjectBusy, match="written by another process") as caught:
        ledger.append("note", {}, actor=LEAD)
    assert caught.value.exit_code is ExitCode.BUSY
    assert ledger.verify().evidence[0] == "5 entries"
    holder.execute("COMMIT")
    holder.close()
    assert ledger.append("note", {}, actor=LEAD).sequence == 6
    ledger.close()


def test_a_file_that_another_process_sets_up_is_waited_for(tmp_path):
    """As long as patience lasts; SQLite itself would not wait here."""
    path = tmp_path / "ledger.db"
    holder = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(ProjectBusy):
        open_ledger(path, patience=0.05).append("note", {}, actor=LEAD)
    release = threading.Timer(0.2, lambda: holder.execute("COMMIT"))
    release.start()
    ledger = open_ledger(path)
    assert ledger.append("note", {}, actor=LEAD).sequence == 1
    release.join()
    holder.close()
    ledger.close()


def test_an_append_that_is_broken_off_leaves_nothing_behind(tmp_path):
    """An interrupt between begin and commit: the next writer finds the old ledger."""

    class Interrupting(SteppingClock):
        def now(self):
            raise KeyboardInterrupt

    path = tmp_path / "ledger.db"
    head = filled(path)
    ledger = SqliteLedger(path, clock=Interrupting())
    with pytest.raises(KeyboardInterrupt):
        ledger.append("note", {}, actor=LEAD)
    assert ledger.head() == head
    other = open_ledger(path, patience=0.05)
    assert other.append("note", {}, actor=LEAD).previous == head
    with pytest.raises(OurFault, match="cannot be written"):
        other.append("note", {"x": float("inf")}, actor=LEAD)
    other.close()
    ledger.close()


def append_with_little_room(path, answers):
    """In a process of its own: files may not grow any more."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    ledger = open_ledger(path)
    ledger.append("note", {}, actor=LEAD)
    resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000))
    try:
        for _ in range(100):
            ledger.append("note", {"text": "x" * 10_000}, actor=LEAD)
    except StorageFailed as error:
        answers.put(str(error))
        answers.put(ledger.verify().allows)


def test_a_full_disk_is_the_world_s_fault_and_harms_nothing(tmp_path):
    """Simulated by a limit on file sizes."""
    path = tmp_path / "ledger.db"
    filled(path)
    context = get_context("spawn")
    answers = context.Queue()
    process = context.Process(target=append_with_little_room, args=(path, answers))
    process.start()
    assert "cannot be read or written" in answers.get(timeout=30)
    assert answers.get(timeout=30)
    process.join()
    ledger = open_ledger(path)
    assert ledger.verify().allows
    ledger.close()


def test_a_folder_that_cannot_be_made_is_the_world_s_fault(tmp_path):
    """A file stands where the folder should be."""
    (tmp_path / "project").write_bytes(b"")
    with pytest.raises(StorageFailed, match="unable to open"):
        open_ledger(tmp_path / "project" / "ledger.db").append("note", {}, actor=LEAD)


def test_a_folder_in_place_of_the_file_is_the_world_s_fault(tmp_path):
    """Told by reading and by writing alike."""
    (tmp_path / "ledger.db").mkdir()
    ledger = open_ledger(tmp_path / "ledger.db")
    with pytest.raises(StorageFailed):
        ledger.append("note", {}, actor=LEAD)
    with pytest.raises(StorageFailed):
        ledger.head()


FORKING = """
import os, sys
from pathlib import Path
from modelwright.adapters.sqlite_ledger import SqliteLedger
from modelwright.authority.actor import Actor, ActorKind
from modelwright.kernel.clock import SteppingClock

ledger = SqliteLedger(Path(sys.argv[1]), clock=SteppingClock())
actor = Actor(kind=ActorKind.SERVICE, name="parent")
ledger.append("note", {}, actor=actor)
if os.fork() == 0:
    ledger.append("note", {}, actor=actor)
    ledger.close()
    os._exit(0)
os.wait()
ledger.append("note", {}, actor=actor)
print(ledger.verify().evidence[0])
if os.fork() == 0:
    ledger.close()
    os._exit(0)
os.wait()
print(ledger.append("note", {}, actor=actor).sequence)
"""


def test_a_process_that_forks_opens_its_own_connection(tmp_path):
    """SQLite connections must not cross a fork."""
    answer = subprocess.run(
        [sys.executable, "-c", FORKING, str(tmp_path / "ledger.db")],
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout.split("\n") == ["3 entries", "4", ""]


def test_a_reader_is_not_held_up_by_a_writer(tmp_path):
    """Entries are read while another thread adds some."""
    ledger = open_ledger(tmp_path / "ledger.db")
    ledger.append("note", {}, actor=LEAD)
    done = threading.Event()

    def write():
        for _ in range(100):
            ledger.append("note", {}, actor=LEAD)
        done.set()

    thread = threading.Thread(target=write)
    thread.start()
    while not done.is_set():
        assert next(iter(ledger.entries())).sequence == 1
    thread.join()
    assert ledger.verify().evidence[0] == "101 entries"
    ledger.close()


def test_ten_thousand_entries_are_verified_in_a_moment(tmp_path):
    """Streamed: the time grows with the number of entries and no faster."""
    path = tmp_path / "ledger.db"
    filled(path, length=1)
    ledger = open_ledger(path)
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA synchronous = OFF")
    _fill_quickly(connection, 10_000)
    connection.close()
    start = time.process_time()
    outcome = ledger.verify()
    seconds = time.process_time() - start
    assert outcome.evidence[0] == "10000 entries"
    assert seconds < 15
    ledger.close()


def _fill_quickly(connection, length):
    """Chain entries without waiting for the disk after each."""
    from modelwright.ledger.chain import chained
    from modelwright.ledger.entry import Link

    clock = SteppingClock()
    row = connection.execute("SELECT sequence, kind, payload, digest FROM entries").fetchone()
    link = Link(sequence=row[0], kind=row[1], payload=row[2].encode(), digest=row[3])
    rows = []
    while link.sequence < length:
        link = chained(link, "note", {"text": "x" * 200}, at=clock.now(), actor=LEAD, artifacts={})
        rows.append((link.sequence, link.kind, link.payload.decode(), link.digest))
    connection.execute("BEGIN")
    connection.executemany("INSERT INTO entries VALUES (?, ?, ?, ?)", rows)
    connection.execute("COMMIT")


def test_the_ledger_pulls_in_no_heavy_library():
    """`status` reads it within a fraction of a second."""
    code = (
        "import sys, modelwright.adapters.sqlite_ledger as _; "
        "print({'polars', 'pydantic', 'numpy', 'sklearn', 'ruamel'} & set(sys.modules))"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "set()"


def test_the_system_clock_tells_utc_and_moves_on(tmp_path):
    """Entries carry it."""
    before = SystemClock().now()
    ledger = SqliteLedger(tmp_path / "ledger.db", clock=SystemClock())
    entry = ledger.append("note", {}, actor=LEAD)
    assert before <= entry.at <= SystemClock().now()
    assert entry.at.utcoffset().total_seconds() == 0
    ledger.close()


def test_a_link_in_place_of_the_file_is_refused(tmp_path):
    """Also one that leads nowhere yet; what it points at is neither read nor made."""
    filled(tmp_path / "other.db")
    link, dangling = tmp_path / "ledger.db", tmp_path / "dangling.db"
    link.symlink_to(tmp_path / "other.db")
    dangling.symlink_to(tmp_path / "made.db")
    for path in (link, dangling):
        ledger = open_ledger(path)
        with pytest.raises(IntegrityBroken, match="is a link to another file"):
            ledger.head()
        with pytest.raises(IntegrityBroken, match="is a link to another file"):
            ledger.append("note", {}, actor=LEAD)
        assert ledger.verify().status is Status.FAILED
    assert not (tmp_path / "made.db").exists()


def test_a_link_in_place_of_the_log_beside_it_is_refused(tmp_path):
    """SQLite writes there first."""
    path = tmp_path / "ledger.db"
    filled(path)
    victim = tmp_path / "victim"
    victim.write_bytes(b"precious")
    (tmp_path / "ledger.db-wal").symlink_to(victim)
    with pytest.raises(IntegrityBroken, match=r"ledger\.db-wal is a link"):
        open_ledger(path).append("note", {}, actor=LEAD)
    assert victim.read_bytes() == b"precious"


@pytest.mark.parametrize("what", ["removed", "exchanged for another", "link"])
def test_a_file_that_is_swapped_while_it_is_open_is_noticed(what, tmp_path):
    """An entry written to a file nobody finds again would be lost."""
    path, other = tmp_path / "ledger.db", tmp_path / "other.db"
    filled(path)
    filled(other, length=2)
    ledger = open_ledger(path)
    assert ledger.head() != GENESIS
    path.unlink()
    if what == "exchanged for another":
        other.rename(path)
    elif what == "link":
        path.symlink_to(other)
    with pytest.raises(IntegrityBroken, match=what):
        ledger.append("note", {}, actor=LEAD)
    with pytest.raises(IntegrityBroken, match=what):
        ledger.head()
    assert ledger.verify().status is Status.FAILED
    ledger.close()


def test_an_entry_dated_before_the_last_one_is_kept_and_told(tmp_path):
    """A clock set back stops nothing and hides nothing."""
    path = tmp_path / "ledger.db"
    filled(path, length=3)
    ledger = SqliteLedger(path, clock=SteppingClock())
    assert ledger.append("note", {}, actor=LEAD).sequence == 4
    outcome = ledger.verify()
    assert outcome.allows
    assert outcome.evidence[-1].startswith("the clock went backwards 1 times between entries; first, entry 4")
    ledger.close()
