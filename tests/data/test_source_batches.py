"""Sources in pieces: the same rows as when read whole, in a fraction of the memory."""

import subprocess
import sys
from datetime import datetime

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.data.tables import CALLS, calls, contract_of

from modelwright.data.source import read_sources
from modelwright.data.source_batches import read_batches
from modelwright.kernel.errors import DataInvalid, UserFault

COLUMNS = {
    "zip": {"type": "category"},
    "rate": {"type": "category"},
    "flag": {"type": "boolean"},
    "age": {"type": "number", "missing_codes": [999]},
    "n": {"type": "integer"},
    "note": {"type": "text", "role": "context"},
    "on": {"type": "datetime", "role": "context"},
    "y": {"type": "category", "role": "target"},
}

ROWS = st.lists(
    st.fixed_dictionaries(
        {
            "zip": st.sampled_from(["01", "7", "20", ""]),
            "rate": st.sampled_from(["1.0", "2.5", "3", ""]),
            "flag": st.sampled_from(["true", "False", ""]),
            "age": st.sampled_from(["1", "2.5", "999", "inf", ""]),
            "n": st.sampled_from(["1", str(2**60 + 1), ""]),
            "note": st.sampled_from(["x", '"a,""b"', "true", "5", ""]),
            "on": st.sampled_from(["2026-01-01", "2026-01-31", ""]),
            "y": st.sampled_from(["yes", "no"]),
        }
    ),
    min_size=1,
    max_size=9,
)


def pieces(root, contract, rows):
    """All pieces as one table."""
    return pl.concat(list(read_batches(contract, root=root, rows=rows)))


@settings(max_examples=25, deadline=None)
@given(ROWS, st.integers(1, 4))
def test_pieces_of_text_together_are_the_whole(tmp_path_factory, rows, size):
    """Also where a column of words happens to hold numbers alone."""
    root = tmp_path_factory.mktemp("pieces")
    header = ",".join(COLUMNS)
    lines = [",".join(row[name] for name in COLUMNS) for row in rows]
    (root / "calls.csv").write_text("\n".join([header, *lines]) + "\n")
    contract = contract_of(COLUMNS)
    assert pieces(root, contract, size).equals(read_sources(contract, root=root))


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet", "arrow"])
def test_pieces_of_every_format_together_are_the_whole(ending, tmp_path):
    """Folders with partitions too."""
    write = {"csv": "write_csv", "jsonl": "write_ndjson", "parquet": "write_parquet", "arrow": "write_ipc"}[
        ending
    ]
    for year in (2025, 2026):
        folder = tmp_path / f"year={year}"
        folder.mkdir()
        getattr(calls(), write)(folder / f"part.{ending}")
    (tmp_path / "year=2026" / f"none.{ending}").write_bytes(b"")
    columns = {**CALLS, "year": {"type": "integer"}}
    contract = contract_of(columns, sources=[{"path": "."}])
    whole = pieces(tmp_path, contract, 7)
    assert whole.equals(read_sources(contract, root=tmp_path))
    assert max(piece.height for piece in read_batches(contract, root=tmp_path, rows=7)) <= 60


def test_a_piece_that_does_not_fit_names_its_rows(tmp_path):
    """A type that changes half-way, hours into a load."""
    lines = ["age,job,y", *("1,a,no" for _ in range(10)), "old,a,yes"]
    (tmp_path / "calls.csv").write_text("\n".join(lines))
    with pytest.raises(DataInvalid, match="not of type integer, such as 'old'"):
        pieces(tmp_path, contract_of(CALLS), 4)
    (tmp_path / "calls.csv").write_text("age,job,y\n1,a,no\n1,a,no,x\n")
    with pytest.raises(DataInvalid, match=r"calls.csv cannot be read"):
        pieces(tmp_path, contract_of(CALLS), 4)


def test_dates_that_change_their_way_of_writing_are_refused(tmp_path):
    """The first piece says day first, a later one month first."""
    columns = {"on": {"type": "datetime"}, "y": CALLS["y"]}
    days = [f"{day}/01/2026,no" for day in range(13, 29)] * 2000
    months = [f"01/{day}/2026,no" for day in range(13, 29)] * 2000
    (tmp_path / "calls.csv").write_text("\n".join(["on,y", *days, *days, *months, *months]))
    with pytest.raises(DataInvalid, match="written in another way than before"):
        pieces(tmp_path, contract_of(columns), 1_000)
    (tmp_path / "calls.csv").write_text("\n".join(["on,y", *days]))
    assert pieces(tmp_path, contract_of(columns), 1_000)["on"][0] == datetime.fromisoformat("2026-01-13")


def test_a_source_that_is_changed_between_two_pieces_is_refused(tmp_path):
    """At the end; what was given before is not to be used."""
    calls(200).write_csv(tmp_path / "calls.csv")
    reading = read_batches(contract_of(CALLS), root=tmp_path, rows=50)
    next(reading)
    calls(201).write_csv(tmp_path / "calls.csv")
    with pytest.raises(DataInvalid, match=r"calls.csv was changed while it was read"):
        list(reading)


def test_what_comes_whole_is_not_read_in_pieces(tmp_path):
    """And a digest holds here as well."""
    for source, kind, words in (
        ({"path": "s3://bucket/a.csv"}, UserFault, "cannot be read in pieces"),
        (
            {"path": "calls.csv", "digest": "sha256:" + "0" * 64},
            DataInvalid,
            "is not the data the contract names",
        ),
    ):
        calls().write_csv(tmp_path / "calls.csv")
        with pytest.raises(kind, match=words):
            pieces(tmp_path, contract_of(CALLS, sources=[source]), 9)


PROGRAM = """
import resource, sys
from pathlib import Path
from tests.data.tables import CALLS, contract_of
from modelwright.data.source import read_sources
from modelwright.data.source_batches import read_batches

how, root, room = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
columns = {**CALLS, "note": {"type": "text", "role": "context"}}
small, large = (contract_of(columns, sources=[{"path": f"{name}.csv"}]) for name in ("small", "large"))
list(read_batches(small, root=root)), read_sources(small, root=root)  # libraries and threads take their room
held = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
resource.setrlimit(resource.RLIMIT_AS, (held + room, held + room))
if how == "whole":
    print(read_sources(large, root=root).height)
else:
    print(sum(piece.height for piece in read_batches(large, root=root, rows=5_000)))
"""


def test_a_table_larger_than_the_memory_is_read_in_pieces(tmp_path):
    """Under a limit of the operating system that reading it whole does not survive."""
    chunk = calls(1_000).with_columns(note=pl.lit("x" * 500))
    table = pl.concat([chunk] * 300)
    table.write_csv(tmp_path / "large.csv")
    table.head(100).write_csv(tmp_path / "small.csv")

    def ran(how):
        command = [sys.executable, "-c", PROGRAM, how, str(tmp_path), str(800 << 20)]
        env = {"POLARS_MAX_THREADS": "2", "PYTHONPATH": ":".join(sys.path), "RUST_BACKTRACE": "0"}
        return subprocess.run(command, env=env, capture_output=True, text=True, check=False)

    assert ran("pieces").stdout == "300000\n"
    assert ran("whole").returncode != 0
