"""Folders, patterns and partitions: many files as one table, and what they may not do to each other."""

import hashlib
import math
from datetime import UTC, datetime
from pathlib import Path

import openpyxl
import polars as pl
import pytest
from tests.data.tables import CALLS, calls, contract_of

from modelwright.data.source import read_sources, read_table, read_with_notes, source_digests
from modelwright.data.source_files import unchanged
from modelwright.kernel.digest import digest_of_file
from modelwright.kernel.errors import DataInvalid, UnknownName
from modelwright.kernel.fileset import find_files

at = datetime.fromisoformat
"""Moments as tables hold them: UTC, without a time zone."""

WRITERS = {
    "csv": lambda frame, path: frame.write_csv(path),
    "jsonl": lambda frame, path: frame.write_ndjson(path),
    "parquet": lambda frame, path: frame.write_parquet(path),
    "arrow": lambda frame, path: frame.write_ipc(path),
}


def laid_out(folder, parts):
    """A folder with these tables under these names."""
    for name, frame in parts.items():
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        WRITERS[path.suffix[1:]](frame, path) if isinstance(frame, pl.DataFrame) else path.write_bytes(frame)
    return Path(folder)


def notes_of(folder, columns=CALLS, **source):
    """What the contract reads from this folder."""
    return read_with_notes(contract_of(columns, sources=[{"path": ".", **source}]), root=folder)


@pytest.mark.parametrize("ending", WRITERS)
def test_a_folder_of_files_is_one_table_in_the_order_of_their_names(ending, tmp_path):
    """Every format; bookkeeping beside them is left out."""
    table = calls()
    parts = {f"part-{index}.{ending}": table.slice(index * 20, 20) for index in range(3)}
    laid_out(tmp_path, {**parts, "_SUCCESS": b"", ".part.crc": b"x", "_log/0.csv": b"x", "notes.txt": b"x"})
    assert read_table(tmp_path).equals(table)
    assert read_table(tmp_path / f"*.{ending}").equals(table)
    reading = notes_of(tmp_path)
    assert reading.frame.equals(table)
    (origin,) = reading.origins
    assert (origin.kind, origin.rows, origin.files) == ("folder", 60, 3)
    assert source_digests(contract_of(CALLS, sources=[{"path": "."}]), root=tmp_path) == reading.digests


def test_partitions_become_columns(tmp_path):
    """As Hive and Spark write them: numbers, escaped text, and none."""
    laid_out(
        tmp_path,
        {
            f"year={year}/city={city}/part.parquet": calls().head(2)
            for year, city in ((2025, "S%C3%A3o"), (2026, "__HIVE_DEFAULT_PARTITION__"))
        },
    )
    table = read_table(tmp_path)
    assert table["year"].to_list() == [2025, 2025, 2026, 2026]
    assert table["city"].to_list() == ["São", "São", None, None]
    columns = {**CALLS, "year": {"type": "integer"}, "city": {"type": "category"}}
    assert read_sources(contract_of(columns, sources=[{"path": "**/*.parquet"}]), root=tmp_path).height == 4


def test_partitions_that_contradict_or_lack_are_faults(tmp_path):
    """A row has one year, and every row has one."""
    laid_out(
        tmp_path,
        {
            "year=2025/a.csv": calls().with_columns(year=2024),
            "year=2026/b.csv": calls().with_columns(year=2026),
        },
    )
    with pytest.raises(DataInvalid, match="partition year: 60 rows say something else than their folder"):
        read_table(tmp_path)
    laid_out(
        tmp_path,
        {"c.csv": calls().with_columns(year=2026), "year=2025/a.csv": calls().with_columns(year=2025)},
    )
    with pytest.raises(DataInvalid, match="1 files lie in no folder year="):
        read_table(tmp_path)


def test_the_digest_of_a_folder_is_of_names_and_bytes_wherever_it_lies(tmp_path):
    """A renamed, changed or added file makes another; a moved folder does not."""
    one, other = (laid_out(tmp_path / name, {"a.csv": calls(), "b/c.csv": calls(9)}) for name in ("x", "y"))
    first = find_files(one).digest()
    assert find_files(other).digest() == first
    (other / "b" / "c.csv").rename(other / "b" / "d.csv")
    assert find_files(other).digest() != first
    laid_out(one, {"e.csv": calls(1)})
    assert find_files(one).digest() != first
    assert find_files(one / "a.csv").digest() == digest_of_file(one / "a.csv")


