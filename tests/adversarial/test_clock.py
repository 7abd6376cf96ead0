"""The clock set back or forward: time is evidence too."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from tests.adversarial.refusals import refused
from tests.workflow.projects import LEAD

from modelwright.adapters.sqlite_ledger import SqliteLedger
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.errors import PhaseLocked
from modelwright.ledger.memory import MemoryLedger
from modelwright.workflow.answers import answer_phase


def at(service, moment):
    """The project at another moment, as far as its own clock tells."""
    clock = SteppingClock(moment, step=timedelta(milliseconds=1))
    return replace(service, ports=replace(service.ports, clock=clock))


def test_an_expired_yes_stays_expired_in_another_time_zone(designed, typed, monkeypatch):
    """Expiry is kept in UTC; TZ moves nothing."""
    import time

    answer_phase(designed.ports, 6, reason="for an hour", valid_for=timedelta(hours=1))
    later = at(designed, designed.ports.clock.now() + timedelta(hours=2))
    for zone in ("Pacific/Kiritimati", "Pacific/Niue", "UTC"):
        monkeypatch.setenv("TZ", zone)
        time.tzset()
        assert later.status().phases[5].state == "waiting"
    monkeypatch.delenv("TZ")
    time.tzset()
    refused(later.run, only=7, kind=PhaseLocked)


def test_a_clock_that_is_set_back_does_not_bring_an_expired_yes_to_life(designed):
    """The ledger remembers how late it was: the clock or the last entry, whichever is later."""
    start = designed.ports.clock.now()
    answer_phase(designed.ports, 6, reason="for an hour", valid_for=timedelta(hours=1))
    assert designed.status().phases[5].state == "done"
    tomorrow = SteppingClock(start + timedelta(hours=2))
    ledger = SqliteLedger(designed.ports.project.ledger_file, clock=tomorrow)
    ledger.append("note", {"told": "two hours later"}, actor=LEAD)
    ledger.close()
    back = at(designed, start + timedelta(minutes=5))
    assert back.status().phases[5].state == "waiting"
    error = refused(back.run, only=7, kind=PhaseLocked)
    assert "modelwright approve 6" in error.next_step


def test_a_ledger_written_with_a_clock_that_was_set_back_says_so(finished):
    """The chain holds, and whoever verifies it reads that time went backwards, and where."""
    ledger = MemoryLedger(clock=SteppingClock(datetime(2020, 1, 1, tzinfo=UTC)))
    ledger.adopt(finished.ports.ledger.links())
    ledger.append("note", {"told": "in the past"}, actor=LEAD)
    assert any("backwards" in line for line in ledger.verify().evidence)
