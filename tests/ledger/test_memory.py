"""The ledger in memory keeps every promise of the port but durability."""

import pytest

from modelwright.kernel.clock import SteppingClock
from modelwright.ledger.memory import MemoryLedger
from modelwright.testing.ledger_suite import LEDGER_PROMISES


@pytest.mark.parametrize("promise", LEDGER_PROMISES, ids=lambda promise: promise.__name__)
def test_a_memory_ledger_keeps(promise):
    """The shipped suite, as a third party would run it."""
    ledger = MemoryLedger(clock=SteppingClock())
    promise(lambda: ledger)