def test_schema_drift_between_files_is_told_with_the_files(tmp_path):
    """Both faults at once, with the nearest name."""
    drifted = calls().rename({"job": "jbo"})
    laid_out(tmp_path, {"1.csv": calls(), "2.csv": calls(), "3.csv": drifted})
    with pytest.raises(DataInvalid) as caught:
        notes_of(tmp_path)
    told = [str(fault) for fault in caught.value.faults]
    assert told[0] == "., column job: is in 2 of 3 files, not in 3.csv; is it 'jbo' there?"
    assert "column jbo: is in 1 of 3 files, not in 1.csv, 2.csv" in told[1]


def test_columns_that_the_contract_excludes_may_drift(tmp_path):
    """They are not read."""
    laid_out(tmp_path, {"1.csv": calls(), "2.csv": calls().with_columns(note=pl.lit("x"))})
    columns = {**CALLS, "note": {"type": "text", "role": "excluded", "reason": "not needed"}}
    assert notes_of(tmp_path, columns).frame.height == 120


def test_a_column_that_changes_its_type_between_files_is_read_as_the_contract_says(tmp_path):
    """Numbers written as text are numbers again; words among them are a fault that names them."""
    laid_out(tmp_path, {"1.csv": calls(3), "2.parquet": b""})
    (tmp_path / "2.parquet").unlink()
    laid_out(tmp_path, {"2.csv": b'age,job,y\n"4",a,no\n4.5,a,no\n', "3.csv": b"age,job,y\ntwelve,a,yes\n"})
    columns = {**CALLS, "age": {"type": "number"}}
    with pytest.raises(DataInvalid, match="1 of 6 values are not of type number, such as 'twelve'"):
        notes_of(tmp_path, columns)
    (tmp_path / "3.csv").write_text("age,job,y\n12,a,yes\n")
    assert notes_of(tmp_path, columns).frame["age"].to_list()[-3:] == [4.0, 4.5, 12.0]
    (tmp_path / "3.csv").write_text("age,job,y\nunknown,a,yes\n")
    coded = {**CALLS, "age": {"type": "number", "missing_codes": ["unknown"]}}
    reading = notes_of(tmp_path, coded)
    assert reading.frame["age"].null_count() == 1
    assert (
        "the type changes between files (Int64 in 1.csv; Float64 in 2.csv; String in 3.csv)"
        in reading.notes[0]
    )


def test_numbers_of_different_width_become_the_wider(tmp_path):
    """Without a note: nothing is lost."""
    narrow = calls(3).cast({"age": pl.Int8})
    dated = {"d": [at("2026-01-01")]}
    laid_out(tmp_path / "n", {"1.parquet": narrow, "2.parquet": calls(3).cast({"age": pl.UInt64})})
    laid_out(
        tmp_path / "d", {"1.parquet": pl.DataFrame(dated).cast(pl.Date), "2.parquet": pl.DataFrame(dated)}
    )
    assert notes_of(tmp_path / "n").notes == ()
    assert read_table(tmp_path / "d").schema["d"] == pl.Datetime("us")


def test_time_zones_that_are_told_are_brought_together(tmp_path):
    """The same moment from two cities."""
    moment = datetime(2026, 1, 1, 12, tzinfo=UTC)
    zones = ("Europe/Lisbon", "Asia/Tokyo")
    tables = [
        pl.DataFrame({"at": [moment]}).with_columns(pl.col("at").dt.convert_time_zone(zone)) for zone in zones
    ]
    laid_out(tmp_path, {f"{index}.parquet": table for index, table in enumerate(tables)})
    assert read_table(tmp_path)["at"].to_list() == [at("2026-01-01T12:00:00")] * 2


def test_moments_with_and_without_a_time_zone_are_not_mixed(tmp_path):
    """Nobody knows by how many hours they are apart."""
    aware, bare = (pl.DataFrame({"at": [datetime(2026, 1, 1, tzinfo=zone)]}) for zone in (UTC, None))
    laid_out(tmp_path, {"1.parquet": aware, "2.parquet": bare})
    with pytest.raises(DataInvalid, match=r"have a time zone in 1.parquet and none in 2.parquet"):
        read_table(tmp_path)
    (tmp_path / "1.parquet").unlink()
    (tmp_path / "2.parquet").unlink()
    (tmp_path / "a.csv").write_text("at,y\n2026-01-01T00:00:00+02:00,no\n2026-01-01T00:00:00,yes\n")
    columns = {"at": {"type": "datetime"}, "y": CALLS["y"]}
    with pytest.raises(DataInvalid, match="1 of 2 values are not of type datetime"):
        notes_of(tmp_path, columns)


