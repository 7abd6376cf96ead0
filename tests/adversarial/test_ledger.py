"""The ledger rewritten, truncated, forked or torn: every way round the chain is seen."""

import shutil
import sqlite3
from contextlib import closing

import pytest
from tests.adversarial.refusals import found_by, found_by_verify, refused
from tests.workflow.projects import LEAD, service_in

from modelwright.kernel.errors import IntegrityBroken
from modelwright.ledger.chain import Link, chained, opened
from modelwright.ledger.entry import GENESIS


def attacked(service, *statements):
    """Change the database by hand, its triggers first, and open the project anew."""
    service.ports.ledger.close()
    with closing(sqlite3.connect(service.ports.project.ledger_file)) as connection:
        triggers = [
            name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type='trigger'")
        ]
        for trigger in triggers:
            connection.execute(f"DROP TRIGGER {trigger}")
        for statement in statements:
            connection.execute(*statement) if isinstance(statement, tuple) else connection.execute(statement)
        connection.commit()
    return service_in(service.ports.project.root)


def rows(service):
    """What the database holds."""
    service.ports.ledger.close()
    with closing(sqlite3.connect(service.ports.project.ledger_file)) as connection:
        return connection.execute("SELECT sequence, kind, payload, digest FROM entries ORDER BY 1").fetchall()


HAND = {
    "a reason reworded": "UPDATE entries SET payload = replace(payload, 'certificate passed', 'all passed')",
    "a name replaced": "UPDATE entries SET payload = replace(payload, '\"lead\"', '\"boss\"')",
    "a kind renamed": "UPDATE entries SET kind = 'note' WHERE kind = 'look.taken'",
    "a digest replaced": "UPDATE entries SET digest = 'sha256:0' WHERE sequence = 3",
    "an entry taken out": "DELETE FROM entries WHERE sequence = 7",
    "the first entry taken out": "DELETE FROM entries WHERE sequence = 1",
    "an entry moved": "UPDATE entries SET sequence = 999 WHERE sequence = 7",
    "a payload emptied": "UPDATE entries SET payload = '' WHERE sequence = 5",
    "a payload of another kind": "UPDATE entries SET payload = '[]' WHERE sequence = 5",
}


@pytest.mark.parametrize("hand", HAND)
def test_a_hand_in_the_database_is_seen(finished, hand):
    """Words, names, kinds, digests, gaps and moves: the first entry that does not fit is named."""
    fresh = attacked(finished, HAND[hand])
    found_by(fresh.ledger.verify(), "entry")
    assert not fresh.verify().outcome.allows


def test_the_database_itself_refuses_an_update_and_a_deletion(finished):
    """By its own triggers, before anybody verifies."""
    finished.ports.ledger.close()
    with closing(sqlite3.connect(finished.ports.project.ledger_file)) as connection:
        for statement in ("UPDATE entries SET kind = 'x'", "DELETE FROM entries"):
            with pytest.raises(sqlite3.IntegrityError, match="never"):
                connection.execute(statement)


def test_an_end_that_was_cut_off_is_seen_by_whoever_noted_the_head(finished):
    """Consistent in itself, and shorter than it was."""
    noted = finished.ports.ledger.head()
    fresh = attacked(finished, "DELETE FROM entries WHERE sequence > 20")
    found_by(fresh.ports.ledger.verify(head=noted), "was the head once")


def test_a_fork_is_seen_by_whoever_noted_the_head(finished, tmp_path):
    """Two futures of one past: the head of the one is not in the other."""
    shutil.copytree(finished.ports.project.root, tmp_path / "fork" / "calls")
    shutil.copytree(finished.ports.project.root.parent / "home", tmp_path / "fork" / "home")
    fork = service_in(tmp_path / "fork" / "calls")
    finished.refuse(6, reason="this is what happened")
    noted = finished.ports.ledger.head()
    fork.approve(6, reason="this is what shall have happened")
    assert fork.ledger.verify().allows
    found_by(fork.ports.ledger.verify(head=noted), "not in the chain")


def rewritten(service, change):
    """Every entry chained anew after a change: a chain that is whole in itself."""
    told, last = [], None
    for sequence, kind, payload, digest in rows(service):
        entry = opened(Link(sequence=sequence, kind=kind, payload=payload.encode(), digest=digest))
        kept = change(entry)
        if kept is None:
            continue
        last = chained(
            last, entry.kind, kept, at=entry.at, actor=entry.actor, artifacts=dict(entry.artifacts)
        )
        told.append(last)
    inserts = [
        (
            "INSERT INTO entries VALUES (?, ?, ?, ?)",
            (link.sequence, link.kind, link.payload.decode(), link.digest),
        )
        for link in told
    ]
    return attacked(service, "DELETE FROM entries", *inserts)


def test_a_history_that_was_written_anew_is_seen_by_whoever_noted_the_head(finished):
    """One reason changed, and the whole chain made to fit: only the noted head tells."""
    noted = finished.ports.ledger.head()

    def change(entry):
        return {**entry.body, "reason": "prettier"} if "reason" in entry.body else entry.body

    fresh = rewritten(finished, change)
    found_by(fresh.ports.ledger.verify(head=noted), "not in the chain")


def test_a_history_without_its_look_does_not_join(finished):
    """Chained anew without the answer of the sealed labels: the version stands on nothing."""
    fresh = rewritten(finished, lambda entry: None if entry.kind.startswith("look.") else entry.body)
    found_by_verify(fresh, "no look at sealed labels")


def test_an_entry_put_between_two_others_is_seen(finished):
    """Where it follows what it says it follows, the one behind it does not."""
    listed = rows(finished)
    before = Link(
        sequence=listed[4][0], kind=listed[4][1], payload=listed[4][2].encode(), digest=listed[4][3]
    )
    extra = chained(
        before, "approval.given", {"subject": "promotion:v1"}, at=finished.ports.clock.now(), actor=LEAD,
        artifacts={},
    )  # fmt: skip
    shift = [f"UPDATE entries SET sequence = sequence + 1000 WHERE sequence >= {extra.sequence}"]
    back = [f"UPDATE entries SET sequence = sequence - 999 WHERE sequence >= {1000 + extra.sequence}"]
    put = (
        "INSERT INTO entries VALUES (?, ?, ?, ?)",
        (extra.sequence, extra.kind, extra.payload.decode(), extra.digest),
    )
    fresh = attacked(finished, *shift, *back, put)
    found_by(fresh.ledger.verify(), f"entry {extra.sequence + 1}")


def test_a_torn_database_is_told_as_such(finished):
    """Noise in the middle of the file: a refusal with a cure, not a traceback, and nothing half-read."""
    finished.ports.ledger.close()
    path = finished.ports.project.ledger_file
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = bytearray(path.read_bytes())
    data[4096 : 4096 * 6] = b"\xff" * (4096 * 5)
    path.write_bytes(bytes(data))
    fresh = service_in(finished.ports.project.root)
    refused(fresh.status, kind=IntegrityBroken)
    assert not fresh.verify().outcome.allows


def test_a_ledger_that_starts_with_another_first_entry_has_no_key(finished):
    """The seal's key is kept under the name of the first entry: a rewritten past cannot open the labels."""
    before = finished.entries()[0].digest
    fresh = rewritten(
        finished, lambda entry: {**entry.body, "name": "else"} if entry.sequence == 1 else entry.body
    )
    assert fresh.entries()[0].digest != before
    assert fresh.entries()[0].previous == GENESIS
    assert not (
        finished.ports.project.root.parent / "home" / f"{fresh.entries()[0].digest[7:]}.seal"
    ).exists()
