"""The examples, walked from a bare file to a served model on a part of their rows."""

from dataclasses import replace

import polars as pl
import pytest
from tests.surfaces.terminal import environment
from tools.walk_stories import STORIES
from tools.walks import telling, walk


@pytest.fixture
def data(pytestconfig):
    """The tables that ship with the repository."""
    return pytestconfig.rootpath / "examples" / "data"


@pytest.fixture
def surroundings(tmp_path, monkeypatch):
    """A home that nobody lives in."""
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)


def walked(name, table, folder, *, design):
    """Walk a table with the story of its example and a design that takes no time."""
    table.write_parquet(folder / "table.parquet")
    story = replace(STORIES[name], design=design)
    return walk(name, story, folder / "table.parquet", folder / name), story


def silent(walked, story):
    """The traps that nobody told of."""
    return [trap.what for trap in story.traps if telling(walked, trap) is None]


@pytest.mark.usefixtures("surroundings")
def test_bike_sharing_reaches_a_served_model_without_its_leak(tmp_path, data):
    """Every twelfth hour, in the order of time: the sum is found, the split is temporal, the gates pass."""
    table = pl.read_parquet(data / "bike_sharing_hourly.parquet").gather_every(12)
    told, story = walked("bike_sharing_hourly", table, tmp_path, design="pragmatic")
    assert told.faults == []
    assert silent(told, story) == []
    assert (told.task, told.split, told.verified) == ("regression", "temporal", "passed")
    assert told.served == "25/25 online, 500/500 batch"


@pytest.mark.usefixtures("surroundings")
def test_letters_reach_a_served_model_of_26_classes(tmp_path, data):
    """Every twelfth letter; repeated rows are dropped as the risk list proposes."""
    table = pl.read_parquet(data / "letter_recognition.parquet").gather_every(12)
    repeated = pl.concat([table, table.head(150)])
    told, story = walked("letter_recognition", repeated, tmp_path, design="baseline")
    assert told.faults == []
    assert silent(told, story) == []
    assert (told.task, told.split, told.verified) == ("multiclass", "stratified", "passed")
    assert told.served == "25/25 online, 500/500 batch"
