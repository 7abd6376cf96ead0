"""The benchmark of files larger than memory runs, on a few rows."""

from benchmarks.pieces import measure


def test_both_files_are_read_in_pieces():
    """Two figures each, with what was read beside them."""
    told = {measurement.name: measurement for measurement in measure(rows=2_000)}
    assert set(told) == {
        "csv in pieces, peak memory",
        "csv in pieces",
        "parquet in pieces, peak memory",
        "parquet in pieces",
    }
    assert all(measurement.median > 0 for measurement in told.values())