def test_empty_parts_are_noted_and_left_out(tmp_path):
    """A day without calls is no fault; nothing at all is."""
    laid_out(tmp_path, {"1.csv": calls(), "2.csv": b"age,job,y\n", "3.csv": b""})
    assert notes_of(tmp_path).notes == ("., 2.csv holds no rows", "., 3.csv holds no rows")
    (tmp_path / "1.csv").unlink()
    with pytest.raises(DataInvalid, match=r"3.csv is empty"):
        notes_of(tmp_path)


def test_a_truncated_file_among_others_is_named(tmp_path):
    """A part that was cut on the way makes the whole unreadable."""
    laid_out(tmp_path, {"1.parquet": calls(), "2.parquet": calls()})
    whole = (tmp_path / "2.parquet").read_bytes()
    (tmp_path / "2.parquet").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DataInvalid, match=r"2.parquet cannot be read as parquet"):
        read_table(tmp_path)


def test_files_of_several_formats_are_not_mixed(tmp_path):
    """One of them may be a copy; a pattern says which is meant."""
    laid_out(tmp_path, {"1.csv": calls(), "2.parquet": calls()})
    with pytest.raises(DataInvalid, match=r"holds files of several formats .found csv, parquet"):
        read_table(tmp_path)
    assert read_table(tmp_path / "*.csv").height == 60


def test_a_name_with_brackets_is_a_file_when_it_is_there(tmp_path):
    """Patterns are tried only for what does not exist."""
    laid_out(tmp_path, {"calls[1].csv": calls()})
    assert read_table(tmp_path / "calls[1].csv").height == 60
    with pytest.raises(DataInvalid, match="there is no file"):
        read_table(tmp_path / "calls[2].csv")
    with pytest.raises(DataInvalid, match="there is no file"):
        read_table(tmp_path / "nowhere" / "*.csv")


@pytest.mark.parametrize("change", ["rewrite", "add", "remove"])
def test_a_source_that_changes_while_it_is_read_is_refused(change, tmp_path):
    """Half of one state and half of another is a table that never was."""
    folder = laid_out(tmp_path, {"1.csv": calls(), "2.csv": calls()})
    changes = {
        "rewrite": lambda: (folder / "1.csv").write_text("age,job,y\n1,a,no\n"),
        "add": lambda: (folder / "3.csv").write_text("age,job,y\n1,a,no\n"),
        "remove": lambda: [path.unlink() for path in folder.iterdir()],
    }
    reading = unchanged(folder, name="calls")
    with pytest.raises(DataInvalid, match="calls was changed while it was read"), reading:
        changes[change]()


def test_a_line_without_end_is_refused_before_it_is_held(tmp_path):
    """With the default of 64 MiB it stops there, however long the file goes on."""
    path = tmp_path / "a.csv"
    path.write_bytes(b"age,y\n1,no\n" + b"x" * 5_000 + b"\n")
    with pytest.raises(DataInvalid, match="begins at byte 11 does not end within 4,000 bytes"):
        read_table(path, longest_line=4_000)
    lines = tmp_path / "a.jsonl"
    lines.write_bytes(b'{"a": 1}\n' + b'{"a": "' + b"x" * (3 << 20) + b'"}\n{"a": "1"}\n')
    with pytest.raises(DataInvalid, match="begins at byte 9 does not end within 2,097,152 bytes"):
        read_table(lines, longest_line=2 << 20)
    assert read_table(lines).height == 3


def test_cells_that_a_spreadsheet_would_run_stay_text_and_are_flagged(tmp_path):
    """`=HYPERLINK(...)` is data here and a program elsewhere; numbers with a sign are numbers."""
    (tmp_path / "a.csv").write_text(
        "age,job,y\n1,\"=cmd|' /C calc'!A0\",no\n-2,@SUM(1),yes\n3,-,yes\n+4,-x,no\n"
    )
    reading = notes_of(tmp_path)
    assert reading.frame["job"].to_list() == ["=cmd|' /C calc'!A0", "@SUM(1)", "-", "-x"]
    assert reading.frame["age"].to_list() == [1, -2, 3, 4]
    assert "., column job: 3 cells begin like a spreadsheet formula; kept as text" in reading.notes


