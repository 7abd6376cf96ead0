"""The engine: one loaded bundle that checks rows, scores them, decides, and falls back. No transport here."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from modelwright.contracts.contract import Contract
from modelwright.features.transform import Matrix, RowEncoder
from modelwright.kernel.clock import Clock
from modelwright.kernel.errors import ModelwrightError
from modelwright.registry.bundle import Bundle
from modelwright.serving.envelope import Prediction
from modelwright.serving.row_check import RowChecker, RowFault

__all__ = ["MODEL_FAULTS", "Engine"]

MODEL_FAULTS = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    ModelwrightError,
    OSError,
    RuntimeError,
    TypeError,
    ValueError,
)
"""What a model that breaks on a row can raise; the fallback answers then, and says so."""

Row = Mapping[str, object]


def _logged(contract: Contract) -> tuple[str, ...]:
    """Return the columns allowed in the log; what is personal or kept out never is, whoever listed it."""
    columns = contract.data.columns
    return tuple(
        name
        for name in contract.prediction.privacy.logged_fields
        if name in columns and columns[name].pii == "none" and not columns[name].keep_out
    )


def _loggable(value: object) -> str | float | bool | None:
    return value if isinstance(value, str | float | int | bool) else None


class Engine:
    """Answers with one bundle. Every front end (HTTP, batch) goes through it, so all answer alike.

    Safe to use from several threads: nothing is kept between calls.

    Args:
        bundle: The loaded bundle.
        clock: Tells how old rows are; without one their age is not looked at.

    Examples:
        >>> Engine.__name__
        'Engine'
    """

    def __init__(self, bundle: Bundle, *, clock: Clock | None = None) -> None:
        """Compile the checks and prepare the fallback."""
        self.bundle = bundle
        self.version = bundle.version
        self.drill = bundle.manifest.purpose == "drill"
        self.contract_digest = bundle.manifest.contract_digest
        self.timeout_ms = bundle.contract.prediction.latency.timeout_ms
        self.logged_fields = _logged(bundle.contract)
        self._pipeline = bundle.pipeline
        self._target = bundle.pipeline.target
        self._encode = RowEncoder(bundle.pipeline.plan).vector
        self._checker = RowChecker(bundle.contract, bundle.pipeline.plan, clock=clock)
        self._review_below = bundle.contract.prediction.human_review.below_confidence or 0.0

    def check(self, rows: Sequence[object]) -> list[RowFault]:
        """Return every fault of every row."""
        return self._checker.faults(rows)

    def matrix(self, rows: Sequence[Row]) -> Matrix:
        """Return checked rows as the matrix the model reads."""
        if len(rows) == 1:
            return self._encode(rows[0])
        return np.concatenate([self._encode(row) for row in rows])

    def answer(self, x: Matrix) -> list[Prediction]:
        """Score a matrix and decide; rows whose score is not a number get the fallback."""
        try:
            scores = self._pipeline.scores_of_matrix(x)
            decided = self._pipeline.decide(scores)
        except MODEL_FAULTS:
            return self.fall_back(len(x), "model error")
        return [
            self._prediction(line, decision) for line, decision in zip(scores.tolist(), decided, strict=True)
        ]

    def _prediction(self, line: list[float], decision: str | float | None) -> Prediction:
        if not all(map(math.isfinite, line)):
            return self.fall_back(1, "model error")[0]
        if not self._target.classes:
            return Prediction(prediction=decision, value=line[0])
        confidence = max(line)
        return Prediction(
            prediction=decision,
            probabilities=dict(zip(self._target.classes, line, strict=True)),
            confidence=confidence,
            review=decision is None or confidence < self._review_below,
        )

    def scores_of(self, prediction: Prediction) -> list[float] | None:
        """Return the scores behind an answer, as they stand in the log; None for a fallback."""
        if prediction.fallback:
            return None
        if prediction.probabilities is not None:
            return list(prediction.probabilities.values())
        return None if prediction.value is None else [prediction.value]

    def fields(self, row: Row) -> dict[str, str | float | bool | None]:
        """Return the inputs of a row that the contract allows in the log."""
        return {name: _loggable(row.get(name)) for name in self.logged_fields}

    def fall_back(self, rows: int, reason: str) -> list[Prediction]:
        """Return the contract's fallback, marked as such, for so many rows."""
        fallback = self.bundle.contract.prediction.fallback
        decision: str | float | None = None
        probabilities: dict[str, float] | None = None
        value: float | None = None
        if fallback.kind == "constant":
            decision = fallback.value
            value = float(fallback.value) if isinstance(fallback.value, int | float) else None
        elif fallback.kind == "prior" and self._target.prior:
            prior = list(self._target.prior)
            decision = self._pipeline.decide(np.array([prior], dtype=np.float64))[0]
            if self._target.classes:
                probabilities = dict(zip(self._target.classes, prior, strict=True))
            else:
                value = prior[0]
        made = Prediction(
            prediction=decision,
            probabilities=probabilities,
            value=value,
            fallback=True,
            fallback_reason=reason,
            review=decision is None,
        )
        return [made] * rows
