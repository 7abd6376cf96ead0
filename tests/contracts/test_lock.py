"""The lock: only the contract that was frozen is carried out."""

from datetime import UTC, datetime

import pytest
from tests.contracts.calls import CALLS, spoiled

from modelwright.contracts.lock import check_lock, demand_lock, lock_contract
from modelwright.contracts.reading import parse_contract
from modelwright.kernel.errors import ContractChanged, ExitCode
from modelwright.kernel.outcome import Status
from modelwright.ledger.codec import decode, encode

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)


def frozen():
    """A lock on the contract of the tests."""
    return lock_contract(parse_contract(CALLS), file=CALLS.encode(), at=MOMENT, by="person lead")


def test_the_frozen_contract_passes():
    """And a comment more does not change what was agreed."""
    lock = frozen()
    assert check_lock(lock, parse_contract(CALLS).digest).allows
    demand_lock(lock, parse_contract("# a comment\n" + CALLS).digest)


def test_an_edited_contract_is_refused_with_both_digests():
    """The way out is an amendment."""
    digest = parse_contract(spoiled(("0.75", "0.65"))).digest
    assert check_lock(frozen(), digest).status is Status.FAILED
    with pytest.raises(ContractChanged, match="modelwright amend") as caught:
        demand_lock(frozen(), digest)
    assert caught.value.exit_code is ExitCode.LOCKED
    assert digest[7:19] in str(caught.value)


def test_without_a_lock_the_answer_is_unknown():
    """Unknown blocks."""
    assert check_lock(None, "sha256:" + "0" * 64).status is Status.UNKNOWN
    with pytest.raises(ContractChanged, match="approve the design"):
        demand_lock(None, "sha256:" + "0" * 64)


def test_a_lock_survives_the_disk():
    """It is a record like any other."""
    lock = frozen()
    assert decode(encode(lock), type(lock)) == lock
