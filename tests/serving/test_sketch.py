"""Sketches: counts only, by version, and every row counted once."""

import numpy as np
import pytest
from tests.registry.bundles import ROW, table

from modelwright.features.transform import RowEncoder, matrix
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.errors import IntegrityBroken
from modelwright.serving import sketch
from modelwright.serving.sketch import SketchWriter, counts_of, read_sketches


def test_lines_add_up_to_what_was_asked(made, bundle, tmp_path):
    """Flushed at any moment, the sum over lines is the count over rows."""
    clock = SteppingClock()
    writer = SketchWriter(tmp_path, clock=clock)
    x = matrix(bundle.pipeline.plan, table(90, seed=5))
    for start in range(0, 90, 7):
        writer.add(bundle, x[start : start + 7], clock.now())
        if start % 3 == 0:
            writer.flush()
    writer.flush()
    writer.flush()
    lines = read_sketches(tmp_path)
    assert sum(line.rows for line in lines) == 90
    whole = counts_of(bundle.reference, bundle.pipeline.plan, x)
    for name, counts in whole.items():
        assert np.array_equal(np.sum([line.features[name].counts for line in lines], axis=0), counts.counts)
        assert sum(line.features[name].nulls for line in lines) == counts.nulls
    assert all(line.start <= line.end for line in lines)


def test_versions_are_counted_apart(bundle, second, tmp_path):
    """Each by its own reference."""
    clock = SteppingClock()
    writer = SketchWriter(tmp_path, clock=clock)
    x = RowEncoder(bundle.pipeline.plan).vector(ROW)
    writer.add(bundle, x, clock.now())
    writer.add(second, x, clock.now())
    writer.add(second, x, clock.now())
    writer.flush()
    assert {line.version: line.rows for line in read_sketches(tmp_path)} == {"v1": 1, "v2": 2}


def test_memory_is_bounded(bundle, tmp_path):
    """Beyond what fits, rows are counted at once."""
    writer = SketchWriter(tmp_path, clock=SteppingClock())
    x = RowEncoder(bundle.pipeline.plan).vector(ROW)
    at = SteppingClock().now()
    for _ in range(sketch.MOST_ROWS + 1):
        writer.add(bundle, x, at)
    assert [line.rows for line in read_sketches(tmp_path)] == [sketch.MOST_ROWS]


def test_a_changed_sketch_is_told_and_a_torn_one_does_not_count(bundle, tmp_path):
    """As in the log."""
    writer = SketchWriter(tmp_path, clock=SteppingClock())
    writer.add(bundle, RowEncoder(bundle.pipeline.plan).vector(ROW), SteppingClock().now())
    writer.flush()
    (path,) = tmp_path.iterdir()
    with path.open("ab") as stream:
        stream.write(b'{"version":')
    assert len(read_sketches(tmp_path)) == 1
    path.write_text("{}\n")
    with pytest.raises(IntegrityBroken, match="is no sketch"):
        read_sketches(tmp_path)
