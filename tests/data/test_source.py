"""Sources: every format read whole, every broken file told what is wrong with it."""

import time
from datetime import datetime
from pathlib import Path

import polars as pl
import pytest
from tests.data.tables import CALLS, calls, contract_of

from modelwright.data.source import read_sources, read_table, read_with_notes, source_digests
from modelwright.kernel.digest import digest_of_file
from modelwright.kernel.errors import DataInvalid, UnknownName

at = datetime.fromisoformat
"""Moments as tables hold them: UTC, without a time zone."""

WRITERS = {
    "csv": lambda frame, path: frame.write_csv(path),
    "tsv": lambda frame, path: frame.write_csv(path, separator="\t"),
    "parquet": lambda frame, path: frame.write_parquet(path),
    "jsonl": lambda frame, path: frame.write_ndjson(path),
    "ndjson": lambda frame, path: frame.write_ndjson(path),
    "arrow": lambda frame, path: frame.write_ipc(path),
    "feather": lambda frame, path: frame.write_ipc(path),
}


def written(folder, name, content):
    """A file with this text or these bytes."""
    path = Path(folder, name)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize("ending", WRITERS)
def test_a_table_is_read_from_every_format(ending, tmp_path):
    """The same rows come back."""
    path = tmp_path / f"calls.{ending}"
    WRITERS[ending](calls(), path)
    assert read_table(path).equals(calls())


def test_a_file_without_a_known_ending_is_read_when_its_bytes_tell_what_it_is(tmp_path):
    """A Parquet file is one under any name."""
    calls().write_parquet(tmp_path / "calls.data")
    assert read_table(tmp_path / "calls.data").height == 60


def test_semicolons_and_a_byte_order_mark_are_understood(tmp_path):
    """As spreadsheets of many countries write them."""
    path = written(tmp_path, "a.csv", b"\xef\xbb\xbfage;y\r\n31;no\r\n52;yes\r\n")
    assert read_table(path).columns == ["age", "y"]


