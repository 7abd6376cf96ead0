"""Batch scoring: the answers of the server, exactly once, whatever happens on the way."""

import os
import signal
import subprocess
import sys
import time

import polars as pl
import pytest
from tests.registry.bundles import JOBS, ROW, Made, table
from tests.serving.services import InProcess, Place

from modelwright.kernel.errors import DataInvalid, StorageFailed, UnknownName
from modelwright.registry.hard_rows import plain_rows
from modelwright.serving.batch import score_file

PROGRAM = """
import sys
from pathlib import Path
from modelwright.registry.bundle import load
from modelwright.serving.batch import score_file
score_file(load(Path(sys.argv[1])), Path(sys.argv[2]), Path(sys.argv[3]), chunk=int(sys.argv[4]))
"""


@pytest.fixture(scope="module")
def source(tmp_path_factory):
    """A table of 300 calls with every column."""
    path = tmp_path_factory.mktemp("source") / "calls.parquet"
    table(300, seed=9).write_parquet(path)
    return path


def test_a_file_gets_the_answers_of_the_server_to_the_last_bit(bundle, source, tmp_path):
    """Same engine, same rows, same numbers."""
    result = score_file(bundle, source, tmp_path / "out.parquet", chunk=64, keep=["client"])
    told = pl.read_parquet(tmp_path / "out.parquet")
    assert (result.rows, result.refused, result.fallbacks, result.resumed) == (300, 0, 0, 0)
    assert set(result.ignored) == {"region", "ended", "y", "amount"}
    assert told["row"].to_list() == list(range(300))
    assert told["client"].to_list() == [f"c{index}" for index in range(300)]
    rows = plain_rows(pl.read_parquet(source), bundle.pipeline.plan)
    app = InProcess(Place(tmp_path / "place", bundle).settings)
    online = app.predict(*rows)[2]["predictions"]
    assert told["prediction"].to_list() == [answer["prediction"] for answer in online]
    assert told["p_yes"].to_list() == [answer["probabilities"]["yes"] for answer in online]
    assert told["confidence"].to_list() == [answer["confidence"] for answer in online]
    assert told["review"].to_list() == [answer["review"] for answer in online]
    assert not list(tmp_path.glob("*.parts"))


@pytest.mark.parametrize("ending", ["csv", "tsv", "jsonl", "arrow"])
def test_other_formats_give_the_same_answers(bundle, source, tmp_path, ending):
    """Numbers that were written as text are read as numbers."""
    frame = pl.read_parquet(source)
    path = tmp_path / f"calls.{ending}"
    if ending == "jsonl":
        frame.with_columns(pl.col("since").cast(pl.String)).write_ndjson(path)
    elif ending == "arrow":
        frame.write_ipc(path)
    else:
        frame.write_csv(path, separator="\t" if ending == "tsv" else ",")
    one = score_file(bundle, source, tmp_path / "a.parquet")
    other = score_file(bundle, path, tmp_path / "b.parquet")
    assert other.refused == 0
    assert one.target_digest == other.target_digest


def test_chunks_and_repetitions_make_no_difference_to_the_answers(bundle, source, tmp_path):
    """Nor does scoring into the same target again."""
    frames = []
    for chunk in (1000, 300, 7):
        score_file(bundle, source, tmp_path / "out.parquet", chunk=chunk)
        frames.append(pl.read_parquet(tmp_path / "out.parquet"))
    assert frames[0].equals(frames[1])
    assert frames[0].equals(frames[2])


def test_rows_that_do_not_fit_have_no_answer_and_a_reason(bundle, tmp_path):
    """The others are answered; nothing is dropped."""
    rows = [ROW, {**ROW, "age": 300.0, "channel": "fax"}, ROW]
    pl.DataFrame(rows).write_parquet(tmp_path / "in.parquet")
    result = score_file(bundle, tmp_path / "in.parquet", tmp_path / "out.parquet")
    told = pl.read_parquet(tmp_path / "out.parquet")
    assert (result.rows, result.refused) == (3, 1)
    assert told["prediction"].is_null().to_list() == [False, True, False]
    assert told["error"][1] == (
        "age: 300.0 is out of range, allowed is 0 to 120, send it in years; "
        "channel: 'fax' is not one of the 2 values of the contract"
    )
    assert told["review"][1]


