"""A profile with its page: a hundred thousand rows and thirty mixed columns, and a wide table of few rows.

The page holds distributions, associations of every pair of columns, what is missing together, drift over
time, suspected roles and personal data.
"""

import polars as pl

from benchmarks.measurement import Measurement, timed
from benchmarks.validation import table
from modelwright.data.profile import profile

ROWS = 100_000
BAR = 2.0
ROUNDS = 5
MOST_SECONDS = 15.0


def mixed(rows: int) -> pl.DataFrame:
    """A table of thirty columns: numbers, codes, categories, a date, and an address nobody may see."""
    row = pl.int_range(rows)
    return table(rows).with_columns(
        number0=pl.datetime(2024, 1, 1) + pl.duration(minutes=row),
        name1=pl.lit("person") + row.cast(pl.String) + "@example.org",
        code1=pl.col("code0") * 2 + row % 7,
    )


def measure(rows: int = ROWS) -> tuple[Measurement, ...]:
    """Profile, and draw the page."""
    frame = mixed(rows)
    page = profile(frame, target="name0").document().to_html()
    assert "@example.org" not in page, "a personal value stands in the page"
    seconds = timed(
        lambda: profile(frame, target="name0").document().to_html(),
        times=ROUNDS,
        seconds=MOST_SECONDS,
        warm=1,
    )
    note = f"{rows:,} rows x {frame.width} columns, page of {len(page) / 1024:.0f} kB"
    return (Measurement(name="profile with its page", unit="s", values=seconds, bar=BAR, note=note),)
