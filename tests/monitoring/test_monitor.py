"""The monitor: a quiet day stays quiet, and each failure raises the alert with the response that fits."""

from dataclasses import replace
from datetime import timedelta

import polars as pl
import pytest
from tests.monitoring.served import DAY, NOW, answers, contract, look, promised, sketch, watched

from modelwright.contracts.decision import Mistakes
from modelwright.kernel.errors import ContractChanged
from modelwright.ledger.codec import decode, encode
from modelwright.monitoring.report import MonitoringReport
from modelwright.serving.labels import LABEL_SCHEMA
from modelwright.serving.log import LOG_SCHEMA
from modelwright.serving.sketch import FeatureCounts

EMPTY_LOG = pl.DataFrame(schema=LOG_SCHEMA)
NO_LABELS = pl.DataFrame(schema=LABEL_SCHEMA)


def alerts(report):
    """Code and response of each alert."""
    return {alert.identity: alert.response for alert in report.alerts}


def test_a_day_like_training_raises_nothing():
    """No alert, a passed outcome, labels joined."""
    report = look(*answers())
    assert alerts(report) == {}
    assert report.outcome.status == "passed"
    assert report.labels.share == 1.0
    assert report.quality[-1].estimate.rows == 2000


def test_a_blind_monitor_is_an_alarm():
    """No log at all, or a log that ended long ago: critical, and unknown, never well."""
    for report in (look(EMPTY_LOG, NO_LABELS, sketches=[]), look(*answers(), now=NOW + 3 * DAY)):
        assert alerts(report)["BLIND"] == "investigate"
        assert report.outcome.status != "passed"
    many = look(*answers(), now=NOW + 3 * DAY, rows=500)
    assert "BLIND" in alerts(many)


def test_answers_without_sketches_are_half_blind():
    """Inputs are not seen; that is told."""
    report = look(*answers(), sketches=[])
    assert alerts(report) == {"BLIND-FEATURES": "investigate"}
    assert report.outcome.status == "unknown"


def test_too_few_answers_are_unknown():
    """Fifty rows say nothing, and that is said."""
    report = look(*answers(50), sketches=[sketch(50)])
    assert "TOO-FEW-ROWS" in alerts(report)
    assert report.outcome.status == "unknown"


def test_an_alert_without_an_owner_is_an_alert():
    """And every other alert says so too."""
    report = look(*answers(), of=watched(contract(owner="")))
    assert [alert.owner for alert in report.alerts] == ["unowned"]
    assert alerts(report) == {"UNOWNED": "investigate"}


@pytest.mark.parametrize(
    ("inputs", "expected"),
    [
        ({"age": (46, 10)}, {"DRIFT:age": "investigate"}),
        ({"nulls": 0.3}, {"NULLS:age": "fix data"}),
        ({"jobs": ("admin", "student", "retired", "astronaut")}, {"UNSEEN-VALUES:job": "fix data"}),
    ],
)
def test_each_kind_of_drift_has_its_own_response(inputs, expected):
    """A world that moved, a source that broke, a schema that changed."""
    assert alerts(look(*answers(), sketches=[sketch(**inputs)])) == expected


def test_drift_of_a_critical_feature_asks_for_a_candidate():
    """The contract names it; drift of the others is for the owner to look at."""
    report = look(
        *answers(), sketches=[sketch(age=(46, 10))], of=watched(contract(critical_features=("age",)))
    )
    assert alerts(report) == {"DRIFT:age": "retrain"}
    assert report.drifted == ("age",)


def test_answers_that_moved_with_a_new_version_ask_to_roll_back():
    """Inputs as ever, scores not, a promotion this morning; without the promotion: look."""
    log, labels = answers(shift=-2.0)
    recent = look(log, labels, of=watched(promoted_at=NOW - DAY / 2, previous="v0"))
    assert alerts(recent)["PREDICTION-DRIFT:score"] == "roll back"
    assert alerts(look(log, labels))["PREDICTION-DRIFT:score"] == "investigate"
    first = look(log, labels, of=watched(promoted_at=NOW - DAY / 2))
    assert alerts(first)["PREDICTION-DRIFT:score"] == "investigate"
    both = look(log, labels, sketches=[sketch(age=(46, 10))])
    reasons = [alert.reason for alert in both.alerts if alert.code == "PREDICTION-DRIFT"]
    assert reasons[0] == "inputs moved too: age"


def test_quality_that_fell_asks_for_a_candidate_or_the_way_back():
    """A model that forgot half of what it knew: retrain, or roll back when it is new."""
    log, labels = answers(knows=0.7)
    report = look(log, labels)
    assert alerts(report)["QUALITY"] == "retrain"
    assert report.quality[-1].beyond_chance
    assert report.outcome.status == "failed"
    assert (
        alerts(look(log, labels, of=watched(promoted_at=NOW - DAY / 2, previous="v0")))["QUALITY"]
        == "roll back"
    )
    relaxed = watched(contract(quality_drop_retrain=0.9))
    assert alerts(look(log, labels, of=relaxed))["QUALITY"] == "investigate"


def test_scores_at_the_wrong_level_ask_to_recalibrate():
    """The order holds, the promise does not."""
    report = look(*answers(shift=0.6))
    assert alerts(report)["CALIBRATION"] == "recalibrate"
    assert "QUALITY" not in alerts(report)


def test_quality_without_a_reference_is_unknown():
    """Nothing was promised, so nothing can be broken."""
    report = look(*answers(), of=watched(evaluation=None))
    assert "no reference" in report.quality[-1].outcome.evidence[0]
    assert report.outcome.status == "unknown"