def test_a_regression_and_many_classes_have_their_own_columns(tmp_path):
    """One value, or one probability a class."""
    frame = table(20)
    frame.write_parquet(tmp_path / "in.parquet")
    value = Made(tmp_path / "r", task="regression").pack()
    score_file(value, tmp_path / "in.parquet", tmp_path / "out.parquet")
    told = pl.read_parquet(tmp_path / "out.parquet")
    assert told["value"].to_list() == told["prediction"].to_list()
    many = Made(tmp_path / "m", task="multiclass").pack()
    score_file(many, tmp_path / "in.parquet", tmp_path / "out.parquet")
    assert {f"p_{job}" for job in JOBS} <= set(pl.read_parquet(tmp_path / "out.parquet").columns)


def test_an_empty_table_gives_an_empty_one(bundle, source, tmp_path):
    """With all its columns."""
    pl.read_parquet(source).head(0).write_parquet(tmp_path / "in.parquet")
    assert score_file(bundle, tmp_path / "in.parquet", tmp_path / "out.parquet").rows == 0
    assert "p_yes" in pl.read_parquet(tmp_path / "out.parquet").columns


def test_a_source_that_cannot_be_scored_is_told_why(bundle, source, tmp_path):
    """Missing, damaged, of an unknown kind, or without its columns: all are named."""
    out = tmp_path / "out.parquet"
    with pytest.raises(DataInvalid, match="there is no file"):
        score_file(bundle, tmp_path / "none.parquet", out)
    (tmp_path / "bad.parquet").write_bytes(b"PAR1" + source.read_bytes()[4:200])
    with pytest.raises(DataInvalid, match="cannot be read"):
        score_file(bundle, tmp_path / "bad.parquet", out)
    (tmp_path / "a.xyz").write_text("x")
    with pytest.raises(UnknownName):
        score_file(bundle, tmp_path / "a.xyz", out)
    pl.DataFrame({"agee": [1]}).write_parquet(tmp_path / "few.parquet")
    with pytest.raises(DataInvalid) as caught:
        score_file(bundle, tmp_path / "few.parquet", out)
    assert len(caught.value.faults) == 6
    assert caught.value.faults[0].next_step == "is it 'agee'?"
    assert not out.exists()


def test_parts_of_another_batch_are_of_no_use(bundle, second, source, tmp_path):
    """Another bundle, another source or another size of chunk begins anew; so do parts without a plan."""
    out = tmp_path / "out.parquet"
    parts = tmp_path / "out.parquet.parts"
    parts.mkdir()
    pl.DataFrame({"row": [1]}).write_parquet(parts / "part-00000000.parquet")
    assert score_file(bundle, source, out, chunk=100).resumed == 0
    parts.mkdir()
    (parts / "plan.json").write_text("{")
    assert score_file(second, source, out, chunk=100).rows == 300
    assert pl.read_parquet(out)["version"].unique().to_list() == ["v2"]


def test_a_target_that_cannot_be_written_keeps_the_parts(bundle, source, tmp_path):
    """A folder of the target's name: when it is out of the way, the work goes on."""
    out = tmp_path / "out.parquet"
    out.mkdir()
    with pytest.raises(StorageFailed, match="could not write"):
        score_file(bundle, source, out, chunk=100)
    out.rmdir()
    assert score_file(bundle, source, out, chunk=100).resumed == 300


def test_a_killed_batch_goes_on_without_a_lost_or_doubled_row(bundle, tmp_path):
    """SIGKILL in the middle, twice; the end is that of an undisturbed run, byte for byte."""
    source, out = tmp_path / "in.parquet", tmp_path / "out.parquet"
    table(6000, seed=3).write_parquet(source)
    command = [sys.executable, "-c", PROGRAM, str(bundle.path), str(source), str(out), "50"]
    done = 0
    for _ in range(2):
        process = subprocess.Popen(command)
        until = time.monotonic() + 30
        while len(list(tmp_path.glob("out.parquet.parts/part-*"))) < done + 5 and time.monotonic() < until:
            time.sleep(0.005)
        os.kill(process.pid, signal.SIGKILL)
        process.wait()
        done = len(list(tmp_path.glob("out.parquet.parts/part-*")))
        assert done >= 5
        assert not out.exists()
    result = score_file(bundle, source, out, chunk=50)
    assert result.resumed == done * 50
    assert pl.read_parquet(out)["row"].to_list() == list(range(6000))
    undisturbed = score_file(bundle, source, tmp_path / "again.parquet", chunk=50)
    assert undisturbed.target_digest == result.target_digest
