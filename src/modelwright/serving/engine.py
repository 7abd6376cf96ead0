"""The engine: one loaded bundle that checks rows, scores them, decides, and falls back. No transport here."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from modelwright.contracts.contract import Contract
from modelwright.features.transform import Matrix, RowEncoder
from modelwright.kernel.clock import Clock
from modelwright.kernel.errors import ModelwrightError
from modelwright.registry.bundle import Bundle
from modelwright.serving.envelope import Prediction
from modelwright.serving.row_check import RowChecker, RowFault

__all__ = ["MODEL_FAULTS", "AnswerColumns", "Engine"]

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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class AnswerColumns:
    """The answers to many rows, a column each; none of them is a fallback.

    Examples:
        >>> AnswerColumns(scores=np.ones((1, 1)), decided=[1.0], confidence=None, review=None).decided
        [1.0]
    """

    scores: Matrix
    """Finite scores, shape (n, k)."""
    decided: Sequence[str | float | None]
    """Label or value of each row; None where the rule abstains."""
    confidence: npt.NDArray[np.float64] | None
    """Highest probability of each row; None for a regression."""
    review: npt.NDArray[np.bool_] | None
    """Whether a person looks first; None for a regression, where nobody does."""


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
        made = self._scored(x)
        return self.fall_back(len(x), "model error") if made is None else self._predictions(*made)

    def answer_columns(self, x: Matrix) -> AnswerColumns | list[Prediction]:
        """Answer as `answer` does, in columns; row by row where a score is not a number."""
        made = self._scored(x)
        if made is None:
            return self.fall_back(len(x), "model error")
        scores, decided = made
        if not np.isfinite(scores).all():
            return self._predictions(scores, decided)
        if not self._target.classes:
            return AnswerColumns(scores=scores, decided=decided, confidence=None, review=None)
        confidence = scores.max(axis=1)
        undecided = np.array([decision is None for decision in decided], dtype=np.bool_)
        return AnswerColumns(
            scores=scores,
            decided=decided,
            confidence=confidence,
            review=undecided | (confidence < self._review_below),
        )

    def _scored(self, x: Matrix) -> tuple[Matrix, list[str | float | None]] | None:
        """Return scores and decisions; None when the model breaks."""
        try:
            scores = self._pipeline.scores_of_matrix(x)
            return scores, self._pipeline.decide(scores)
        except MODEL_FAULTS:
            return None

    def _predictions(self, scores: Matrix, decided: Sequence[str | float | None]) -> list[Prediction]:
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
