"""Diagnosis: from what was measured to alerts, each with the response that fits and the reason for it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from scipy import stats

from modelwright.contracts.duration import parse_duration
from modelwright.kernel.finding import Severity
from modelwright.kernel.outcome import Status
from modelwright.monitoring.alert import UNOWNED, Alert, Response
from modelwright.monitoring.drift import UNSEEN_CHANGE, ColumnDrift
from modelwright.monitoring.evidence import Evidence, Watched

__all__ = ["diagnose"]

RECENT_WINDOWS = 3
"""A promotion within so many windows is the first suspect when quality or errors go wrong."""

CHANCE = 0.001
"""p below which an error rate above its limit is not chance."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Desk:
    """What every rule looks at."""

    watched: Watched
    evidence: Evidence

    def alert(
        self,
        code: str,
        severity: Severity,
        *,
        what: str,
        evidence: tuple[str, ...],
        runbook: str,
        response: Response,
        reason: str,
        subject: str = "",
    ) -> Alert:
        plan = self.watched.contract.monitoring
        return Alert(
            code=code,
            severity=severity,
            what=what,
            evidence=evidence,
            owner=plan.owner or UNOWNED,
            runbook=f"{plan.runbook}#{runbook}" if plan.runbook else runbook,
            response=response,
            reason=reason,
            start=self.evidence.current.start,
            end=self.evidence.current.end,
            subject=subject,
        )

    @property
    def just_promoted(self) -> bool:
        """Whether the version took over from another one within the last few windows."""
        if self.watched.previous is None:
            return False
        promoted = self.watched.promoted_at
        recent = self.evidence.windows[-RECENT_WINDOWS:]
        return promoted is not None and promoted >= recent[0].start


def _blind(desk: _Desk) -> Iterator[Alert]:
    """A monitor that sees nothing must not look like one that sees nothing wrong."""
    window, plan = desk.evidence.current, desk.watched.contract.monitoring
    since = max(window.start, window.end - parse_duration(plan.window))
    if window.last_at is None or window.last_at < since:
        yield desk.alert(
            "BLIND",
            Severity.CRITICAL,
            what="no answers at all where there should be some",
            evidence=(f"{since:%Y-%m-%d %H:%M} to {window.end:%Y-%m-%d %H:%M} UTC",),
            runbook="overload",
            response="investigate",
            reason="no traffic, a dead server and a log written elsewhere look the same from here",
        )
        return
    if not window.sketched and window.rows and desk.watched.reference.features:
        yield desk.alert(
            "BLIND-FEATURES",
            Severity.HIGH,
            what="answers are logged, inputs are not counted",
            evidence=(f"{window.rows:,} answers, no sketch",),
            runbook="stale features",
            response="investigate",
            reason="drift of inputs cannot be seen until sketches are written again",
        )
    if window.rows < plan.min_rows:
        yield desk.alert(
            "TOO-FEW-ROWS",
            Severity.LOW,
            what="the last window has too few answers to be judged",
            evidence=(f"{window.rows:,} of at least {plan.min_rows:,}",),
            runbook="overload",
            response="investigate",
            reason="unknown is not well: make windows longer, or ask where the traffic went",
        )


def _vouched(desk: _Desk) -> Iterator[Alert]:
    """A version that nothing vouches for any more answers on; somebody has to decide."""
    said = desk.watched.vouched
    if said is not None and not said.allows:
        yield desk.alert(
            "NO-VERDICT",
            Severity.CRITICAL,
            what=f"{desk.watched.version} answers without a verdict",
            evidence=said.evidence,
            runbook="bad promotion",
            response="roll back",
            reason="what let it out was for a time, and the time is over",
        )


def _unowned(desk: _Desk) -> Iterator[Alert]:
    if not desk.watched.contract.monitoring.owner:
        yield desk.alert(
            "UNOWNED",
            Severity.MEDIUM,
            what="nobody is named to answer alerts",
            evidence=("monitoring.owner is empty in the contract",),
            runbook="missing labels",
            response="investigate",
            reason="an alert that is sent to nobody is not sent",
        )


