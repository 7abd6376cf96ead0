"""The monitor: one look at the log, the sketches and the labels of a served version."""

from collections.abc import Sequence
from datetime import datetime, timedelta

import polars as pl

from modelwright.contracts.duration import parse_duration
from modelwright.kernel.errors import ContractChanged
from modelwright.kernel.finding import Severity
from modelwright.kernel.outcome import Outcome, Status
from modelwright.monitoring.alert import Alert
from modelwright.monitoring.diagnosis import diagnose
from modelwright.monitoring.drift import ColumnDrift, Compared, measure_drift
from modelwright.monitoring.evidence import Evidence, Watched
from modelwright.monitoring.label import join_labels, label_health
from modelwright.monitoring.quality import WindowQuality, measure_quality
from modelwright.monitoring.report import MonitoringReport
from modelwright.monitoring.window import Window, spans, windows
from modelwright.serving.sketch import SketchLine

__all__ = ["monitor"]

BLINDING = ("BLIND", "BLIND-FEATURES", "TOO-FEW-ROWS")
"""Alerts that mean the monitor does not know."""


def monitor(
    watched: Watched,
    *,
    log: pl.DataFrame,
    sketches: Sequence[SketchLine],
    labels: pl.DataFrame,
    now: datetime,
    every: timedelta | None = None,
    rows: int | None = None,
    seed: int = 7,
) -> MonitoringReport:
    """Look once.

    The last window is compared with training, all windows with what evaluation promised. Nothing is
    changed: alerts say what to do, and a request for retraining is written by `request_retraining`.

    Args:
        watched: The version, what was agreed and what was promised.
        log: The prediction log, with the columns of `LOG_SCHEMA`; answers of other versions are left out.
        sketches: Counts of live inputs; those of other versions are left out.
        labels: Labels, with the columns of `LABEL_SCHEMA`.
        now: The present.
        every: Length of a window; the contract's when not given.
        rows: So many answers make a window instead.
        seed: Seed of the resampling behind intervals.

    Raises:
        ContractChanged: When the version, its bundle and its evaluation do not mean one contract.

    Examples:
        >>> monitor.__name__
        'monitor'
    """
    _same_agreement(watched)
    plan = watched.contract.monitoring
    mine = log.filter(pl.col("version") == watched.version).sort("at")
    length = every or parse_duration(plan.window)
    made = windows(
        mine,
        [line for line in sketches if line.version == watched.version],
        reference=watched.reference,
        between=spans(mine, every=length, rows=rows, now=now),
    )
    delay = watched.contract.data.label.delay
    evidence = Evidence(
        windows=made,
        drift=_inputs(watched, made[-1]),
        answers=_answers(watched, made[-1]),
        quality=tuple(_quality(watched, mine, labels, window=window, seed=seed) for window in made),
        labels=label_health(
            mine,
            labels,
            # A delay that was not agreed is taken to be one window: sooner, nothing can be said to be late.
            delay=parse_duration(delay) if delay else length,
            now=now,
            least=plan.min_label_share,
        ),
    )
    alerts = diagnose(watched, evidence)
    return MonitoringReport(
        version=watched.version,
        contract_digest=watched.contract.digest,
        at=now,
        plan=(
            ("psi_warn", plan.psi_warn),
            ("psi_alert", plan.psi_alert),
            ("false_alarm_rate", plan.false_alarm_rate),
        ),
        windows=evidence.windows,
        drift=evidence.drift,
        answers=evidence.answers,
        scores_then=watched.reference.scores,
        quality=evidence.quality,
        promised=watched.promised,
        labels=evidence.labels,
        alerts=alerts,
        outcome=_outcome(alerts, evidence),
    )


def _same_agreement(watched: Watched) -> None:
    if watched.agreed is not None and watched.agreed != watched.contract.digest:
        raise ContractChanged(
            f"{watched.version} is registered under another contract than the one in its bundle",
            why="what is watched is what was promised under one agreement",
            next_step="modelwright verify names what was changed",
            found=watched.contract.digest,
            expected=watched.agreed,
        )
    evaluation = watched.evaluation
    if evaluation is not None and evaluation.contract_digest != watched.contract.digest:
        raise ContractChanged(
            "the evaluation was made under another contract than the one that is served",
            why="a drop of quality means something only against what was promised under the same agreement",
            next_step="hand in the evaluation of the served version",
            found=evaluation.contract_digest,
            expected=watched.contract.digest,
        )


def _inputs(watched: Watched, window: Window) -> tuple[ColumnDrift, ...]:
    compared = [
        Compared(then=sketch, now=window.features[sketch.name])
        for sketch in watched.reference.features
        if sketch.name in window.features and len(window.features[sketch.name].counts) == len(sketch.counts)
    ]
    return measure_drift(compared, plan=watched.contract.monitoring)


def _answers(watched: Watched, window: Window) -> tuple[ColumnDrift, ...]:
    reference = watched.reference
    pairs = (
        (reference.scores, window.score),
        (reference.confidence, window.confidence),
        (reference.predictions, window.predictions),
    )
    compared = [Compared(then=then, now=now) for then, now in pairs if then is not None and now is not None]
    return measure_drift(compared, plan=watched.contract.monitoring) if window.rows else ()


def _quality(
    watched: Watched, log: pl.DataFrame, labels: pl.DataFrame, *, window: Window, seed: int
) -> WindowQuality:
    part = log.filter((pl.col("at") >= window.start) & (pl.col("at") < window.end))
    return measure_quality(
        join_labels(part, labels, target=watched.target),
        contract=watched.contract,
        target=watched.target,
        rule=watched.rule,
        reference=watched.promised,
        between=(window.start, window.end),
        seed=seed,
    )


def _outcome(alerts: Sequence[Alert], evidence: Evidence) -> Outcome:
    """Join everything: one alert of weight fails, blindness is unknown, and so are missing labels."""
    what = "the served version behaves as promised"
    grave = [
        alert
        for alert in alerts
        if alert.severity.rank >= Severity.MEDIUM.rank and alert.code not in BLINDING
    ]
    blind = [alert for alert in alerts if alert.code in BLINDING]
    known = evidence.known_quality
    if grave:
        told = tuple(f"{alert.identity}: {alert.what}" for alert in (*grave, *blind))
        return Outcome(status=Status.FAILED, what=what, evidence=told, next_step="answer the alerts")
    if blind or known is None or known.outcome.status is Status.UNKNOWN:
        told = tuple(alert.what for alert in blind) or ("quality is not known yet",)
        return Outcome(status=Status.UNKNOWN, what=what, evidence=told, next_step="send labels, or wait")
    return Outcome(status=Status.PASSED, what=what, evidence=known.outcome.evidence)