def workbook(path, rows, *, sheet="calls"):
    """A workbook with an empty first sheet and one with these rows."""
    book = openpyxl.Workbook()
    page = book.create_sheet(sheet)
    for row in rows:
        page.append(row)
    book.save(path)


def test_a_sheet_of_a_workbook_is_a_table(tmp_path):
    """Whole numbers are whole again; formulas are not computed."""
    workbook(
        tmp_path / "a.xlsx",
        [["age", "job", "y"], [31, "clerk", "no"], [52, "'=1+1", "yes"], [1.5, None, "=1+1"]],
    )
    table = read_table(tmp_path / "a.xlsx", sheet="calls")
    assert table.rows() == [(31.0, "clerk", "no"), (52.0, "'=1+1", "yes"), (1.5, None, None)]
    contract = contract_of(
        {**CALLS, "age": {"type": "number"}}, sources=[{"path": "a.xlsx", "sheet": "calls"}]
    )
    assert read_sources(contract, root=tmp_path)["age"].to_list() == [31, 52, 1.5]
    workbook(tmp_path / "b.xlsx", [["n", "x"], [1, 1.5], [None, math.pi]], sheet="other")
    assert read_table(tmp_path / "b.xlsx", sheet="other").dtypes == [pl.Int64, pl.Float64]


def test_a_workbook_that_cannot_be_read_is_told_why(tmp_path):
    """No such sheet, no workbook, a repeated heading, too large when unpacked."""
    workbook(tmp_path / "a.xlsx", [["age", "age"], [1, 2]])
    with pytest.raises(UnknownName, match="did you mean 'calls'"):
        read_table(tmp_path / "a.xlsx", sheet="cals")
    with pytest.raises(DataInvalid, match=r"the name stands 2 times \(columns 1, 2\)"):
        read_table(tmp_path / "a.xlsx", sheet="calls")
    (tmp_path / "b.xlsx").write_bytes((tmp_path / "a.xlsx").read_bytes()[:2_000])
    with pytest.raises(DataInvalid, match=r"b.xlsx cannot be read as a workbook"):
        read_table(tmp_path / "b.xlsx")
    (tmp_path / "c.xlsx").write_text("age,y\n1,2\n")
    with pytest.raises(DataInvalid, match="is named like excel but does not begin like one"):
        read_table(tmp_path / "c.xlsx")


def test_the_version_that_dvc_tracks_is_recorded_and_compared(tmp_path):
    """A working copy that was changed is told, not passed off as the tracked one."""
    laid_out(tmp_path, {"calls.csv": calls()})
    noted = hashlib.md5((tmp_path / "calls.csv").read_bytes(), usedforsecurity=False).hexdigest()
    pointer = tmp_path / "calls.csv.dvc"
    pointer.write_text(f"outs:\n- md5: {noted}\n  size: 9\n  hash: md5\n  path: calls.csv\n")
    contract = contract_of(CALLS)
    assert read_with_notes(contract, root=tmp_path).origins[0].version == f"dvc:md5:{noted}"
    pointer.write_text(f"outs:\n- md5: {'0' * 32}\n  hash: md5\n  path: calls.csv\n")
    reading = read_with_notes(contract, root=tmp_path)
    assert reading.origins[0].version == ""
    assert "calls.csv is not what calls.csv.dvc tracks" in reading.notes[0]
    for text in ("outs: [", "outs: 3", "x" * 70_000, "outs:\n- path: other\n"):
        pointer.write_text(text)
        assert "cannot be read as a DVC file" in read_with_notes(contract, root=tmp_path).notes[0]


def test_the_version_of_a_folder_that_dvc_tracks_is_recorded(tmp_path):
    """The pointer lies beside the folder."""
    laid_out(tmp_path / "calls", {"1.csv": calls()})
    (tmp_path / "calls.dvc").write_text(f"outs:\n- md5: {'1' * 32}.dir\n  path: calls\n")
    reading = read_with_notes(contract_of(CALLS, sources=[{"path": "calls"}]), root=tmp_path)
    assert reading.origins[0].version == f"dvc:md5:{'1' * 32}.dir"