def _inputs(desk: _Desk) -> Iterator[Alert]:
    critical = set(desk.watched.contract.monitoring.critical_features)
    for drift in desk.evidence.drift:
        if drift.level != "alert":
            continue
        size = f"PSI {drift.psi:.2f}, {drift.test} {drift.statistic:.2f}, corrected p {drift.p_corrected:.1g}"
        if drift.nulls_alert:
            yield desk.alert(
                "NULLS",
                Severity.HIGH,
                what=f"{drift.column}: the share of missing values changed",
                evidence=(f"{drift.null_rate_then:.1%} in training, {drift.null_rate:.1%} now",),
                runbook="stale features",
                response="fix data",
                reason="values that stop arriving are a fault of the pipeline, not of the world",
                subject=drift.column,
            )
        elif drift.unseen >= UNSEEN_CHANGE:
            yield desk.alert(
                "UNSEEN-VALUES",
                Severity.HIGH,
                what=f"{drift.column}: values that training did not know",
                evidence=(f"their share rose by {drift.unseen:.1%}", size),
                runbook="schema drift",
                response="fix data",
                reason="new spellings or codes are a change of schema; retraining would only hide it",
                subject=drift.column,
            )
        else:
            yield _moved(desk, drift, size=size, critical=drift.column in critical)


def _moved(desk: _Desk, drift: ColumnDrift, *, size: str, critical: bool) -> Alert:
    return desk.alert(
        "DRIFT",
        Severity.HIGH if critical else Severity.MEDIUM,
        what=f"{drift.column}: distributed differently from training",
        evidence=(size,),
        runbook="stale features",
        response="retrain" if critical else "investigate",
        reason="the contract names it critical: a candidate is asked for, its promotion is not"
        if critical
        else "drift of an input alone is no reason to retrain while quality holds",
        subject=drift.column,
    )


def _answers(desk: _Desk) -> Iterator[Alert]:
    moved = [drift for drift in desk.evidence.answers if drift.level == "alert"]
    inputs = [drift.column for drift in desk.evidence.drift if drift.level == "alert"]
    for drift in moved:
        recent = desk.just_promoted and not inputs
        yield desk.alert(
            "CONFIDENCE-DRIFT" if drift.column == "confidence" else "PREDICTION-DRIFT",
            Severity.HIGH,
            what=f"{drift.column}: answers are distributed differently from training",
            evidence=(f"PSI {drift.psi:.2f}, corrected p {drift.p_corrected:.1g}",),
            runbook="bad promotion" if recent else "stale features",
            response="roll back" if recent else "investigate",
            reason="inputs did not move and the version is new: the model did"
            if recent
            else f"inputs moved too: {', '.join(inputs[:5])}"
            if inputs
            else "inputs did not move; look at what is between them and the answer",
            subject=drift.column,
        )


def _service(desk: _Desk) -> Iterator[Alert]:
    window, limit = desk.evidence.current, desk.watched.contract.rollout.max_error_rate
    suspect = desk.just_promoted
    response: Response = "roll back" if suspect else "investigate"
    reason = (
        "the version is new, and the one before is one step away" if suspect else "no promotion explains it"
    )
    for code, count, of, word in (
        ("ERRORS", window.errors, window.requests, "requests failed"),
        ("FALLBACKS", window.fallbacks, window.rows, "answers came from the fallback"),
    ):
        if of and count / of > limit and stats.binom.sf(count - 1, of, limit) < CHANCE:
            yield desk.alert(
                code,
                Severity.CRITICAL,
                what=f"too many {word}",
                evidence=(f"{count:,} of {of:,} ({count / of:.1%}), limit {limit:.1%}",),
                runbook="bad promotion" if suspect else "overload",
                response=response,
                reason=reason,
            )
    allowed = desk.watched.contract.prediction.latency
    for name, seen, most in (
        ("p95", window.p95_ms, allowed.p95_ms),
        ("p99", window.p99_ms, allowed.p99_ms),
    ):
        # Compared so that NaN, and times below nothing, alert as well.
        kept = seen is None or 0 <= seen <= most
        if not kept and window.requests >= desk.watched.contract.monitoring.min_rows:
            yield desk.alert(
                "LATENCY",
                Severity.HIGH,
                what=f"{name} latency is not what was agreed",
                evidence=(f"{seen:.0f} ms, agreed {most:.0f} ms",),
                runbook="overload",
                response=response,
                reason=reason,
                subject=name,
            )


