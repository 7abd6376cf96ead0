"""The tables of the examples, as they are: their known traps are found, and nothing else blocks."""

import polars as pl
import pytest
from tests.risk.views import view_of

from modelwright.contracts.data import SplitPolicy
from modelwright.kernel.finding import Severity
from modelwright.risk.register import assess

TIME = SplitPolicy(policy="temporal", order="rows")


@pytest.mark.parametrize(
    ("name", "target", "task", "split", "expected"),
    [
        (
            "bank_marketing",
            "y",
            "binary",
            None,
            {
                "LEAK-TIMING:duration",
                "TEMPORAL-ORDER:row order",
                "MISSING-CODE:pdays",
                "TIME-PROXY:row order",
            },
        ),
        ("bank_marketing", "y", "binary", TIME, {"LEAK-TIMING:duration"}),
        (
            "bike_sharing_hourly",
            "cnt",
            "regression",
            TIME,
            {"TARGET-SUM:casual+registered", "ROW-NUMBER:instant"},
        ),
        ("letter_recognition", "lettr", "multiclass", None, {"CONTAMINATION"}),
    ],
)
def test_known_traps_are_found(pytestconfig, name, target, task, split, expected):
    """By name, with evidence; what is critical is what truly leaks."""
    frame = pl.read_parquet(pytestconfig.rootpath / "examples" / "data" / f"{name}.parquet")
    risks = assess(view_of(frame, target, task, split=split)).risks
    assert expected <= {risk.id for risk in risks}
    critical = {risk.id for risk in risks if risk.finding.severity is Severity.CRITICAL}
    assert critical == {one for one in expected if one.startswith("TARGET-")}
    assert all(risk.finding.evidence for risk in risks)
