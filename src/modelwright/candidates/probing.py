"""Probing: trying members on a part of the training rows, so that designs are measured and not guessed."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from modelwright.candidates.catalogue import build
from modelwright.candidates.design import Probe
from modelwright.candidates.ensemble import EnsembleModel, greedy_weights
from modelwright.candidates.estimator import EstimatorSpec, Model, Param, StagedModel, Vector
from modelwright.candidates.folds import Fold
from modelwright.candidates.measure import measures
from modelwright.candidates.numerics import side_by_side
from modelwright.features.plan import FeaturePlan
from modelwright.features.transform import Matrix
from modelwright.kernel.errors import TrainingFailed
from modelwright.tasks.target import TargetSpec

__all__ = ["Bench", "Tried"]

ROUNDS: Mapping[str, Param] = {"max_rounds": 600, "early_stopping": 30}
"""How long a member that does not say otherwise may grow on the bench."""

TIMED_ROWS = 40
"""Rows scored one by one to measure latency."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Tried:
    """A member fitted on the bench.

    Examples:
        >>> Tried.__dataclass_fields__["seconds"].name
        'seconds'
    """

    spec: EstimatorSpec
    """The member."""
    model: Model
    """Its model."""
    seconds: float
    """Time the fit took."""
    watched: Matrix
    """Scores of the rows that choices are made on."""
    measured: Matrix
    """Scores of the rows that nothing was chosen on."""


class Bench:
    """Rows to try members on: some to fit, some to choose by, some to measure on; never the same.

    Args:
        x: Training rows.
        y: Their encoded targets.
        plan: How columns became the matrix.
        target: What is predicted.
        fold: The fold of the cross-fitting the bench is made of.
        rows: Most rows to use.
        seed: Seed of the sample.
        threads: How many members are fitted at a time.

    Examples:
        >>> Bench.__name__
        'Bench'
    """

    def __init__(
        self,
        x: Matrix,
        y: Vector,
        *,
        plan: FeaturePlan,
        target: TargetSpec,
        fold: Fold,
        rows: int,
        seed: int,
        threads: int,
    ) -> None:
        """Draw the rows."""
        self.plan = plan
        self.target = target
        self.seed = seed
        self.threads = threads
        fit = _sample(fold.fit, rows, seed)
        asked = _sample(fold.held_out, max(rows // 2, 400), seed + 1)
        self.x, self.y = x[fit], y[fit]
        self.watched_x, self.watched_y = x[asked[::2]], y[asked[::2]]
        self.measured_x, self.measured_y = x[asked[1::2]], y[asked[1::2]]

    def attempt_all(self, specs: Sequence[EstimatorSpec]) -> list[Tried | TrainingFailed]:
        """Fit members side by side; what could not be fitted is told in its place."""

        def work(spec: EstimatorSpec) -> Tried | TrainingFailed:
            try:
                return self.attempt(spec)
            except TrainingFailed as error:
                return error

        return side_by_side(work, specs, threads=self.threads)

    def attempt(self, spec: EstimatorSpec) -> Tried:
        """Fit a member; one that grows in rounds is stopped where the watched rows say.

        Raises:
            TrainingFailed: When it cannot be fitted.
        """
        started = time.perf_counter()
        model = build(spec, rounds=ROUNDS).fit(
            self.x,
            self.y,
            plan=self.plan,
            target=self.target,
            seed=self.seed,
            threads=1,
            holdout=(self.watched_x, self.watched_y),
        )
        if isinstance(model, StagedModel) and model.curve:
            model = model.truncated(int(np.argmin(model.curve)) + 1)
        seconds = time.perf_counter() - started
        watched, measured = model.predict(self.watched_x), model.predict(self.measured_x)
        if not (np.isfinite(watched).all() and np.isfinite(measured).all()):
            raise TrainingFailed(
                f"scores of {spec.name} are not finite numbers",
                why="its answers cannot be used",
                next_step="correct the member, or take it out of the design",
            )
        return Tried(spec=spec, model=model, seconds=seconds, watched=watched, measured=measured)

    def combine(self, members: Sequence[Tried]) -> tuple[tuple[float, ...], Matrix]:
        """Return weights found on the watched rows, and the weighted scores of the measured rows."""
        weights = greedy_weights([one.watched for one in members], self.watched_y, target=self.target)
        made = np.zeros_like(members[0].measured)
        for share, one in zip(weights, members, strict=True):
            made += share * one.measured
        return weights, made

    def probe(self, members: Sequence[Tried], *, copies: int, metric: str) -> tuple[Probe, Matrix]:
        """Return what was measured of a design, and its scores of the measured rows.

        Args:
            members: Its members, fitted.
            copies: How many models of each member are served.
            metric: The measure that is told.
        """
        weights, scores = self.combine(members)
        model = EnsembleModel(
            [
                (share / copies, one.model)
                for share, one in zip(weights, members, strict=True)
                for _ in range(copies)
                if share
            ]
        )
        made = Probe(
            seconds=sum(one.seconds for one in members),
            rows=len(self.y),
            metric=metric,
            value=measures(self.measured_y, scores, target=self.target)[metric],
            latency_ms=self._latency(model),
            size_bytes=sum(map(len, model.files().values())),
        )
        return made, scores

    def _latency(self, model: Model) -> float:
        times = []
        for row in self.watched_x[:TIMED_ROWS]:
            line = row[None, :]
            started = time.perf_counter()
            model.predict(line)
            times.append((time.perf_counter() - started) * 1e3)
        return float(np.median(times)) if times else 0.0


def _sample(rows: npt.NDArray[np.int64], most: int, seed: int) -> npt.NDArray[np.int64]:
    if len(rows) <= most:
        return rows
    keys = np.random.PCG64(seed).random_raw(len(rows))
    return np.sort(rows[np.argsort(keys, kind="stable")[:most]])
