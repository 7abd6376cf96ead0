"""The monitoring report: what was seen in the last windows, what it means, and the pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from modelwright.contracts.operation import MonitoringPlan
from modelwright.data.figure import Line, histogram, line
from modelwright.evaluation.estimate import Estimate
from modelwright.kernel.document import Block, Callout, Document, Facts, Figure, Heading, Table, Text
from modelwright.kernel.outcome import Outcome
from modelwright.monitoring.alert import Alert, alert_table
from modelwright.monitoring.comparison import drift_figure, drift_table
from modelwright.monitoring.drift import ColumnDrift
from modelwright.monitoring.label import LabelHealth
from modelwright.monitoring.quality import BudgetBurn, WindowQuality, newest
from modelwright.monitoring.window import Window
from modelwright.registry.reference import FeatureSketch

__all__ = ["MonitoringReport"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MonitoringReport:
    """What one look at a served version has shown. Aggregates only; no value of a single row.

    Examples:
        >>> MonitoringReport.__slots__[0]
        'version'
    """

    version: str
    """The version that is watched."""
    contract_digest: str
    """The contract it is judged under."""
    at: datetime
    """When it was looked at."""
    plan: tuple[tuple[str, float], ...]
    """The limits it was judged by."""
    windows: tuple[Window, ...]
    """The windows, oldest first."""
    drift: tuple[ColumnDrift, ...]
    """Inputs of the last window."""
    answers: tuple[ColumnDrift, ...]
    """Scores, confidence and answers of the last window."""
    scores_then: FeatureSketch
    """How scores were distributed in training."""
    quality: tuple[WindowQuality, ...]
    """What late labels say, window by window."""
    promised: Estimate | None
    """The primary metric as evaluation measured it."""
    labels: LabelHealth
    """Whether labels arrive."""
    alerts: tuple[Alert, ...]
    """What somebody has to look at."""
    outcome: Outcome
    """Passed without alerts, unknown when the monitor is blind or sees too little, failed otherwise."""

    @property
    def current(self) -> Window:
        """The last window."""
        return self.windows[-1]

    @property
    def budget(self) -> BudgetBurn | None:
        """The newest known state of the mistake budget."""
        found = newest(self.quality)
        return found.budget if found else None

    @property
    def drifted(self) -> tuple[str, ...]:
        """Inputs that alert."""
        return tuple(drift.column for drift in self.drift if drift.level == "alert")

    def document(self) -> Document:
        """Render the report with its pictures."""
        blocks: list[Block] = [
            Callout(tone=self.outcome.status.value, text=f"{self.outcome.what}: {self.outcome.status.value}"),
            _facts(self),
            Heading(text="Alerts"),
            alert_table(self.alerts) if self.alerts else Text(text="None."),
            *_drift_blocks(self),
            *_quality_blocks(self),
            Heading(text="Windows"),
            _window_table(self.windows),
        ]
        return Document(title=f"Monitoring of {self.version}", blocks=tuple(blocks))


def _facts(report: MonitoringReport) -> Facts:
    window, budget = report.current, report.budget
    return Facts(
        items=(
            ("Looked at", f"{report.at:%Y-%m-%d %H:%M:%S} UTC"),
            ("Last window", f"{window.start:%Y-%m-%d %H:%M:%S} to {window.end:%Y-%m-%d %H:%M:%S} UTC"),
            ("Answers", f"{window.rows:,} rows in {window.requests:,} requests"),
            ("Errors", f"{window.errors:,}"),
            ("Fallbacks", f"{window.fallbacks:,}"),
            (
                "Latency p50 / p95 / p99",
                " / ".join(_ms(v) for v in (window.p50_ms, window.p95_ms, window.p99_ms)),
            ),
            ("Labels", "; ".join(report.labels.outcome.evidence)),
            ("Mistake budget", "; ".join(budget.outcome.evidence) if budget else "no labels yet"),
            ("Contract", report.contract_digest),
        )
    )


def _ms(value: float | None) -> str:
    return "unknown" if value is None else f"{value:.1f} ms"


def _drift_blocks(report: MonitoringReport) -> list[Block]:
    blocks: list[Block] = [Heading(text="Drift")]
    columns = (*report.drift, *report.answers)
    if not columns:
        return [*blocks, Text(text="Nothing could be compared in the last window.")]
    limits = dict(report.plan)
    plan = MonitoringPlan(psi_warn=limits["psi_warn"], psi_alert=limits["psi_alert"])
    blocks += [drift_figure(columns, plan=plan), _score_figure(report), drift_table(columns)]
    return blocks


def _score_figure(report: MonitoringReport) -> Figure:
    """Draw scores then and now over bins of equal width, each standing for a share of training."""
    then, now = report.scores_then, report.current.score
    edges = tuple(float(place) for place in range(len(then.counts) + 1))
    svg = histogram(
        edges,
        {"training": then.counts, "last window": now.counts},
        title="Distribution of answers",
        x_label="bins of the score in training, lowest first",
    )
    return Figure(svg=svg, caption="Scores of the last window against training, in the bins of training")


def _quality_blocks(report: MonitoringReport) -> list[Block]:
    blocks: list[Block] = [Heading(text="Quality on late labels")]
    known = [item for item in report.quality if item.estimate is not None and item.estimate.value is not None]
    if not known:
        return [*blocks, Text(text="Unknown: no window has enough labels yet."), _label_figure(report)]
    newest_one = known[-1]
    blocks.append(
        Callout(
            tone=newest_one.outcome.status.value,
            text="; ".join((newest_one.outcome.what, *newest_one.outcome.evidence)),
        )
    )
    blocks.append(_quality_figure(report, known))
    blocks.append(_label_figure(report))
    if newest_one.calibration is not None:
        check = newest_one.calibration
        blocks.append(Text(text=f"Promised {check.promised:.1%}, came true {check.observed:.1%}."))
    return blocks


def _quality_figure(report: MonitoringReport, known: Sequence[WindowQuality]) -> Figure:
    places = [float(report.quality.index(item)) for item in known]
    estimates = [item.estimate for item in known if item.estimate is not None]
    values = [estimate.value or 0.0 for estimate in estimates]
    lines = [
        Line(
            name="on late labels",
            x=places,
            y=values,
            low=[value if e.low is None else e.low for e, value in zip(estimates, values, strict=True)],
            high=[value if e.high is None else e.high for e, value in zip(estimates, values, strict=True)],
            points=True,
        )
    ]
    if report.promised is not None and report.promised.value is not None:
        ends = (-0.3, len(report.quality) - 0.7)
        lines.append(Line(name="as evaluated", x=ends, y=(report.promised.value, report.promised.value)))
    metric = estimates[-1].metric
    svg = line(lines, title=f"{metric} by window", x_label="window, oldest first", y_label=metric)
    return Figure(svg=svg, caption=f"{metric} on joined labels with its interval, against what was evaluated")


def _label_figure(report: MonitoringReport) -> Figure:
    places = [float(place) for place in range(len(report.windows))]
    svg = line(
        [
            Line(name="answers", x=places, y=[float(window.rows) for window in report.windows], points=True),
            Line(name="labels", x=places, y=[float(item.labels) for item in report.quality], points=True),
        ],
        title="Arrival of labels",
        x_label="window, oldest first",
        y_label="rows",
    )
    return Figure(svg=svg, caption="Answers of each window and how many of them have a label")


def _window_table(windows: Sequence[Window]) -> Table:
    return Table(
        columns=("from", "to", "rows", "requests", "errors", "fallbacks", "reviews", "p50", "p95", "p99"),
        rows=tuple(
            (
                f"{window.start:%Y-%m-%d %H:%M:%S}",
                f"{window.end:%Y-%m-%d %H:%M:%S}",
                f"{window.rows:,}",
                f"{window.requests:,}",
                f"{window.errors:,}",
                f"{window.fallbacks:,}",
                f"{window.reviews:,}",
                *(_ms(value) for value in (window.p50_ms, window.p95_ms, window.p99_ms)),
            )
            for window in windows
        ),
        caption="What was answered",
    )
