"""The demonstration: the whole life of a model in one command, on real data."""

from benchmarks.life import finished_life
from benchmarks.measurement import Measurement

BAR_SECONDS = 90.0


def measure() -> tuple[Measurement, ...]:
    """One demonstration from nothing, as `make demo` runs it once everything is installed."""
    return (
        Measurement(
            name="make demo after installation",
            unit="s",
            values=(finished_life().seconds,),
            bar=BAR_SECONDS,
            note="`modelwright demo --fresh` as a process of its own, once",
        ),
    )