BROKEN = {
    "missing": (None, "there is no file"),
    "empty.csv": (b"", "empty.csv is empty"),
    "header.csv": (b"age,y\n", "has columns but no rows"),
    "blank.csv": (b"age,,y\n1,2,3\n", "column 2: the name is blank"),
    "twice.csv": (b"age,y,age\n1,2,3\n", r"the name stands 2 times \(columns 1, 3\)"),
    "latin.csv": ("age,job\n1,café\n".encode("latin-1"), "is not UTF-8 at byte 13"),
    "latin-header.csv": ("âge,job\n1,x\n".encode("latin-1"), "is not UTF-8 at byte 0"),
    "wide.csv": ("age,y\n1,2\n".encode("utf-16"), "iconv -f UTF-16"),
    "nul.csv": (b"a\x00ge,y\n1,2\n", "NUL byte"),
    "ragged.csv": (b"age,y\n1,2\n3,4,5\n", "cannot be read as csv"),
    "cut.parquet": (b"PAR1" + b"\x00" * 40, "cannot be read as parquet"),
    "cut.arrow": (b"ARROW1" + b"\x00" * 40, "cannot be read as arrow"),
    "text.parquet": (b"age,y\n1,2\n", "does not begin like one"),
    "text.feather": (b"age,y\n1,2\n", "does not begin like one"),
    "table.csv": (b"PAR1xxxxPAR1", "is named like csv but holds something else"),
    "book.csv": (b"PK\x03\x04xxxxxxxx", "export it as CSV or Parquet"),
    "list.jsonl": (b"[1, 2]\n", "line 1 holds a list, not an object"),
    "cut.jsonl": (b'{"age": 1}\n{"age":', "cannot be read as jsonl"),
    "words.jsonl": (b"hello\n", "cannot be read as jsonl"),
    "twice.jsonl": (b'{"age": 1, "age": 2}\n', "the name stands 2 times"),
    "nested.jsonl": (b'{"age": [1, 2]}\n', r"holds List\(Int64\) values; flatten"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_told_what_is_wrong_with_it(name, tmp_path):
    """The file, the fact and the cure; never a traceback of a reader."""
    content, told = BROKEN[name]
    path = tmp_path / name if content is None else written(tmp_path, name, content)
    with pytest.raises(DataInvalid, match=told) as caught:
        read_table(path)
    assert caught.value.next_step
    assert name in str(caught.value)


def test_a_parquet_file_cut_anywhere_is_refused(tmp_path):
    """Whatever is left of it."""
    calls().write_parquet(tmp_path / "whole.parquet")
    whole = (tmp_path / "whole.parquet").read_bytes()
    for length in range(1, len(whole), len(whole) // 20):
        with pytest.raises(DataInvalid, match=r"cut\.parquet"):
            read_table(written(tmp_path, "cut.parquet", whole[:length]))


def test_a_missing_file_is_answered_with_the_nearest_name(tmp_path):
    """A typing error is put right at once."""
    written(tmp_path, "calls.csv", "a\n1\n")
    with pytest.raises(DataInvalid, match=r"did you mean 'calls\.csv'"):
        read_table(tmp_path / "cals.csv")


def test_a_folder_without_a_table_is_told_so(tmp_path):
    """What is looked for there is named."""
    with pytest.raises(DataInvalid, match="holds no table") as caught:
        read_table(tmp_path)
    assert ".parquet" in caught.value.next_step


def test_an_unknown_ending_or_format_is_answered_with_the_known_ones(tmp_path):
    """Excel is not read; CSV is."""
    path = written(tmp_path, "calls.xyz", "a\n1\n")
    with pytest.raises(UnknownName, match=r"unknown file ending '\.xyz'"):
        read_table(path)
    with pytest.raises(UnknownName, match="did you mean 'csv'"):
        read_table(path, format="cvs")


def test_a_million_columns_are_refused_at_once(tmp_path):
    """The header alone tells; nothing is read for minutes."""
    header = ",".join(f"c{place}" for place in range(1_000_000))
    path = written(tmp_path, "wide.csv", f"{header}\n{header}\n")
    start = time.process_time()
    with pytest.raises(DataInvalid, match="5,000 columns or fewer"):
        read_table(path)
    assert time.process_time() - start < 10


@pytest.mark.parametrize("ending", ["csv", "parquet", "arrow", "jsonl"])
def test_too_many_columns_are_counted_in_every_format(ending, tmp_path):
    """One more than allowed is told as such."""
    path = tmp_path / f"wide.{ending}"
    WRITERS[ending](pl.DataFrame({f"c{place}": [1] for place in range(5_001)}), path)
    with pytest.raises(DataInvalid, match=r"too many columns \(found 5,001, expected 5,000 or fewer\)"):
        read_table(path)


def test_unusual_types_become_plain_ones(tmp_path):
    """What models and servers share are numbers, text, booleans and moments."""
    frame = pl.DataFrame(
        {
            "kind": pl.Series(["a", "b"], dtype=pl.Categorical),
            "price": pl.Series(["1.50", "2.25"]).cast(pl.Decimal(10, 2)),
            "length": pl.Series([1_500_000, 0]).cast(pl.Duration("us")),
            "at": pl.Series([at("2026-01-01T12:00:00")] * 2).dt.replace_time_zone("Europe/Lisbon"),
            "nothing": pl.Series([None, None]),
        }
    )
    frame.write_parquet(tmp_path / "a.parquet")
    read = read_table(tmp_path / "a.parquet")
    assert read.dtypes == [pl.String, pl.Float64, pl.Float64, pl.Datetime("us"), pl.String]
    assert read["length"].to_list() == [1.5, 0.0]


def sources_of(folder, columns, text, **more):
    """What the contract reads from a CSV file with this text."""
    written(folder, "calls.csv", text)
    return read_with_notes(contract_of(columns, **more), root=folder)


def test_repeated_rows_are_left_out_where_the_contract_says_so(tmp_path):
    """The first of equal rows stays; what the contract does not read makes no row different."""
    columns = {
        "age": {"type": "integer"},
        "y": {"type": "category", "role": "target"},
        "note": {"type": "text", "role": "excluded", "reason": "not needed"},
    }
    text = "age,y,note\n31,no,a\n52,yes,b\n31,no,c\n31,yes,d\n"
    kept = sources_of(tmp_path, columns, text)
    dropped = sources_of(tmp_path, columns, text, duplicates="drop")
    assert (kept.frame.height, kept.notes) == (4, ())
    assert dropped.frame.rows() == [(31, "no"), (52, "yes"), (31, "yes")]
    assert dropped.notes == ("1 rows equal to an earlier one left out",)


def test_values_arrive_in_the_types_of_the_contract(tmp_path):
    """Dates and numbers written as text, codes, blanks, spellings and infinities, each counted."""
    columns = {
        "on": {"type": "datetime"},
        "pdays": {"type": "integer", "missing_codes": [999]},
        "total": {"type": "number"},
        "job": {"type": "category", "missing_codes": ["unknown"]},
        "member": {"type": "boolean"},
        "y": {"type": "category", "role": "target", "replace": {"yes.": "yes"}},
        "note": {"type": "text", "role": "excluded", "reason": "not needed"},
    }
    text = (
        "on,pdays,total,job,member,y,note\n"
        '2026-01-31,999,1.5,clerk,yes,yes.,a\n2026-02-01,3," ",unknown,0,no,b\n'
        "2026-02-02,4,inf,clerk,,yes,c\n"
    )
    reading = sources_of(tmp_path, columns, text)
    assert reading.frame.columns == ["on", "pdays", "total", "job", "member", "y"]
    assert reading.frame["on"][0] == at("2026-01-31")
    assert reading.frame["pdays"].to_list() == [None, 3, 4]
    assert reading.frame["total"].to_list() == [1.5, None, None]
    assert reading.frame["job"].to_list() == ["clerk", None, "clerk"]
    assert reading.frame["member"].to_list() == [True, False, None]
    assert reading.frame["y"].to_list() == ["yes", "no", "yes"]
    assert [note.partition("column ")[2] for note in reading.notes] == [
        "pdays: 1 coded value read as missing",
        "total: 1 blank value read as missing",
        "total: 1 infinite value read as missing",
        "job: 1 coded value read as missing",
        "y: 1 spelling value rewritten",
    ]


def test_all_faults_of_a_table_arrive_together(tmp_path):
    """Names, types and values in one answer."""
    columns = {
        "age": {"type": "integer"},
        "salary": {"type": "number"},
        "member": {"type": "boolean"},
        "on": {"type": "datetime"},
        "y": {"type": "category", "role": "target"},
    }
    text = "age,member,on,y,extra,row_id\n1.5,perhaps,someday,no,1,1\n2,true,2026-01-01,yes,2,2\n"
    with pytest.raises(DataInvalid) as caught:
        sources_of(tmp_path, columns, text)
    told = "\n".join(str(fault) for fault in caught.value.faults)
    for part in (
        "column extra: not described in the contract",
        "column salary: described in the contract, not in the file",
        "column row_id: this name is used",
        "column age: 1 of 2 values have decimals, such as '1.5'",
        "column member: 1 of 2 values are not of type boolean, such as 'perhaps' (first: row 0)",
        "column on: 1 of 2 values are not of type datetime",
    ):
        assert part in told


def test_mixed_types_in_a_number_are_counted_with_examples(tmp_path):
    """Which values, how many, where first, and what to do."""
    columns = {**CALLS, "age": {"type": "number"}}
    text = "age,job,y\n1,a,no\ntwelve,a,yes\n3,b,no\n"
    with pytest.raises(
        DataInvalid, match=r"1 of 3 values are not of type number, such as 'twelve' \(first: row 1\)"
    ):
        sources_of(tmp_path, columns, text)


def test_personal_values_are_not_shown_in_a_message(tmp_path):
    """A message may end in a log."""
    columns = {**CALLS, "age": {"type": "number", "pii": "direct"}}
    with pytest.raises(DataInvalid) as caught:
        sources_of(tmp_path, columns, "age,job,y\n1,a,no\nsecret,a,yes\n")
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("on,y\n01/02/2026,no\n02/03/2026,yes\n", "day and month can be read either way round"),
        ("on,y\n20260102,no\n20260203,yes\n", "Int64 values are not dates"),
    ],
)
def test_dates_that_cannot_be_read_surely_are_refused(text, told, tmp_path):
    """A date read the wrong way round is worse than none."""
    columns = {"on": {"type": "datetime"}, "y": {"type": "category", "role": "target"}}
    with pytest.raises(DataInvalid, match=told):
        sources_of(tmp_path, columns, text)


def test_large_whole_numbers_keep_their_digits(tmp_path):
    """Account numbers beyond 2**53 are not floats."""
    columns = {**CALLS, "age": {"type": "integer"}}
    reading = sources_of(tmp_path, columns, f"age,job,y\n{2**60 + 1},a,no\n2,b,yes\n")
    assert reading.frame["age"].to_list() == [2**60 + 1, 2]


def test_sources_are_stacked_in_order(tmp_path):
    """The types agree though the files do not."""
    written(tmp_path, "a.csv", "age,job,y\n1,a,no\n")
    written(tmp_path, "b.jsonl", '{"age": "2", "job": "b", "y": "yes"}\n')
    contract = contract_of(CALLS, sources=[{"path": "a.csv"}, {"path": str(tmp_path / "b.jsonl")}])
    frame = read_sources(contract, root=tmp_path)
    assert frame["age"].to_list() == [1, 2]
    assert source_digests(contract, root=tmp_path)["a.csv"] == digest_of_file(tmp_path / "a.csv")


def test_a_source_with_another_digest_is_refused(tmp_path):
    """The contract names bytes, not only a path."""
    source = {"path": "calls.csv", "digest": "sha256:" + "0" * 64}
    with pytest.raises(DataInvalid, match="is not the file the contract names"):
        sources_of(tmp_path, CALLS, "age,job,y\n1,a,no\n", sources=[source])


def test_the_digest_of_a_source_that_is_gone_is_not_made_up(tmp_path):
    """The path is named."""
    with pytest.raises(DataInvalid, match=r"there is no file .*calls.csv"):
        source_digests(contract_of(CALLS), root=tmp_path)


def test_hundreds_of_faults_are_bounded(tmp_path):
    """A message is read by a person."""
    header = ",".join(f"c{place}" for place in range(100))
    with pytest.raises(DataInvalid, match=r"\(53 more faults not listed\)") as caught:
        sources_of(tmp_path, CALLS, f"{header}\n{header}\n")
    assert len(caught.value.faults) == 50
