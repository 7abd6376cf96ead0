"""Collection of evidence: the new tail of the log and of the labels, turned into what each arm has shown."""

import math
from array import array
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Generic, Literal, TypeVar

import msgspec
import numpy as np

from modelwright.kernel.errors import IntegrityBroken
from modelwright.rollout.evidence import ArmEvidence
from modelwright.rollout.quality import Labelled
from modelwright.serving.labels import LabelLine
from modelwright.serving.log import LogLine, segments
from modelwright.tasks.target import TargetSpec

__all__ = ["Collector", "Tail"]

Line = TypeVar("Line", LogLine, LabelLine)

LABELS = "labels.jsonl"

SERVER_ERROR = 500
"""Statuses from here on are the server's fault; those below are the caller's and no evidence on the model."""


class Tail(Generic[Line]):
    """Reads what was added to line files since the last time, complete lines only.

    Args:
        kind: What each line holds.

    Examples:
        >>> Tail(LabelLine).new([Path("nowhere.jsonl")])
        []
    """

    def __init__(self, kind: type[Line]) -> None:
        """Start at the beginning of every file."""
        self._decoder: msgspec.json.Decoder[Line] = msgspec.json.Decoder(kind)
        self._read: dict[Path, int] = {}

    def new(self, paths: Iterable[Path]) -> list[Line]:
        """Return the lines added to these files, in the order of the files.

        Raises:
            IntegrityBroken: When a complete line cannot be read.
        """
        lines: list[Line] = []
        for path in paths:
            if not path.exists():
                continue
            with path.open("rb") as stream:
                stream.seek(self._read.get(path, 0))
                data = stream.read()
            whole = data[: data.rfind(b"\n") + 1]
            try:
                lines += self._decoder.decode_lines(whole)
            except (msgspec.DecodeError, msgspec.ValidationError) as error:
                raise IntegrityBroken(
                    f"{path.name} holds a line that cannot be read: {error}",
                    why="a rollout is judged on every answer or not at all",
                    next_step="restore the file from a copy; the rollout holds meanwhile",
                ) from error
            self._read[path] = self._read.get(path, 0) + len(whole)
        return lines


@dataclass(frozen=True, slots=True)
class _Answered:
    """What a label needs to know of the answer it belongs to."""

    challenger: bool
    score: float
    decision: float


class _Arm:
    """Growing columns of one arm."""

    def __init__(self) -> None:
        self.at = array("d")
        self.place = array("q")
        self.failed = array("b")
        self.fell_back = array("b")
        self.latency = array("d")
        self.answer = array("d")
        self.y = array("d")
        self.score = array("d")
        self.decision = array("d")
        self.label_place = array("q")

    def labelled(self) -> Labelled:
        return Labelled.of(
            y=np.array(self.y),
            score=np.array(self.score),
            decision=np.array(self.decision),
            place=np.array(self.label_place),
        )


