"""Sketches of live traffic: counts of each input in the bins of the bundle's reference; never a row."""

import os
import threading
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import msgspec
import numpy as np

from modelwright.features.plan import FeaturePlan, FeatureSpec
from modelwright.features.transform import Matrix
from modelwright.kernel.clock import Clock
from modelwright.kernel.errors import IntegrityBroken
from modelwright.ledger.codec import encode
from modelwright.registry.bundle import Bundle
from modelwright.registry.reference import FeatureSketch, ReferenceProfile

__all__ = ["FeatureCounts", "SketchLine", "SketchWriter", "counts_of", "read_sketches"]

MOST_ROWS = 20_000
"""Rows of one version kept in memory until they are counted."""


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


def _places(feature: FeatureSpec, sketch: FeatureSketch) -> Matrix:
    """Return the bin of each code of a category; codes not listed by name are other."""
    names = ("false", "true") if feature.kind == "boolean" else feature.categories
    known = {name: place for place, name in enumerate(sketch.categories)}
    return np.array([known.get(name, len(known)) for name in (*names, "")], dtype=np.float64)


def counts_of(reference: ReferenceProfile, plan: FeaturePlan, x: Matrix) -> Mapping[str, FeatureCounts]:
    """Count the rows of a matrix in the bins of a reference.

    Args:
        reference: Gives the bins.
        plan: Made the matrix.
        x: The rows.

    Examples:
        >>> plan = FeaturePlan(features=(FeatureSpec(name="age", kind="number"),))
        >>> age = FeatureSketch(name="age", kind="number", edges=(30.0,), counts=(1, 1))
        >>> score = FeatureSketch(name="score", kind="number")
        >>> reference = ReferenceProfile(features=(age,), scores=score, rows=2)
        >>> counts_of(reference, plan, np.array([[20.0], [30.0], [np.nan]]))["age"]
        FeatureCounts(counts=(1, 1), nulls=1)
    """
    made: dict[str, FeatureCounts] = {}
    place = 0
    for feature in plan.features:
        sketch = reference.feature(feature.name)
        if sketch is not None:
            values = x[:, place]
            present = values[~np.isnan(values)]
            if sketch.kind == "number":
                bins = np.searchsorted(np.asarray(sketch.edges), present, side="right")
            else:
                bins = _places(feature, sketch)[present.astype(np.int64)].astype(np.int64)
            counts = np.bincount(bins, minlength=len(sketch.counts)).tolist()
            made[feature.name] = FeatureCounts(counts=tuple(counts), nulls=len(values) - len(present))
        place += len(feature.matrix_names)
    return made


class SketchWriter:
    """Gathers rows in memory and writes their counts; a killed server loses what it had not counted yet.

    Args:
        folder: Where the sketches lie.
        clock: Tells when rows came.

    Examples:
        >>> SketchWriter.__name__
        'SketchWriter'
    """

    def __init__(self, folder: Path, *, clock: Clock) -> None:
        """Start with nothing gathered."""
        self._folder = folder
        self._clock = clock
        self._lock = threading.Lock()
        self._rows: dict[str, list[Matrix]] = {}
        self._bundles: dict[str, Bundle] = {}
        self._spans: dict[str, tuple[datetime, datetime]] = {}
        self._file: Path | None = None

    def add(self, bundle: Bundle, x: Matrix, at: datetime) -> None:
        """Remember rows that a version was asked; beyond what fits in memory they are counted at once."""
        version = bundle.version
        with self._lock:
            gathered = self._rows.setdefault(version, [])
            gathered.append(x)
            self._bundles[version] = bundle
            self._spans[version] = (self._spans.get(version, (at, at))[0], at)
            full = len(gathered) >= MOST_ROWS
        if full:
            self.flush()

    def flush(self) -> None:
        """Count what was gathered and append the counts.

        Raises:
            OSError: When they cannot be written; they are lost then, answers are not.
        """
        with self._lock:
            rows, spans = self._rows, self._spans
            self._rows, self._spans = {}, {}
        lines = b"".join(
            encode(self._line(version, np.concatenate(gathered), spans[version])) + b"\n"
            for version, gathered in rows.items()
        )
        if lines:
            handle = os.open(self._place(), os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
            try:
                os.write(handle, lines)
            finally:
                os.close(handle)

    def _line(self, version: str, x: Matrix, span: tuple[datetime, datetime]) -> SketchLine:
        bundle = self._bundles[version]
        return SketchLine(
            version=version,
            start=span[0],
            end=span[1],
            rows=len(x),
            features=counts_of(bundle.reference, bundle.pipeline.plan, x),
        )

    def _place(self) -> Path:
        if self._file is None:
            self._folder.mkdir(parents=True, exist_ok=True)
            stamp = self._clock.now().astimezone(UTC).strftime("%Y%m%dT%H%M%S%fZ")
            self._file = self._folder / f"sketches-{stamp}-{os.getpid()}.jsonl"
        return self._file


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
