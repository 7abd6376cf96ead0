"""Labels: late, twice, corrected, torn; the last one counts."""

from datetime import UTC, datetime

import polars as pl
import pytest

from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.errors import DataInvalid, IntegrityBroken, StorageFailed
from modelwright.serving.labels import LABEL_SCHEMA, add_labels, read_labels


def test_labels_are_joined_by_request_and_row(tmp_path):
    """A corrected label replaces the one before; a repeated one changes nothing but the count."""
    clock = SteppingClock()
    first = pl.DataFrame({"request_id": ["a", "a", "b"], "row": [0, 1, 0], "label": ["no", "no", "yes"]})
    assert add_labels(tmp_path, first, clock=clock) == 3
    assert add_labels(tmp_path, first.head(1), clock=clock) == 1
    add_labels(tmp_path, pl.DataFrame({"request_id": ["b"], "label": ["no"]}), clock=clock)
    known = read_labels(tmp_path)
    assert known.schema == LABEL_SCHEMA
    assert known.select("request_id", "row", "label", "arrivals").rows() == [
        ("a", 0, "no", 2),
        ("a", 1, "no", 1),
        ("b", 0, "no", 2),
    ]
    assert known["at"].max() == datetime(2026, 1, 1, 0, 0, 2, tzinfo=UTC)


def test_numbers_come_back_as_numbers_and_as_text(tmp_path):
    """Whole ones without a decimal point, as classes are written."""
    frame = pl.DataFrame({"request_id": ["a", "b"], "label": [3.0, 2.5]})
    add_labels(tmp_path, frame, clock=SteppingClock())
    assert read_labels(tmp_path).select("label", "value").rows() == [("3", 3.0), ("2.5", 2.5)]


def test_nothing_to_add_adds_nothing(tmp_path):
    """An empty frame is no fault."""
    frame = pl.DataFrame(schema={"request_id": pl.String, "label": pl.String})
    assert add_labels(tmp_path, frame, clock=SteppingClock()) == 0
    assert read_labels(tmp_path).height == 0


def test_every_fault_of_a_frame_of_labels_is_told(tmp_path):
    """Columns that are not there, values that are not there."""
    with pytest.raises(DataInvalid) as caught:
        add_labels(tmp_path, pl.DataFrame({"request": ["a"], "row": [None]}), clock=SteppingClock())
    assert len(caught.value.faults) == 3


def test_a_torn_end_is_cut_before_the_next_label(tmp_path):
    """It was never acknowledged, and must not swallow what comes after."""
    add_labels(tmp_path, pl.DataFrame({"request_id": ["a"], "label": ["no"]}), clock=SteppingClock())
    with (tmp_path / "labels.jsonl").open("ab") as stream:
        stream.write(b'{"request_id":"b","la')
    assert read_labels(tmp_path)["request_id"].to_list() == ["a"]
    add_labels(tmp_path, pl.DataFrame({"request_id": ["c"], "label": ["no"]}), clock=SteppingClock())
    assert read_labels(tmp_path)["request_id"].to_list() == ["a", "c"]


def test_a_changed_line_is_told(tmp_path):
    """Quality would be measured on something else."""
    (tmp_path / "labels.jsonl").write_text('{"request": 1}\n')
    with pytest.raises(IntegrityBroken, match="is no label"):
        read_labels(tmp_path)


def test_a_folder_that_cannot_be_made_is_told(tmp_path):
    """A file where the folder should be."""
    (tmp_path / "labels").write_text("")
    with pytest.raises(StorageFailed):
        add_labels(
            tmp_path / "labels", pl.DataFrame({"request_id": ["a"], "label": ["no"]}), clock=SteppingClock()
        )
