"""Peers: what cannot be installed is told, and our own figure stands without them."""

import json
import subprocess
import sys

import polars as pl
import pytest

from benchmarks import validation
from benchmarks.peers import contest, data
from benchmarks.peers.__main__ import main
from benchmarks.peers.environment import Environment, NotInstalled


def test_a_library_that_cannot_be_installed_is_told(tmp_path):
    """No time left, then no such package."""
    with pytest.raises(NotInstalled, match="time for installing is up"):
        Environment(tmp_path, seconds=0.0).python("pandera", ("pandera",))


def test_what_was_installed_is_used_again(tmp_path):
    """By the packages that were asked for."""
    (tmp_path / "pandera").mkdir()
    (tmp_path / "pandera" / "installed").write_text("pandera")
    python = Environment(tmp_path, seconds=0.0).python("pandera", ("pandera",))
    assert python == tmp_path / "pandera" / "bin" / "python"


def test_our_own_figure_stands_without_peers(tmp_path, capsys):
    """Every library is left out with its reason."""
    (ours,) = data.measure(Environment(tmp_path, seconds=0.0), rows=1_000)
    assert len(ours.values) == data.ROUNDS
    assert capsys.readouterr().out.count("is left out") == len(data.LIBRARIES)


def test_an_unknown_comparison_is_told(capsys):
    """With those there are."""
    assert main(["nothing"]) == 2
    assert "there are: data" in capsys.readouterr().out


def test_the_bounds_of_the_contest_are_those_of_the_contract():
    """Both sides check the same sixty promises."""
    columns = validation.contract().data.columns
    for name, column in columns.items():
        if column.range is not None:
            assert column.range == (0, contest.highest(name))
    assert set(data.LIBRARIES) == set(contest.LIBRARIES)


def test_a_library_that_breaks_is_told_by_its_last_words(tmp_path):
    """Here for want of the library itself."""
    pl.DataFrame({"number0": [1.0]}).write_parquet(tmp_path / "t.parquet")
    (tmp_path / "c.json").write_text(json.dumps(["a"]))
    script = [sys.executable, str(data.CONTEST), "pointblank", str(tmp_path / "t.parquet")]
    done = subprocess.run([*script, str(tmp_path / "c.json"), "1"], capture_output=True, check=False)
    assert done.returncode
    assert b"No module named 'pointblank'" in done.stderr
