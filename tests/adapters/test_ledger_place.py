"""Where the ledger lies: a project has one, and whoever would begin a second is told."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from modelwright.adapters.ledger_place import LedgerNote, open_ledger
from modelwright.adapters.postgres_ledger import PostgresLedger
from modelwright.adapters.sqlite_ledger import SqliteLedger
from modelwright.authority.actor import Actor, ActorKind
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.errors import IntegrityBroken, StorageFailed, UserFault

LEAD = Actor(kind=ActorKind.PERSON, name="lead")
URL = "postgresql://lead:secret@db.example/models"


def opened(url, folder):
    """The ledger of a project in this folder."""
    return open_ledger(url, file=folder / "ledger.db", note=folder / "ledger.json", clock=SteppingClock())


def noted(folder, **options):
    """The note of a project in this folder."""
    return LedgerNote(folder / "ledger.json", **({"place": "db.example:5432/models"} | options))


def test_without_a_setting_the_ledger_is_a_file_in_the_project(tmp_path):
    """The default needs no server."""
    assert isinstance(opened("", tmp_path), SqliteLedger)


def test_a_url_asks_for_postgresql_and_writes_nothing_yet(tmp_path):
    """A look at a project leaves no trace."""
    ledger = opened(URL, tmp_path)
    assert isinstance(ledger, PostgresLedger)
    assert ledger.place == "db.example:5432/models"
    assert list(tmp_path.iterdir()) == []


def test_a_name_is_settled_once_and_holds(tmp_path):
    """Drawn by chance when nobody chose it; without password in the note."""
    name = noted(tmp_path).claim()
    assert len(name) == 16
    assert noted(tmp_path).claim() == noted(tmp_path).known() == name
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.json"]


def test_many_at_once_settle_on_one_name(tmp_path):
    """Two names would be two ledgers."""
    with ThreadPoolExecutor(max_workers=8) as pool:
        names = set(pool.map(lambda _: noted(tmp_path).claim(), range(32)))
    assert names == {noted(tmp_path).known()}
    assert [path.name for path in tmp_path.iterdir()] == ["ledger.json"]


def test_a_project_that_others_began_is_joined_by_name(tmp_path):
    """The name in the URL is what counts, and is noted with the first entry."""
    assert noted(tmp_path, wanted="calls").known() == "calls"
    noted(tmp_path, wanted="calls").claim()
    assert noted(tmp_path).known() == "calls"
    with pytest.raises(UserFault, match="lies elsewhere") as caught:
        noted(tmp_path, wanted="other").known()
    assert "project=calls" in caught.value.next_step


def test_a_forgotten_setting_does_not_begin_a_second_ledger(tmp_path):
    """The note says where the first one is."""
    noted(tmp_path).claim()
    with pytest.raises(UserFault, match="this project's ledger lies elsewhere") as caught:
        opened("", tmp_path)
    assert "set MODELWRIGHT_LEDGER to postgresql://USER@db.example:5432/models" in caught.value.next_step
    with pytest.raises(UserFault, match="lies elsewhere"):
        opened("postgresql://lead@other.example/models", tmp_path)


def test_a_setting_does_not_hide_the_ledger_a_project_has(tmp_path):
    """The way to move it is told."""
    ledger = opened("", tmp_path)
    ledger.append("note", {}, actor=LEAD)
    ledger.close()
    with pytest.raises(UserFault, match="has its ledger in a file") as caught:
        opened(URL, tmp_path)
    assert "ledger import" in caught.value.next_step
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://host/db", "no kind of ledger that is known"),
        ("ledger.db", "no kind of ledger that is known"),
        (f"{URL}?project=../x", "cannot be the name of a project"),
        (f"{URL}?project=X", "cannot be the name of a project"),
        ("postgresql://[::1/d", "no kind of ledger that is known"),
        (f"{URL}?nonsense=1", "not a PostgreSQL URL"),
    ],
)
def test_a_setting_that_cannot_be_meant_is_told(url, told, tmp_path):
    """In words, without the password."""
    with pytest.raises(UserFault, match=told) as caught:
        opened(url, tmp_path)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("text", ["", "[]", "{}", '{"place": "x"}', "[" * 4000, '{"place":"x","project":'])
def test_a_damaged_note_is_not_taken_for_none(text, tmp_path):
    """That would begin a second ledger."""
    (tmp_path / "ledger.json").write_text(text, encoding="utf-8")
    with pytest.raises(IntegrityBroken, match=r"ledger\.json cannot be read"):
        noted(tmp_path).known()


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    """A file stands where the folder should be."""
    (tmp_path / "store").write_bytes(b"")
    with pytest.raises(StorageFailed):
        noted(tmp_path / "store").claim()