def test_a_small_window_cannot_break_the_promise_by_chance():
    """A drop with a wide interval stays unknown."""
    agreed = contract(min_rows=50)
    small = {"sketches": [sketch(60)]}
    value = look(*answers(60), of=watched(agreed), **small).quality[-1].estimate.value
    report = look(*answers(60), of=watched(agreed, evaluation=promised(agreed, value + 0.05)), **small)
    assert report.quality[-1].outcome.status == "unknown"
    assert "QUALITY" not in alerts(report)


def test_labels_that_stay_away_are_an_alarm():
    """Due after an hour, and a tenth is there."""
    log, labels = answers()
    report = look(log, labels.head(200))
    assert alerts(report)["LABELS"] == "fix data"
    assert look(log, NO_LABELS).outcome.status == "failed"


def test_labels_are_not_missed_before_they_are_due():
    """A delay of a week leaves quality unknown and raises no alarm."""
    log, _ = answers()
    report = look(log, NO_LABELS, of=watched(contract(delay="7d")))
    assert "LABELS" not in alerts(report)
    assert (report.labels.due, report.labels.share) == (0, None)
    assert report.outcome.status == "unknown"
    unsaid = look(log, NO_LABELS, of=watched(contract(delay="")))
    assert "LABELS" not in alerts(unsaid)


def test_labels_that_cannot_be_read_are_an_alarm():
    """They arrive, and are none of the classes."""
    log, labels = answers()
    report = look(log, labels.with_columns(label=pl.lit("maybe")))
    assert alerts(report)["LABELS-UNREADABLE"] == "fix data"


def test_errors_fallbacks_and_slowness_are_alarms():
    """Beyond their limits, and beyond chance."""
    log, labels = answers()
    broken = log.with_columns(
        status=pl.when(pl.int_range(pl.len()) % 20 == 0).then(500).otherwise(200),
        prediction=pl.when(pl.int_range(pl.len()) % 20 == 0).then(None).otherwise(pl.col("prediction")),
        fallback=pl.int_range(pl.len()) % 20 == 1,
        latency_ms=pl.lit(400.0),
    )
    found = alerts(look(broken, labels))
    assert found["ERRORS"] == found["FALLBACKS"] == found["LATENCY:p95"] == "investigate"
    recent = alerts(look(broken, labels, of=watched(promoted_at=NOW - DAY / 2, previous="v0")))
    assert recent["ERRORS"] == "roll back"


def test_the_mistake_budget_burns_in_the_contracts_own_unit():
    """Cost per 1,000 decisions on late labels, with its interval, against what was granted."""
    costly = Mistakes(wrong_yes=1, wrong_no=8, unit="EUR", budget=200)
    report = look(*answers(), of=watched(contract(mistakes=costly)))
    assert report.budget.cost > 400
    assert report.budget.low < report.budget.cost < report.budget.high
    assert report.budget.burn > 2
    budget = next(alert for alert in report.alerts if alert.code == "BUDGET")
    assert (budget.severity, budget.response) == ("critical", "investigate")
    within = look(*answers(), of=watched(contract(mistakes=Mistakes(budget=5000))))
    assert within.budget.outcome.status == "passed"


def test_windows_go_back_in_time_and_each_has_its_quality():
    """Three days, the last of them bad: the report shows when it began."""
    days = [
        answers(800, seed=10 + back, start=NOW - DAY * back, knows=0.4 if back == 1 else 1.5)
        for back in (3, 2, 1)
    ]
    log, labels = (pl.concat(parts) for parts in zip(*days, strict=True))
    report = look(log, labels, sketches=[sketch(start=NOW - DAY * back) for back in (3, 2, 1)])
    assert [window.rows for window in report.windows] == [800, 800, 800]
    assert [item.outcome.status for item in report.quality] == ["passed", "passed", "failed"]
    assert report.current.sketched == 2000
    by_count = look(log, labels, rows=600)
    assert [window.rows for window in by_count.windows] == [600, 600, 600, 600]
    short = look(log, labels, every=timedelta(hours=12))
    assert len(short.windows) == 6


def test_a_report_is_a_record_and_a_page():
    """It survives storage unchanged, and renders with its pictures."""
    report = look(*answers(), sketches=[sketch(age=(46, 10))])
    assert decode(encode(report), MonitoringReport) == report
    page = report.document().to_html()
    assert page.count("<svg") == 4
    assert "DRIFT:age" in report.document().to_markdown()
    blind = look(EMPTY_LOG, NO_LABELS, sketches=[])
    assert "Nothing could be compared" in blind.document().to_markdown()


def test_sketches_of_one_window_are_added_and_those_in_other_bins_start_anew():
    """A reference with other bins has taken over within the window."""
    halves = [sketch(1000, seed=seed) for seed in (1, 2)]
    assert look(*answers(), sketches=halves).drift[0].rows == 2000
    other = replace(halves[1], features={"age": FeatureCounts(counts=(5, 5), nulls=0)})
    report = look(*answers(), sketches=[halves[0], other])
    assert [drift.column for drift in report.drift] == ["job"]


def test_another_contract_than_the_served_one_is_refused():
    """A drop means something only under the same agreement."""
    with pytest.raises(ContractChanged, match="another contract"):
        look(*answers(), of=watched(evaluation=promised(contract(owner="someone else"))))


def test_answers_of_other_versions_are_left_out():
    """A challenger's errors are not the champion's."""
    log, labels = answers()
    other = answers(300, seed=9, version="v2", status=500)[0]
    report = look(pl.concat([log, other]), labels)
    assert report.current.rows == 2000
    assert report.current.errors == 0
