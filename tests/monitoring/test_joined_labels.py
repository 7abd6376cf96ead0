"""Labels joined to the log as the server writes it."""

from datetime import UTC, datetime

import polars as pl
import pytest

from modelwright.monitoring.label import join_labels
from modelwright.serving.labels import LABEL_SCHEMA
from modelwright.serving.log import LOG_SCHEMA
from modelwright.tasks.target import TargetSpec


def filled(schema, **columns):
    """A frame of a schema, empty but for the columns given."""
    height = len(next(iter(columns.values())))
    return pl.DataFrame({name: columns.get(name, [None] * height) for name in schema}, schema=schema)


@pytest.mark.parametrize(
    ("target", "scores", "labels", "values", "expected"),
    [
        (TargetSpec(task="regression", name="y"), [[10.0], [20.0]], ["12.5", "7"], [12.5, 7.0], [12.5, 7.0]),
        (
            TargetSpec(task="binary", name="y", classes=("no", "yes")),
            [[0.9, 0.1], [0.2, 0.8]],
            ["yes", "no"],
            [None, None],
            [1.0, 0.0],
        ),
    ],
)
def test_what_happened_is_never_taken_from_what_was_answered(target, scores, labels, values, expected):
    """Log and labels have columns of the same names."""
    moment = datetime(2026, 1, 1, tzinfo=UTC)
    log = filled(
        LOG_SCHEMA,
        request_id=["a", "b"],
        row=[0, 0],
        at=[moment, moment],
        version=["v1", "v1"],
        fallback=[False, False],
        scores=scores,
        value=[score[0] for score in scores],
    )
    late = filled(LABEL_SCHEMA, request_id=["a", "b"], row=[0, 0], label=labels, value=values)
    assert join_labels(log, late, target=target).y.tolist() == expected
