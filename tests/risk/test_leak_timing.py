"""LEAK-TIMING and columns joined as of a moment."""

from dataclasses import replace

import numpy as np
import pytest
from tests.risk.views import clean_table, found, view_of

from modelwright.contracts.feature import FeatureTable
from modelwright.contracts.source import Source
from modelwright.risk.leak_timing import LeakTimingCheck


@pytest.mark.parametrize(("cutoff", "asked"), [("before", False), ("until", True)])
def test_what_was_joined_as_of_before_the_moment_is_not_asked_about(cutoff, asked):
    """The join settles when it was known; what may stem from the very moment stays a question."""
    frame = clean_table(1000)
    late = (frame["y"] == "yes").to_numpy() * 1.5 + np.random.default_rng(1).normal(size=1000)
    frame = frame.with_columns(paid_amount=late).select(*frame.columns[:-1], "paid_amount", "y")
    view = view_of(frame)
    paid = FeatureTable(
        name="paid",
        source=Source(path="paid.csv"),
        entity=("kind",),
        event_time="at",
        columns=("amount",),
        cutoff=cutoff,
    )
    assert "paid_amount" in found(LeakTimingCheck(), view)
    data = view.contract.data.model_copy(update={"feature_tables": (paid,)})
    joined = replace(view, contract=view.contract.model_copy(update={"data": data}))
    assert ("paid_amount" in found(LeakTimingCheck(), joined)) is asked
