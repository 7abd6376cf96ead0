"""Sketches of live traffic: counts of each input in the bins of the bundle's reference; never a row."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from modelwright.kernel.errors import IntegrityBroken

__all__ = ["FeatureCounts", "SketchLine", "read_sketches"]


@dataclass(frozen=True, slots=True, kw_only=True)
class FeatureCounts:
    """Counts of one input in a span of time, in the bins of the reference's sketch of the same name.

    Examples:
        >>> FeatureCounts(counts=(1, 2, 0), nulls=1).counts
        (1, 2, 0)
    """

    counts: tuple[int, ...]
    """Rows per bin, as many bins as the reference has."""
    nulls: int
    """Rows without a value."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SketchLine:
    """What one version was asked between two moments.

    Examples:
        >>> SketchLine.__slots__[0]
        'version'
    """

    version: str
    """The version whose reference gives the bins."""
    start: datetime
    """Of the first row counted, UTC."""
    end: datetime
    """Of the last row counted, UTC."""
    rows: int
    """Rows counted."""
    features: Mapping[str, FeatureCounts]
    """Input column to its counts."""


def read_sketches(folder: Path) -> tuple[SketchLine, ...]:
    """Return all sketches in a folder, in the order of their start.

    Raises:
        IntegrityBroken: When a complete line cannot be read.

    Examples:
        >>> read_sketches(Path("nowhere"))
        ()
    """
    if not folder.is_dir():
        return ()
    lines: list[SketchLine] = []
    for path in sorted(folder.glob("sketches-*.jsonl")):
        data = path.read_bytes()
        try:
            whole = data[: data.rfind(b"\n") + 1]
            lines += msgspec.json.Decoder(SketchLine).decode_lines(whole)
        except (msgspec.DecodeError, msgspec.ValidationError) as error:
            raise IntegrityBroken(
                f"{path.name} holds a line that is no sketch: {error}",
                why="drift would be judged on something else",
                next_step="restore the file from a copy, or move it out of the folder",
            ) from error
    return tuple(sorted(lines, key=lambda line: line.start))
