"""Dates written as text."""

from datetime import date, datetime, timedelta

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.data.dates import parse_dates

at = datetime.fromisoformat
"""Moments as tables hold them: UTC, without a time zone."""

MOMENTS = st.datetimes(min_value=at("1900-01-01"), max_value=at("2100-01-01")).map(
    lambda moment: moment.replace(microsecond=0)
)


@given(st.lists(MOMENTS, min_size=1, max_size=20))
def test_iso_moments_come_back(moments):
    """With a space, with a T, and as dates."""
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S"):
        parsed = parse_dates(pl.Series([moment.strftime(form) for moment in moments]))
        assert parsed.values.to_list() == moments
        assert parsed.unread == 0


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("31.12.2025", at("2025-12-31")),
        ("2025/12/31", at("2025-12-31")),
        ("31/12/2025", at("2025-12-31")),
        ("12/31/2025", at("2025-12-31")),
        ("2025-12-31T12:00:00Z", at("2025-12-31T12:00:00")),
        ("2025-12-31T12:00:00+02:00", at("2025-12-31T10:00:00")),
        ("2025-12-31 12:00:00.25", at("2025-12-31T12:00:00.250000")),
    ],
)
def test_common_ways_of_writing_are_read(text, moment):
    """Zones are turned to UTC."""
    assert parse_dates(pl.Series([text, None, " "])).values.to_list() == [moment, None, None]


def test_day_and_month_are_told_apart_by_the_data_or_not_at_all():
    """One day above the twelfth settles it."""
    days = [date(2026, 1, 1) + timedelta(days=n) for n in range(40)]
    sure = parse_dates(pl.Series([f"{day:%d/%m/%Y}" for day in days]))
    assert [moment.date() for moment in sure.values] == days
    assert parse_dates(pl.Series(["01/02/2026", "03/04/2026"])).ambiguous
    assert not parse_dates(pl.Series(["05/05/2026"])).ambiguous


def test_text_is_not_taken_for_dates():
    """And neither is nothing."""
    assert parse_dates(pl.Series(["may", "jun"])).format == ""
    assert parse_dates(pl.Series([None, ""], dtype=pl.String)).unread == 0


def test_dates_that_cannot_be_read_are_counted():
    """The best way of writing is kept."""
    parsed = parse_dates(pl.Series(["2026-01-31", "2026-02-31"]))
    assert (parsed.format, parsed.unread) == ("%Y-%m-%d", 1)
