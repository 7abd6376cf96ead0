"""The prediction log: whole lines, rotation, a torn end, a full disk."""

import threading
from datetime import UTC, datetime, timedelta

import polars as pl
import pytest
from tests.serving.services import room_for

from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.errors import IntegrityBroken, StorageFailed
from modelwright.serving.log import LOG_SCHEMA, LogLine, PredictionLog, read_log, segments

START = datetime(2026, 1, 1, tzinfo=UTC)


def line(number=0, **changes):
    """A line of the log."""
    given = {
        "request_id": f"r{number}",
        "at": START + timedelta(seconds=number),
        "version": "v1",
        "prediction": "yes",
        "scores": [0.2, 0.8],
        "confidence": 0.8,
        "fields": {"region": "north", "n": None},
    }
    return LogLine(**(given | changes))


@pytest.fixture
def log(tmp_path):
    """An open log."""
    opened = PredictionLog(tmp_path, clock=SteppingClock(), flush_ms=5)
    yield opened
    opened.close()


def test_lines_come_back_as_a_frame(log, tmp_path):
    """Classes, values, fallbacks and refusals, in the order they were written."""
    log.write([line(0), line(1, prediction=3.5, scores=[3.5], confidence=None)])
    log.write([line(2, prediction=None, scores=None, fallback=True, fallback_reason="deadline")])
    log.write([LogLine(request_id="r3", at=START, version=None, status=422, error="rows-refused")])
    frame = read_log(tmp_path)
    assert frame.schema == LOG_SCHEMA
    assert frame["request_id"].to_list() == ["r0", "r1", "r2", "r3"]
    assert frame["prediction"].to_list() == ["yes", "3.5", None, None]
    assert frame["value"].to_list() == [None, 3.5, None, None]
    assert frame["score"].to_list() == [0.8, 3.5, None, None]
    assert frame["status"].to_list() == [200, 200, 200, 422]
    assert frame["fields"].to_list()[0] == '{"region":"north","n":null}'


def test_a_multiclass_score_is_the_highest(log, tmp_path):
    """There is no positive class among three."""
    log.write([line(scores=[0.2, 0.5, 0.3])])
    assert read_log(tmp_path)["score"].to_list() == [0.5]


def test_only_what_came_after_a_moment_is_read_when_asked(log, tmp_path):
    """A monitor goes on where it was."""
    log.write([line(number) for number in range(5)])
    assert read_log(tmp_path, after=START + timedelta(seconds=2))["request_id"].to_list() == ["r3", "r4"]


def test_segments_rotate_and_read_as_one(tmp_path):
    """No segment grows beyond its size by more than one write."""
    log = PredictionLog(tmp_path, clock=SteppingClock(), segment_bytes=1000)
    for number in range(40):
        log.write([line(number)])
    log.close()
    log.close()
    assert len(segments(tmp_path)) > 4
    assert all(path.stat().st_size <= 1000 for path in segments(tmp_path))
    assert read_log(tmp_path)["request_id"].to_list() == [f"r{number}" for number in range(40)]
    assert segments(tmp_path)[0].stat().st_mode & 0o077 == 0


def test_two_logs_in_one_folder_do_not_mix(tmp_path):
    """Each writer has its own segment, even when they begin at the same moment."""
    logs = [PredictionLog(tmp_path, clock=SteppingClock(START + timedelta(hours=hour))) for hour in (0, 1)]
    for number in range(20):
        logs[number % 2].write([line(number)])
    for log in logs:
        log.close()
    assert sorted(read_log(tmp_path)["request_id"]) == sorted(f"r{number}" for number in range(20))


def test_threads_write_whole_lines(log, tmp_path):
    """Four writers, one file, no line in the middle of another."""

    def work(name):
        for number in range(50):
            log.write([line(number, request_id=f"{name}-{number}")])

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert read_log(tmp_path)["request_id"].n_unique() == 200


def test_a_torn_last_line_does_not_count(log, tmp_path):
    """It was never acknowledged."""
    log.write([line(0)])
    (path,) = segments(tmp_path)
    with path.open("ab") as stream:
        stream.write(b'{"request_id":"r1","at":"2026-')
    assert read_log(tmp_path)["request_id"].to_list() == ["r0"]


def test_a_changed_line_is_told(log, tmp_path):
    """A log with other lines is no evidence."""
    log.write([line(0)])
    (path,) = segments(tmp_path)
    with path.open("ab") as stream:
        stream.write(b'{"request":"r1"}\n')
    with pytest.raises(IntegrityBroken, match="is no answer"):
        read_log(tmp_path)


def test_a_full_disk_refuses_the_lines_and_keeps_the_log_whole(tmp_path):
    """A write that only half fits is taken back; when there is room again, the log goes on."""
    log = PredictionLog(tmp_path, clock=SteppingClock())
    log.write([line(0)])
    (path,) = segments(tmp_path)
    with room_for(path.stat().st_size + 50), pytest.raises(StorageFailed, match="cannot be written"):
        log.write([line(1), line(2)])
    log.write([line(3)])
    log.close()
    assert read_log(tmp_path)["request_id"].to_list() == ["r0", "r3"]


def test_a_log_that_cannot_be_opened_says_so(tmp_path):
    """A file where the folder should be."""
    (tmp_path / "log").write_text("")
    with pytest.raises(StorageFailed):
        PredictionLog(tmp_path / "log", clock=SteppingClock())


def test_polars_reads_a_segment_directly(log, tmp_path):
    """No tool of ours is needed."""
    log.write([line(0)])
    (path,) = segments(tmp_path)
    assert pl.read_ndjson(path)["request_id"].to_list() == ["r0"]
    assert path.name.startswith("predictions-20260101T")
