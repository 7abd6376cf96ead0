"""The ledger's suite finds what it promises to find: each broken ledger fails the check that is about it."""

from dataclasses import replace

import pytest

from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.errors import IntegrityBroken
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.memory import MemoryLedger
from modelwright.testing import ledger_suite


class Forgetful(MemoryLedger):
    """Gives out what it does not keep."""

    def append(self, kind, body, *, actor, artifacts=None):
        """Keep nothing from the second entry on."""
        if list(self.entries()):
            return MemoryLedger(clock=SteppingClock()).append(kind, body, actor=actor)
        return super().append(kind, body, actor=actor, artifacts=artifacts)


class Careless(MemoryLedger):
    """Verifies whatever it is shown."""

    def verify(self, *, head=None):
        """All is well, always."""
        return Outcome(status=Status.PASSED, what=f"every entry, {head} or not")


class Deaf(MemoryLedger):
    """Does not listen to what it is asked for."""

    def entries(self, *, kinds=None, after=0):
        """Everything, always."""
        return super().entries()


class Lossy(MemoryLedger):
    """Drops what is a little unusual."""

    def append(self, kind, body, *, actor, artifacts=None):
        """Keep ASCII text and no artifacts."""
        kept = {key: value for key, value in body.items() if not isinstance(value, str) or value.isascii()}
        return super().append(kind, kept, actor=actor)


class Used(MemoryLedger):
    """Is not empty when it is new."""

    def head(self):
        """Something, always."""
        return "sha256:" + "1" * 64


class Trusting(MemoryLedger):
    """Writes an undefined number as nothing."""

    def append(self, kind, body, *, actor, artifacts=None):
        """NaN is not equal to itself."""
        kept = {key: value if value == value else None for key, value in body.items()}  # noqa: PLR0124 - NaN
        return super().append(kind, kept, actor=actor, artifacts=artifacts)


class Rewording(MemoryLedger):
    """Gives out other bytes than it hashed."""

    def links(self, *, after=0):
        """With a space that was not there."""
        for link in super().links(after=after):
            yield replace(link, payload=link.payload + b" ")


class Greedy(MemoryLedger):
    """Takes over whatever it is given."""

    def adopt(self, links):
        """Without a look at what is there or comes."""
        self._links = []
        try:
            self._links.extend(links)
        except IntegrityBroken:
            self._links = self._links[:1]
        return len(self._links)


class Counting(MemoryLedger):
    """Writes down its own version of what it takes over."""

    def adopt(self, links):
        """The number is right, the entries are not."""
        return len([self.append("copy", {}, actor=ledger_suite.LEAD) for _ in links])


class Final(MemoryLedger):
    """Ends when it is closed."""

    def close(self):
        """Once and for all."""
        self._lock = None


@pytest.mark.parametrize(
    ("broken", "promise"),
    [
        (Used, "starts_empty"),
        (Forgetful, "chains_entries"),
        (Lossy, "gives_back_what_was_written"),
        (Deaf, "selects_by_kind_and_place"),
        (Trusting, "refuses_what_json_cannot_hold"),
        (Forgetful, "takes_writers_at_once"),
        (Careless, "finds_a_cut_end"),
        (Rewording, "gives_out_what_is_stored"),
        (Counting, "adopts_a_whole_chain"),
        (Greedy, "never_overwrites"),
        (Greedy, "adopts_all_or_nothing"),
    ],
)
def test_a_broken_ledger_fails_the_promise_it_breaks(broken, promise):
    """A suite that passes everything promises nothing."""
    ledger = broken(clock=SteppingClock())
    with pytest.raises(AssertionError):
        getattr(ledger_suite, promise)(lambda: ledger)


def test_a_ledger_that_ends_when_it_is_closed_fails_the_promise_to_go_on():
    """It has no words for it; the suite still stops."""
    with pytest.raises(TypeError):
        ledger_suite.goes_on_after_closing(lambda: Final(clock=SteppingClock()))


def test_every_promise_says_in_words_what_it_holds():
    """The message of a failing check is the promise that was broken."""
    assert all((promise.__doc__ or "").endswith(".") for promise in ledger_suite.LEDGER_PROMISES)
    listed = {promise.__name__ for promise in ledger_suite.LEDGER_PROMISES}
    assert len(listed) == len(ledger_suite.LEDGER_PROMISES)
