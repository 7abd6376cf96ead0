"""A clock that steps: the same hours on every run."""

from datetime import UTC, datetime, timedelta

from modelwright.kernel.clock import SteppingClock


def test_a_stepping_clock_starts_where_it_is_told_and_moves_by_its_step():
    """In UTC unless told otherwise."""
    clock = SteppingClock(datetime(2030, 5, 1, tzinfo=UTC), step=timedelta(hours=1))
    assert [clock.now().hour for _ in range(3)] == [0, 1, 2]
    assert SteppingClock().now() == datetime(2026, 1, 1, tzinfo=UTC)


def test_a_stepping_clock_can_be_moved():
    """For what happens a week later."""
    clock = SteppingClock()
    start = clock.now()
    clock.advance(timedelta(days=7))
    assert clock.now() - start == timedelta(days=7, seconds=1)
