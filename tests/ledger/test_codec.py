"""Records to bytes and back."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.kernel.errors import IntegrityBroken
from modelwright.kernel.finding import Finding, Severity
from modelwright.ledger.codec import decode, encode


@dataclass(frozen=True, slots=True, kw_only=True)
class Moment:
    """A record with a time and a nested record."""

    at: datetime
    """When."""
    finding: Finding | None = None
    """What."""


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
FINDINGS = st.builds(
    Finding,
    code=TEXT,
    title=TEXT,
    severity=st.sampled_from(Severity),
    confidence=st.integers(0, 100),
    category=TEXT,
    evidence=st.lists(TEXT).map(tuple),
)
MOMENTS = st.datetimes(timezones=st.just(UTC))


@given(st.builds(Moment, at=MOMENTS, finding=st.none() | FINDINGS))
def test_a_record_decodes_to_what_was_encoded(record):
    """Inverses, nested records and moments included."""
    assert decode(encode(record), Moment) == record


@given(MOMENTS)
def test_the_same_moment_has_the_same_bytes_in_every_zone(moment):
    """Moments are stored in UTC."""
    shift = timezone(timedelta(hours=2))
    if moment.year in range(2, 9999):
        assert encode(Moment(at=moment.astimezone(shift))) == encode(Moment(at=moment))


DAMAGED = [
    b"",
    b"{",
    b"[]",
    b"\xff",
    b"{}",
    b'{"at":"yesterday"}',
    b'{"at":"2026-01-01T00:00:00Z","finding":3}',
    b'{"at":"2026-01-01T00:00:00Z","finding":{"code":"\xff"}}',
    b'{"at":"2026-01-01T00:00:00Z","note":' + b"[" * 100_000,
]


@pytest.mark.parametrize("data", DAMAGED, ids=lambda data: repr(data[:45]))
def test_bytes_that_do_not_fit_are_refused(data):
    """Damage is found when it is read, not later."""
    with pytest.raises(IntegrityBroken, match="do not form a Moment"):
        decode(data, Moment)
