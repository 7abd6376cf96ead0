"""Taking labels over HTTP: checked all at once, on the disk before they are acknowledged."""

import asyncio
import math
from collections.abc import Sequence
from pathlib import Path

from modelwright.features.value import label_of
from modelwright.kernel.clock import Clock
from modelwright.kernel.errors import StorageFailed, nearest
from modelwright.serving.labels import LabelLine, append_labels
from modelwright.serving.problem import RequestRefused, rows_refused
from modelwright.serving.row_check import RowFault
from modelwright.tasks.target import TargetSpec

__all__ = ["LabelIntake", "read_label_items"]

KEYS = ("request_id", "row", "label")
LONGEST_NAME = 128


def _label(value: object, target: TargetSpec) -> str | float | None:
    """Return a label in its own form; None when it is none of the classes, or no number."""
    if target.classes:
        label = label_of(value)
        return label if label in target.classes else None
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        return None
    return float(value)


def _faults(index: int, item: object, target: TargetSpec) -> list[RowFault]:
    def fault(column: str, what: str, cure: str = "") -> RowFault:
        return RowFault(row=index, column=column, what=what, next_step=cure)

    if not isinstance(item, dict):
        return [fault("", "is not an object", "send request_id, row and label")]
    found = [
        fault(str(key)[:60], "is not known", f"send {', '.join(KEYS)}") for key in item if key not in KEYS
    ]
    name, row = item.get("request_id"), item.get("row", 0)
    if not isinstance(name, str) or not 0 < len(name) <= LONGEST_NAME:
        found.append(fault("request_id", "is not the id of an answer", "send the request_id of the envelope"))
    if isinstance(row, bool) or not isinstance(row, int) or row < 0:
        found.append(fault("row", "is not the place of a row", "count rows from 0"))
    if _label(item.get("label"), target) is None:
        close = nearest(str(item.get("label"))[:60], target.classes) if target.classes else None
        kind = f"one of {', '.join(target.classes[:20])}" if target.classes else "a number"
        found.append(fault("label", f"is not {kind}", f"did you mean {close!r}?" if close else ""))
    return found


def read_label_items(items: Sequence[object], target: TargetSpec, *, clock: Clock) -> list[LabelLine]:
    """Return label lines of decoded items.

    Raises:
        RequestRefused: When any does not fit; every fault is listed.

    Examples:
        >>> from modelwright.kernel.clock import SteppingClock
        >>> spec = TargetSpec(task="binary", name="y", classes=("no", "yes"))
        >>> read_label_items([{"request_id": "r1", "label": "yes"}], spec, clock=SteppingClock())[0].row
        0
    """
    faults = [fault for index, item in enumerate(items) for fault in _faults(index, item, target)]
    if faults:
        refused = RequestRefused(422, "labels-refused", "Labels do not fit", "")
        refused.problem = rows_refused(faults, rows=len(items), key="labels")
        raise refused
    at = clock.now()
    # Every item was just found to be an object whose label is one of the target's.
    return [
        LabelLine(request_id=item["request_id"], row=item.get("row", 0), label=label, at=at)
        for item in items
        if isinstance(item, dict) and (label := _label(item["label"], target)) is not None
    ]


class LabelIntake:
    """Takes labels and keeps them.

    Args:
        folder: Where labels lie.
        clock: Tells when they came.

    Examples:
        >>> LabelIntake.__name__
        'LabelIntake'
    """

    def __init__(self, folder: Path, *, clock: Clock) -> None:
        """Keep the place."""
        self._folder = folder
        self._clock = clock

    async def take(self, items: Sequence[object], target: TargetSpec) -> int:
        """Keep labels; when this returns they are on the disk.

        Raises:
            RequestRefused: When any does not fit, or they cannot be kept.
        """
        lines = read_label_items(items, target, clock=self._clock)
        try:
            await asyncio.to_thread(append_labels, self._folder, lines)
        except StorageFailed as error:
            raise RequestRefused(
                503,
                "not-stored",
                "The labels cannot be kept",
                f"{error.what}. Send them again later; sending twice does no harm.",
                headers=((b"retry-after", b"5"),),
            ) from error
        return len(lines)
