"""Collection: the new tail alone is read, and labels find their answers, late, twice or corrected."""

from datetime import timedelta

import msgspec
import pytest
from tests.rollout.live import START, TARGET

from modelwright.rollout.collection import Collector
from modelwright.serving.labels import LabelLine, append_labels
from modelwright.serving.log import LogLine
from modelwright.tasks.target import TargetSpec

LATTER = START + timedelta(seconds=5)


def write(folder, *lines, segment="predictions-20260101T000000000000Z-1-0.jsonl"):
    """Append answers to a segment."""
    folder.mkdir(exist_ok=True)
    with (folder / segment).open("ab") as stream:
        stream.write(msgspec.json.Encoder().encode_lines(lines))


def answer(request, *, arm="challenger", at=LATTER, **more):
    """One answered row."""
    usual = {"version": "v2", "prediction": "yes", "scores": [0.3, 0.7], "latency_ms": 3.0}
    return LogLine(**{"request_id": request, "at": at, "arm": arm} | usual | more)


def label(request, value="yes", row=0, at=LATTER):
    """One label."""
    return LabelLine(request_id=request, row=row, label=value, at=at)


def collector(folder, target=TARGET):
    """A collector of a rollout that began at START."""
    return Collector(folder / "log", folder / "labels", target=target, since=START)


def arm(collected, *, challenger=True, since=START):
    """What was collected of one arm."""
    collected.collect()
    return collected.arm("v2", challenger=challenger, since=since)


def test_only_what_is_evidence_on_the_model_counts(tmp_path):
    """Callers' faults, testers' requests, further rows of a request and what came before do not."""
    write(
        tmp_path / "log",
        answer("r1"),
        answer("r2", status=422, prediction=None, scores=None),
        answer("r3", arm="forced"),
        answer("r1", row=1),
        answer("r4", at=START - timedelta(days=1)),
        answer("r5", status=503, prediction=None, scores=None),
        answer("r6", fallback=True, scores=None),
    )
    seen = arm(collector(tmp_path))
    assert (seen.requests, seen.errors, seen.fallbacks) == (3, 1, 1)


def test_the_tail_is_read_once_and_torn_lines_wait(tmp_path):
    """A line without its end is not there yet; new segments are found."""
    collected = collector(tmp_path)
    assert arm(collected).requests == 0
    write(tmp_path / "log", answer("r1"))
    with (tmp_path / "log" / "predictions-20260101T000000000000Z-1-0.jsonl").open("ab") as stream:
        whole = msgspec.json.encode(answer("r2")) + b"\n"
        stream.write(whole[:20])
        stream.flush()
        assert arm(collected).requests == 1
        stream.write(whole[20:])
    assert arm(collected).requests == 2
    write(tmp_path / "log", answer("r3"), segment="predictions-20260101T000001000000Z-1-1.jsonl")
    assert arm(collected).requests == 3
    assert arm(collected, since=LATTER + timedelta(seconds=1)).requests == 0


def test_labels_find_their_answers_late_twice_and_corrected(tmp_path):
    """The last one counts, and a label that was read before its answer is tried again."""
    collected = collector(tmp_path)
    append_labels(tmp_path / "labels", [label("r1"), label("other")])
    assert len(arm(collected).labelled) == 0
    write(tmp_path / "log", answer("r1"), answer("r1", row=1, scores=[0.9, 0.1], prediction="no"))
    assert arm(collected).labelled.y.tolist() == [1.0]
    append_labels(tmp_path / "labels", [label("r1", "no"), label("r1", "maybe"), label("r1", "no", row=1)])
    labelled = arm(collected).labelled
    assert labelled.y.tolist() == [0.0, 0.0]
    assert labelled.score.tolist() == [0.7, 0.1]
    assert labelled.decision.tolist() == [1.0, 0.0]
    assert collected.unreadable_labels == 1


@pytest.mark.parametrize(
    ("target", "line", "given", "read"),
    [
        (TargetSpec(task="regression", name="y"), {"prediction": 4.5, "scores": [4.5]}, 5.0, (5.0, 4.5, 4.5)),
        (TargetSpec(task="regression", name="y"), {"prediction": 4.5, "scores": [4.5]}, "nan", None),
        (TargetSpec(task="regression", name="y"), {"prediction": 4.5, "scores": [4.5]}, "five", None),
        (
            TargetSpec(task="multiclass", name="y", classes=("1", "2", "3")),
            {"prediction": "2", "scores": [0.1, 0.6, 0.3]},
            3.0,
            (2.0, 0.6, 1.0),
        ),
        (TARGET, {"prediction": None, "scores": None}, "yes", None),
    ],
)
def test_each_task_reads_answers_and_labels_its_way(tmp_path, target, line, given, read):
    """Values, class numbers sent as numbers, and what is neither."""
    write(tmp_path / "log", answer("r1", **line))
    append_labels(tmp_path / "labels", [label("r1", given)])
    labelled = arm(collector(tmp_path, target)).labelled
    found = [(labelled.y[0], labelled.score[0], labelled.decision[0])] if len(labelled) else [None]
    assert found == [read]
