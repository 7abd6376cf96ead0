"""The pipeline: plan, model, calibration and decision rule in one; what is trained is what is served.

Importing and using it needs no training library but the one a model's own format asks for.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
import polars as pl

from modelwright.candidates.catalogue import load_model
from modelwright.candidates.estimator import Model
from modelwright.features.plan import FeaturePlan
from modelwright.features.transform import Matrix, RowEncoder, matrix
from modelwright.kernel.errors import BundleRejected
from modelwright.ledger.codec import decode, encode
from modelwright.tasks.target import TargetSpec
from modelwright.training.calibration import Calibrator

__all__ = ["DecisionRule", "Pipeline"]

DESCRIPTION = "pipeline.json"
PLAN = "plan.json"
MODEL = "model/"

YES_FROM = 0.5
"""Where yes begins as long as no threshold was chosen by the cost of mistakes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRule:
    """How scores become a decision. Without a threshold: the likeliest class, or the value.

    Examples:
        >>> DecisionRule(threshold=0.2).threshold
        0.2
    """

    threshold: float | None = None
    """Binary: yes from this score on; None stands for 0.5."""
    abstain: tuple[float, float] | None = None
    """Binary: no below the first, yes from the second on, no answer between. Replaces `threshold`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Description:
    """What `pipeline.json` holds."""

    format: int
    model_format: str
    target: TargetSpec
    calibrator: Calibrator | None
    rule: DecisionRule


class Pipeline:
    """From a row to a decision.

    Args:
        plan: How columns become the matrix.
        model: The fitted model.
        target: What is predicted.
        calibrator: Makes scores honest; None leaves them as they are.
        rule: How scores become a decision.

    Examples:
        >>> from modelwright.candidates.prior import PriorModel
        >>> from modelwright.features.plan import FeatureSpec
        >>> spec = TargetSpec(task="binary", name="y", classes=("no", "yes"))
        >>> plan = FeaturePlan(features=(FeatureSpec(name="age", kind="number"),))
        >>> pipeline = Pipeline(plan=plan, model=PriorModel((0.9, 0.1)), target=spec)
        >>> pipeline.scores_of_row({"age": 30}).tolist()
        [[0.9, 0.1]]
        >>> pipeline.with_rule(DecisionRule(threshold=0.05)).decide(pipeline.scores_of_row({"age": 30}))
        ['yes']
    """

    def __init__(
        self,
        *,
        plan: FeaturePlan,
        model: Model,
        target: TargetSpec,
        calibrator: Calibrator | None = None,
        rule: DecisionRule | None = None,
    ) -> None:
        """Join the parts."""
        self.plan = plan
        self.model = model
        self.target = target
        self.calibrator = calibrator
        self.rule = rule or DecisionRule()
        self._encoder = RowEncoder(plan)
        self._abstains = plan.abstains

    def with_rule(self, rule: DecisionRule) -> "Pipeline":
        """Return the same pipeline with another decision rule."""
        return Pipeline(
            plan=self.plan, model=self.model, target=self.target, calibrator=self.calibrator, rule=rule
        )

    def scores(self, frame: pl.DataFrame) -> Matrix:
        """Score many rows."""
        return self.scores_of_matrix(matrix(self.plan, frame))

    def scores_of_row(self, row: Mapping[str, object]) -> Matrix:
        """Score one row without a frame."""
        return self.scores_of_matrix(self._encoder.vector(row))

    def scores_of_matrix(self, x: Matrix) -> Matrix:
        """Score a matrix that was made by the plan; rows that must not be answered get no number."""
        forbidden = np.isinf(x) if self._abstains else None
        scores = self.model.predict(x if forbidden is None else np.where(forbidden, np.nan, x))
        scores = scores if self.calibrator is None else self.calibrator.apply(scores)
        if forbidden is not None:
            scores = np.where(forbidden.any(axis=1, keepdims=True), np.nan, scores)
        return scores

    def decide(self, scores: Matrix) -> list[str | float | None]:
        """Turn scores into labels or values; None where the rule abstains or a score is not a number."""
        if self.target.task == "regression":
            return [value if math.isfinite(value) else None for value in scores[:, 0].tolist()]
        if self.target.task == "multiclass":
            known: list[bool] = np.asarray(np.isfinite(scores).all(axis=1)).tolist()
            best: list[int] = np.argmax(scores, axis=1).tolist()
            return [
                self.target.classes[place] if there else None
                for place, there in zip(best, known, strict=True)
            ]
        negative, positive = self.target.classes
        threshold = YES_FROM if self.rule.threshold is None else self.rule.threshold
        low, high = self.rule.abstain or (threshold, threshold)
        # A score that is not a number compares as neither, and is answered by nobody.
        return [
            positive if score >= high else negative if score < low else None
            for score in scores[:, 1].tolist()
        ]

    def files(self) -> Mapping[str, bytes]:
        """Return the stored form: file name to bytes; JSON, text and plain arrays only."""
        description = _Description(
            format=1,
            model_format=self.model.format,
            target=self.target,
            calibrator=self.calibrator,
            rule=self.rule,
        )
        stored = {DESCRIPTION: encode(description), PLAN: encode(self.plan)}
        stored |= {MODEL + name: data for name, data in self.model.files().items()}
        return MappingProxyType(dict(sorted(stored.items())))

    @classmethod
    def from_files(cls, files: Mapping[str, bytes]) -> "Pipeline":
        """Return the pipeline of a stored form.

        Raises:
            BundleRejected: When files are missing or of a form this version does not know.
        """
        absent = [name for name in (DESCRIPTION, PLAN) if name not in files]
        if absent:
            raise BundleRejected(
                f"the stored pipeline lacks {' and '.join(absent)}",
                why="without them nobody knows how rows are read and scores are meant",
                next_step="pack the pipeline again from its run",
            )
        description = decode(files[DESCRIPTION], _Description)
        if description.format != 1:
            raise BundleRejected(
                "the stored pipeline has a form this version does not know",
                why="it was written by a later version",
                next_step="install the version that wrote it",
                found=description.format,
                expected=1,
            )
        stored = {name.removeprefix(MODEL): data for name, data in files.items() if name.startswith(MODEL)}
        return cls(
            plan=decode(files[PLAN], FeaturePlan),
            model=load_model(description.model_format, stored),
            target=description.target,
            calibrator=description.calibrator,
            rule=description.rule,
        )
