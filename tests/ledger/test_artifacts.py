"""Artifacts: whole or not at all, found by digest alone, and checked on reading."""

import os
import resource
import signal
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.kernel.digest import digest_of_bytes
from modelwright.kernel.errors import IntegrityBroken, StorageFailed
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.artifacts import ArtifactStore, write_atomically


def leftovers(folder):
    """Files that are neither whole nor gone."""
    return [path for path in folder.rglob("*") if path.name.endswith(".part")]


def test_what_was_put_is_got_back_under_its_digest(tmp_path):
    """And putting it twice changes nothing."""
    store = ArtifactStore(tmp_path / "artifacts")
    digest = store.put(b"evidence")
    assert digest == digest_of_bytes(b"evidence")
    assert store.put(b"evidence") == digest
    assert store.get(digest) == b"evidence"
    assert store.has(digest)
    assert not store.has(digest_of_bytes(b"other"))
    assert leftovers(tmp_path) == []


def test_a_record_comes_back_as_its_type(tmp_path):
    """Types are checked on the way in."""
    store = ArtifactStore(tmp_path)
    outcome = Outcome(status=Status.FAILED, what="a gate", evidence=("0.7",))
    digest = store.put_record(outcome)
    assert store.get_record(digest, Outcome) == outcome
    with pytest.raises(IntegrityBroken, match="do not form a Outcome"):
        store.get_record(store.put(b'{"status":"maybe"}'), Outcome)


def test_one_changed_byte_is_found(tmp_path):
    """Evidence that can be edited is no evidence."""
    store = ArtifactStore(tmp_path)
    digest = store.put(b"evidence")
    store.path(digest).write_bytes(b"Evidence")
    with pytest.raises(IntegrityBroken, match="was changed after it was stored"):
        store.get(digest)


def test_a_damaged_artifact_is_mended_by_putting_it_again(tmp_path):
    """The phase that made it only has to run again."""
    store = ArtifactStore(tmp_path)
    digest = store.put(b"evidence")
    store.path(digest).write_bytes(b"")
    assert store.put(b"evidence") == digest
    assert store.get(digest) == b"evidence"


def test_a_missing_artifact_is_named(tmp_path):
    """With what to do."""
    with pytest.raises(IntegrityBroken, match="run the phase that made it again"):
        ArtifactStore(tmp_path).get(digest_of_bytes(b"never"))


@given(st.text(max_size=80))
def test_no_name_but_a_digest_reaches_the_disk(tmp_path_factory, name):
    """No path can lead out of the store."""
    store = ArtifactStore(tmp_path_factory.getbasetemp())
    with pytest.raises(IntegrityBroken, match="is not a digest"):
        store.path(name)


def test_a_write_replaces_the_old_content(tmp_path):
    """Folders are made on the way."""
    target = tmp_path / "deep" / "a.txt"
    write_atomically(target, b"old")
    write_atomically(target, b"new")
    assert target.read_bytes() == b"new"
    assert leftovers(tmp_path) == []


def test_a_file_in_place_of_the_folder_is_the_world_s_fault(tmp_path):
    """The message says what was unharmed and what to check."""
    (tmp_path / "a").write_bytes(b"")
    with pytest.raises(StorageFailed, match="check that the folder is writable"):
        write_atomically(tmp_path / "a" / "b", b"x")


def write_with_little_room(target, answers):
    """In a process of its own: files may not grow beyond a few bytes."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (16, 16))
    try:
        write_atomically(target, b"x" * 1000)
    except StorageFailed as error:
        answers.put(error.what)


def test_a_full_disk_leaves_the_old_content(tmp_path):
    """Simulated by a limit on file sizes: the real write fails halfway."""
    target = tmp_path / "a.txt"
    write_atomically(target, b"old")
    context = get_context("spawn")
    answers = context.Queue()
    process = context.Process(target=write_with_little_room, args=(target, answers))
    process.start()
    assert "could not write a.txt" in answers.get(timeout=30)
    process.join()
    assert target.read_bytes() == b"old"
    assert leftovers(tmp_path) == []


def test_threads_that_write_the_same_file_leave_it_whole(tmp_path):
    """Each has a temporary name of its own."""
    target = tmp_path / "a.txt"
    contents = [letter * 20_000 for letter in (b"a", b"b", b"c", b"d")]
    with ThreadPoolExecutor(max_workers=4) as pool:
        for _ in pool.map(lambda number: write_atomically(target, contents[number % 4]), range(60)):
            assert target.read_bytes() in contents
    assert leftovers(tmp_path) == []


def test_a_folder_in_place_of_an_artifact_is_the_world_s_fault(tmp_path):
    """Reading and writing both say so."""
    store = ArtifactStore(tmp_path)
    digest = digest_of_bytes(b"evidence")
    (store.path(digest) / "inside").mkdir(parents=True)
    with pytest.raises(StorageFailed, match="cannot be read"):
        store.get(digest)
    with pytest.raises(StorageFailed, match="could not write"):
        store.put(b"evidence")


def write_for_ever(target):
    """In a process of its own: two contents in turn, until killed."""
    while True:
        write_atomically(target, b"a" * 50_000)
        write_atomically(target, b"b" * 50_000)


def test_a_kill_leaves_the_old_or_the_new_content(tmp_path):
    """Never half of either."""
    context = get_context("spawn")
    for _ in range(3):
        target = tmp_path / "a.txt"
        process = context.Process(target=write_for_ever, args=(target,))
        process.start()
        while not target.exists():
            assert process.is_alive()
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert target.read_bytes() in {b"a" * 50_000, b"b" * 50_000}
