"""The evaluation report: everything measured about one model on one part, in aggregates."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from modelwright.evaluation.curve import CalibrationBin, CostPoint, Curve, ResidualBin
from modelwright.evaluation.estimate import Comparison, Estimate, SliceResult
from modelwright.evaluation.look import SealedLook
from modelwright.evaluation.look_page import look_facts, look_section
from modelwright.evaluation.pictures import (
    calibration_section,
    importance_section,
    ranking_section,
    residual_section,
    slice_section,
)
from modelwright.evaluation.presentation import (
    comparison_section,
    confusion_table,
    cost_section,
    headline,
    metric_table,
)
from modelwright.evaluation.threshold import ThresholdChoice
from modelwright.kernel.digest import short
from modelwright.kernel.document import Block, Document, Facts, Heading, Listing

__all__ = [
    "CalibrationBin",
    "Comparison",
    "CostPoint",
    "Curve",
    "Estimate",
    "EvaluationReport",
    "ResidualBin",
    "SliceResult",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class EvaluationReport:
    """What one model is worth on one part of the data. Aggregates only; no value of a single row.

    Examples:
        >>> EvaluationReport.__slots__[0]
        'part'
    """

    part: Literal["validation", "test"]
    """The part that was scored; only `test` counts for gates."""
    contract_digest: str
    """The contract it was measured under."""
    snapshot_digest: str
    """The snapshot whose rows were scored."""
    run_id: str
    """The run that made the model."""
    pipeline_digest: str
    """Digest of the pipeline that made the scores."""
    task: Literal["binary", "multiclass", "regression"]
    """The kind of problem."""
    target: str
    """The target column."""
    classes: tuple[str, ...]
    """The classes in the order of the confusion matrix; empty for regression."""
    primary: str
    """The metric that ranks designs."""
    rows: int
    """Rows scored."""
    level: float
    """Confidence level of the intervals."""
    resamples: int
    """Bootstrap resamples behind each interval."""
    seed: int
    """Seed of the resampling."""
    clusters: int | None = None
    """Groups that were resampled whole; None when rows were."""
    estimates: tuple[Estimate, ...]
    """Every metric of the task, the primary one first."""
    slices: tuple[SliceResult, ...] = ()
    """The declared slices."""
    calibration: tuple[CalibrationBin, ...] = ()
    """Promised against observed shares, in bins of equal size."""
    curves: tuple[Curve, ...] = ()
    """ROC and precision-recall curve of a binary model, thinned."""
    confusion: tuple[tuple[int, ...], ...] = ()
    """Rows by actual class (line) and answered class (column), under the decision rule."""
    abstained: int = 0
    """Rows the rule leaves to a person; they are not in the confusion matrix."""
    costs: tuple[CostPoint, ...] = ()
    """Expected cost of one decision at other thresholds."""
    residuals: tuple[ResidualBin, ...] = ()
    """Regression: predicted against actual, in bins of similar predictions."""
    error_quantiles: tuple[tuple[float, float], ...] = ()
    """Regression: share and the absolute error that this share of rows stays below."""
    threshold: ThresholdChoice | None = None
    """How the decision rule was chosen, when it was chosen by cost."""
    rule_threshold: float | None = None
    """The threshold the confusion matrix and the costs were counted at; None where none applies."""
    cost_unit: str = "relative"
    """Unit of the costs."""
    comparisons: tuple[Comparison, ...] = ()
    """The model against baseline, champion and prior, on the same rows."""
    weak: tuple[str, ...] = ()
    """What is weak or could not be told, in words."""
    looks_used: int | None = None
    """How many different questions the sealed labels had been asked when this was answered."""
    look: SealedLook | None = None
    """On the sealed part: which look this was, and how much of the truth it tells."""

    def estimate(self, metric: str) -> Estimate | None:
        """Return the estimate of one metric, None when it was not measured."""
        return next((estimate for estimate in self.estimates if estimate.metric == metric), None)

    def comparison(self, other: str, *, metric: str) -> Comparison | None:
        """Return the comparison with one model on one metric, None when there is none."""
        return next((c for c in self.comparisons if c.other == other and c.metric == metric), None)

    def of_slice(self, column: str, *, value: str | None = None) -> tuple[SliceResult, ...]:
        """Return the results of one column's slices, or of one value of it."""
        return tuple(s for s in self.slices if s.column == column and value in {None, s.value})

    def document(self, *, importance: Mapping[str, float] | None = None) -> Document:
        """Return the report as a document with figures.

        Args:
            importance: What the model looked at, as its run recorded it; shown when given.
        """
        ranked = sum(self.confusion[1]) / max(1, sum(map(sum, self.confusion))) if self.curves else None
        confusion = confusion_table(
            self.confusion,
            classes=self.classes,
            abstained=self.abstained,
            threshold=self.rule_threshold,
        )
        blocks: tuple[Block, ...] = (
            *look_section(self.look, primary=self.primary),
            headline(
                self.estimate(self.primary),
                self.comparisons,
                rows=self.rows,
                part=self.part,
                target=self.target,
                cost_unit=self.cost_unit,
            ),
            *metric_table(self.estimates, cost_unit=self.cost_unit),
            *cost_section(
                self.costs,
                choice=self.threshold,
                expected=self.estimate("expected_cost"),
                threshold=self.rule_threshold,
                unit=self.cost_unit,
                confusion=confusion,
            ),
            *comparison_section(self.comparisons),
            *calibration_section(self.calibration, error=self.estimate("calibration_error"), task=self.task),
            *ranking_section(
                self.curves,
                auc=self.estimate("roc_auc"),
                precision=self.estimate("average_precision"),
                share=ranked,
            ),
            *residual_section(self.residuals, quantiles=self.error_quantiles, target=self.target),
            *slice_section(self.slices, primary=self.primary, overall=self.estimate(self.primary)),
            *importance_section(importance or {}),
            *self._weak(),
            *self._method(),
        )
        part = "sealed test" if self.part == "test" else self.part
        return Document(title=f"Evaluation on the {part} part", blocks=blocks)

    def _weak(self) -> tuple[Block, ...]:
        if not self.weak:
            return ()
        return Heading(text="What is weak, and what could not be told"), Listing(items=self.weak)

    def _method(self) -> tuple[Block, ...]:
        units = "rows" if self.clusters is None else f"whole groups ({self.clusters:,} of them)"
        interval = (
            f"{100 * self.level:.4g} %, percentile bootstrap over {units}, {self.resamples:,} resamples, "
            f"seed {self.seed}; shares never narrower than Wilson's"
        )
        facts = [
            ("Rows", f"{self.rows:,} of the {self.part} part"),
            ("Intervals", interval),
            ("Comparisons", "difference on the same resamples of the same rows (paired bootstrap)"),
            ("Calibration", "bins of equal mass; error debiased (Kumar, Liang and Ma, NeurIPS 2019)"),
            ("Run", self.run_id or "not recorded"),
            ("Pipeline", short(self.pipeline_digest) or "not recorded"),
            ("Snapshot", short(self.snapshot_digest) or "not recorded"),
            ("Contract", short(self.contract_digest)),
        ]
        if self.looks_used is not None:
            facts.append(("Looks at the sealed labels", f"{self.looks_used:,} so far"))
        if self.look is not None:
            facts += look_facts(self.look)
        return Heading(text="How to check these numbers"), Facts(items=tuple(facts))
