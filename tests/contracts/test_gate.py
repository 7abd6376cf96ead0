"""Gate lines: as a person writes them, and as a record that code can judge."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from modelwright.contracts.gate import parse_gate
from modelwright.contracts.metric_names import MEASUREMENTS, METRIC_NAMES, metric_names
from modelwright.kernel.errors import ContractInvalid, UnknownName


def test_a_line_is_a_metric_a_comparison_and_a_number():
    """Judged on the interval, over all rows, unless it says otherwise."""
    gate = parse_gate("  roc_auc>=0.75 ")
    assert (gate.metric, gate.comparison, gate.threshold, gate.reference) == ("roc_auc", ">=", 0.75, "")
    assert (gate.basis, gate.slice, gate.slice_value, gate.unit) == ("interval", "", None, "")
    assert gate.text == "roc_auc>=0.75"
    assert not gate.do_not_ship


def test_a_line_may_compare_with_another_model():
    """There is no number then."""
    gate = parse_gate("expected_cost < champion")
    assert (gate.threshold, gate.reference) == (None, "champion")


def test_a_line_may_ask_for_the_point_estimate():
    """The exception has to be written out."""
    assert parse_gate("point roc_auc > 0.5").basis == "point"
    assert parse_gate("point slice(job): recall > 0.5").basis == "point"


@pytest.mark.parametrize(
    ("line", "column", "value"),
    [
        ("slice(job): recall >= 0.5", "job", None),
        ("slice( job = blue collar ): recall >= 0.5", "job", "blue collar"),
        ("slice(job=a (b): c): recall >= 0.5", "job", "a (b): c"),
        ("slice(job=): recall >= 0.5", "job", ""),
    ],
)
def test_a_line_may_be_about_slices(line, column, value):
    """Every value of a column, or one of them."""
    gate = parse_gate(line)
    assert (gate.slice, gate.slice_value) == (column, value)


@pytest.mark.parametrize(
    ("written", "threshold", "unit"),
    [
        ("80ms", 80.0, "ms"),
        ("80 ms", 80.0, "ms"),
        ("0.07s", 70.0, "ms"),
        ("500us", 0.5, "ms"),
        ("40MB", 40.0, "MB"),
        ("40kB", 0.04, "MB"),
        ("2GB", 2000.0, "MB"),
        ("1 %", 0.01, ""),
        ("-3.5e-2", -0.035, ""),
        (".5", 0.5, ""),
    ],
)
def test_units_are_turned_to_one_of_each_kind(written, threshold, unit):
    """Exactly: 0.07 s are 70 ms, not 70.00000000000001."""
    gate = parse_gate(f"p95_latency <= {written}")
    assert (gate.threshold, gate.unit) == (threshold, unit)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("", "is not of the form"),
        ("roc_auc", "is not of the form"),
        ("roc_auc == 0.5", "is not of the form"),
        ("slice(job) recall > 1", "is not of the form"),
        ("roc_auc >= nan", "neither a number nor a known model"),
        ("roc_auc >= 1e999", "is not a finite number"),
        ("roc_auc >= champoin", "did you mean 'champion'?"),
        ("roc_auc >= 0.5 0.6", "neither a number"),
        ("p95_latency <= 80mss", "did you mean 'ms'?"),
        ("p95_latency <= 80MS", "did you mean 'ms'?"),
        ("p95_latency <= 80parsecs", "use one of: %, us, ms"),
        ("roc_auc >= " + "9" * 400, "characters"),
    ],
)
def test_a_line_that_is_no_condition_says_which_part_is_not(line, message):
    """What cannot be read cannot be judged."""
    with pytest.raises(ContractInvalid) as caught:
        parse_gate(line)
    assert message in str(caught.value)


def test_a_do_not_ship_line_is_marked():
    """It says what must not be."""
    assert parse_gate("calibration_error > 0.1", do_not_ship=True).do_not_ship


@given(
    metric=st.sampled_from(sorted({*METRIC_NAMES["binary"], *MEASUREMENTS})),
    comparison=st.sampled_from([">=", ">", "<=", "<"]),
    threshold=st.floats(-1e6, 1e6, allow_nan=False),
)
def test_a_written_number_is_read_exactly(metric, comparison, threshold):
    """The shortest form of a float reads back as the same float."""
    gate = parse_gate(f"{metric} {comparison} {threshold!r}")
    assert (gate.metric, gate.comparison, gate.threshold) == (metric, comparison, threshold)


@given(st.text(alphabet="abc_ ().=:<>≥", max_size=60))
def test_text_without_a_number_or_a_model_is_never_a_gate(text):
    """Nothing else happens than a fault that says so."""
    with pytest.raises(ContractInvalid) as caught:
        parse_gate(text)
    assert caught.value.faults


def test_metrics_are_known_by_task():
    """The first is the default primary one; an unknown task is named."""
    assert metric_names("binary")[0] == "roc_auc"
    with pytest.raises(UnknownName, match="did you mean 'binary'"):
        metric_names("binery")