class Collector:
    """Keeps what both arms have shown since a rollout began.

    Only the first row of a request counts as an answer, because rows of one request fail together and
    would count as more evidence than they are; labels of all rows count. Answers that a tester forced by
    header do not count: testers are not chosen by chance.

    Args:
        log_folder: Where the prediction log lies.
        label_folder: Where labels come in.
        target: What is predicted, to read labels with.
        since: When the rollout began; what was answered before is another story.

    Examples:
        >>> from datetime import UTC
        >>> spec = TargetSpec(task="binary", name="y", classes=("no", "yes"))
        >>> began = datetime(2026, 1, 1, tzinfo=UTC)
        >>> nothing = Collector(Path("nowhere"), Path("nowhere"), target=spec, since=began)
        >>> nothing.collect()
        >>> nothing.arm("v2", challenger=True, since=began).requests
        0
    """

    def __init__(self, log_folder: Path, label_folder: Path, *, target: TargetSpec, since: datetime) -> None:
        """Keep the places; read nothing yet."""
        self._log_folder = log_folder
        self._label_file = label_folder / LABELS
        self._target = target
        self._since = since
        self._log = Tail(LogLine)
        self._labels = Tail(LabelLine)
        self._arms: Mapping[bool, _Arm] = {False: _Arm(), True: _Arm()}
        self._answered: dict[tuple[str, int], _Answered] = {}
        self._labelled: dict[tuple[str, int], int] = {}
        self._waiting: list[LabelLine] = []
        self._places = 0
        self._label_places = 0
        self.unreadable_labels = 0
        """Labels that are none of the classes, or no number."""

    def collect(self) -> None:
        """Read the new tails.

        Raises:
            IntegrityBroken: When a complete line cannot be read.
        """
        fresh = [line for line in self._log.new(segments(self._log_folder)) if line.at >= self._since]
        for line in sorted(fresh, key=lambda line: line.at):
            if line.arm in {"champion", "challenger"}:
                self._take(line, challenger=line.arm == "challenger")
        # A label may be read before its answer when both were written between two looks: it gets a second
        # chance. What finds no answer then belongs to one from before the rollout.
        for label in self._waiting:
            self._join(label)
        late = self._labels.new([self._label_file])
        self._waiting = [label for label in late if label.at >= self._since and not self._join(label)]

    def _take(self, line: LogLine, *, challenger: bool) -> None:
        decision, score = self._read(line)
        if line.prediction is not None and not line.fallback and math.isfinite(score):
            self._answered[line.request_id, line.row] = _Answered(challenger, score, decision)
        if line.row or 400 <= line.status < SERVER_ERROR:
            return
        arm = self._arms[challenger]
        arm.at.append(line.at.timestamp())
        arm.place.append(self._places)
        arm.failed.append(line.status >= SERVER_ERROR)
        arm.fell_back.append(line.fallback)
        arm.latency.append(line.latency_ms)
        shown = decision if self._target.task == "multiclass" else score
        arm.answer.append(math.nan if line.fallback else shown)
        self._places += 1

    def _read(self, line: LogLine) -> tuple[float, float]:
        """Return decision and score of an answer as numbers, NaN where there is none."""
        if self._target.task == "regression":
            value = line.prediction if isinstance(line.prediction, int | float) else math.nan
            return float(value), float(value)
        classes = self._target.classes
        decision = classes.index(str(line.prediction)) if str(line.prediction) in classes else math.nan
        scores = line.scores or []
        if len(scores) != len(classes):
            return decision, math.nan
        return decision, scores[1] if self._target.task == "binary" else max(scores)

    def _join(self, label: LabelLine) -> bool:
        """Join a label to its answer; whether it found one. A corrected label replaces the one before."""
        key = (label.request_id, label.row)
        answered = self._answered.get(key)
        if answered is None:
            return False
        y = _value(label, self._target)
        if y is None:
            self.unreadable_labels += 1
            return True
        arm = self._arms[answered.challenger]
        if key in self._labelled:
            arm.y[self._labelled[key]] = y
            return True
        self._labelled[key] = len(arm.y)
        arm.y.append(y)
        arm.score.append(answered.score)
        arm.decision.append(answered.decision)
        arm.label_place.append(self._label_places)
        self._label_places += 1
        return True

    def arm(self, version: str, *, challenger: bool, since: datetime) -> ArmEvidence:
        """Return what one arm has shown: answers since a moment, labels since the rollout began."""
        arm = self._arms[challenger]
        start = int(np.searchsorted(np.array(arm.at), since.timestamp(), side="left"))
        kind: Literal["number", "class"] = "class" if self._target.task == "multiclass" else "number"
        return ArmEvidence.of(
            version,
            place=np.array(arm.place[start:]),
            failed=np.array(arm.failed[start:], dtype=np.bool_),
            fell_back=np.array(arm.fell_back[start:], dtype=np.bool_),
            latency_ms=np.array(arm.latency[start:]),
            answer=np.array(arm.answer[start:]),
            kind=kind,
            labelled=arm.labelled(),
        )


def _value(label: LabelLine, target: TargetSpec) -> float | None:
    """Return a label as a class index or value; None when it is neither."""
    if target.task == "regression":
        try:
            value = float(label.label)
        except ValueError:
            return None
        return value if math.isfinite(value) else None
    text = label.label if isinstance(label.label, str) else f"{label.label:g}"
    return float(target.classes.index(text)) if text in target.classes else None