def _labels(desk: _Desk) -> Iterator[Alert]:
    health = desk.evidence.labels
    if health.outcome.status is Status.FAILED:
        yield desk.alert(
            "LABELS",
            Severity.HIGH,
            what="labels do not arrive as agreed",
            evidence=health.outcome.evidence,
            runbook="missing labels",
            response="fix data",
            reason="without labels quality is unknown, whatever else looks well",
        )
    unreadable = sum(item.labels == 0 for item in desk.evidence.quality) == len(desk.evidence.quality)
    if health.arrived and unreadable:
        yield desk.alert(
            "LABELS-UNREADABLE",
            Severity.HIGH,
            what="labels arrive and none can be used",
            evidence=(f"{health.arrived:,} arrived; none is a class or value the contract knows",),
            runbook="schema drift",
            response="fix data",
            reason="the label's spelling changed, or it belongs to answers without scores",
        )


def _quality(desk: _Desk) -> Iterator[Alert]:
    found, plan = desk.evidence.known_quality, desk.watched.contract.monitoring
    if found is None:
        return
    off = found.calibration is not None and found.calibration.off
    failed = found.outcome.status is Status.FAILED
    if failed:
        much = found.relative_drop is not None and found.relative_drop >= plan.quality_drop_retrain
        response: Response = "roll back" if desk.just_promoted else "retrain" if much else "investigate"
        yield desk.alert(
            "QUALITY",
            Severity.CRITICAL if much else Severity.HIGH,
            what="quality on late labels is worse than evaluated",
            evidence=found.outcome.evidence,
            runbook="bad promotion" if desk.just_promoted else "stale features",
            response=response,
            reason={
                "roll back": "the version is new, and the one before is one step away",
                "retrain": f"the drop is above {plan.quality_drop_retrain:.0%} of what was promised",
            }.get(response, "the drop is real, and smaller than what asks for retraining"),
        )
    if off and found.calibration is not None and not failed:
        yield desk.alert(
            "CALIBRATION",
            Severity.MEDIUM,
            what="scores no longer mean what they say",
            evidence=(
                f"promised {found.calibration.promised:.1%}, came true {found.calibration.observed:.1%}",
            ),
            runbook="stale features",
            response="recalibrate",
            reason="the order of answers still holds, their level does not",
        )


def _budget(desk: _Desk) -> Iterator[Alert]:
    found = desk.evidence.known_quality
    if found is not None and found.budget.outcome.status is Status.FAILED:
        burn = found.budget.burn or 0.0
        yield desk.alert(
            "BUDGET",
            Severity.CRITICAL if burn >= 2 else Severity.HIGH,
            what="mistakes cost more than was agreed",
            evidence=(*found.budget.outcome.evidence, f"{burn:.1f} times the budget"),
            runbook="bad promotion" if desk.just_promoted else "stale features",
            response="roll back" if desk.just_promoted else "investigate",
            reason="even the lower end of the interval is above the budget",
        )


RULES: tuple[Callable[[_Desk], Iterator[Alert]], ...] = (
    _blind,
    _vouched,
    _unowned,
    _inputs,
    _answers,
    _service,
    _labels,
    _quality,
    _budget,
)
"""Every rule, in the order alerts are told."""


def diagnose(watched: Watched, evidence: Evidence) -> tuple[Alert, ...]:
    """Return what somebody has to look at.

    Args:
        watched: The version and what was agreed.
        evidence: What was measured.

    Examples:
        >>> diagnose.__name__
        'diagnose'
    """
    desk = _Desk(watched=watched, evidence=evidence)
    return tuple(alert for rule in RULES for alert in rule(desk))
