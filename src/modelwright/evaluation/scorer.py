"""Sealed scoring: the port to the process that alone may open the holdout labels."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt

from modelwright.contracts.contract import Contract
from modelwright.data.snapshot import Snapshot
from modelwright.evaluation.report import EvaluationReport
from modelwright.kernel.digest import digest_of, digest_of_bytes
from modelwright.kernel.errors import ApprovalRefused
from modelwright.training.pipeline import DecisionRule

__all__ = ["LooksExhausted", "ScoreRequest", "Scorer", "check_looks"]

Matrix = npt.NDArray[np.float64]


class LooksExhausted(ApprovalRefused):
    """The sealed labels were asked as often as the contract allows.

    Examples:
        >>> LooksExhausted("3 of 3 looks are used").exit_code.name
        'LOCKED'
    """


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ScoreRequest:
    """Predictions for the rows of a sealed test part: everything a scorer needs except the labels.

    Examples:
        >>> "scores" in ScoreRequest.__slots__
        True
    """

    snapshot: Snapshot
    """The snapshot whose test part is scored; it names the sealed labels by digest."""
    contract: Contract
    """What was agreed: metrics, slices, costs, level, looks."""
    run_id: str
    """The run that made the model."""
    pipeline_digest: str
    """Digest of the pipeline that made the scores."""
    row_ids: npt.NDArray[np.int64]
    """Row ids of the test part, each once, in the order of the scores."""
    scores: Matrix
    """The model's scores, one row per row id."""
    others: Mapping[str, Matrix]
    """Scores of the `baseline` and the `champion` on the same rows, as far as there are any."""
    rule: DecisionRule
    """The model's decision rule, found on validation."""
    other_rules: Mapping[str, DecisionRule]
    """Decision rules of the other models; the rule of least expected cost where none is given."""
    seed: int
    """Seed of the resampling."""
    purpose: str
    """Why the labels are asked, in words; stands beside the look."""

    @property
    def digest(self) -> str:
        """The digest of the whole question: asking the same again is not a second look."""
        return digest_of(
            {
                "snapshot": self.snapshot.digest,
                "contract": self.contract.digest,
                "run": self.run_id,
                "pipeline": self.pipeline_digest,
                "rows": digest_of_bytes(np.ascontiguousarray(self.row_ids, dtype=np.int64).tobytes()),
                "scores": digest_of_bytes(np.ascontiguousarray(self.scores, dtype=np.float64).tobytes()),
                "others": {
                    name: digest_of_bytes(np.ascontiguousarray(scores, dtype=np.float64).tobytes())
                    for name, scores in self.others.items()
                },
                "rule": self.rule,
                "other_rules": self.other_rules,
                "seed": self.seed,
            }
        )


class Scorer(Protocol):
    """Joins predictions to sealed labels and answers with aggregates.

    Promises of every member: the labels never enter the caller's process; the answer holds no value of a
    single row; the same request gets the same answer; a request that is refused teaches nothing about the
    labels and is no look.

    Examples:
        >>> def primary(scorer: Scorer, request: ScoreRequest) -> float | None:
        ...     return scorer.score(request).estimates[0].value
    """

    def score(self, request: ScoreRequest) -> EvaluationReport:
        """Return the report of one model on the sealed test part.

        Raises:
            DataInvalid: When row ids or scores do not fit the test part.
            LooksExhausted: When the contract's looks are used up.
            ServiceFailed: When the scoring process fails or does not answer in time.
        """
        ...


def check_looks(taken: int, allowed: int) -> None:
    """Refuse another look once as many were taken as are allowed.

    Raises:
        LooksExhausted: When `taken` has reached `allowed`.

    Examples:
        >>> check_looks(2, 3)
    """
    if taken >= allowed:
        raise LooksExhausted(
            f"{taken} of {allowed} looks at the sealed test labels are used",
            why="each further look fits the model a little more to the test, until its score says nothing",
            next_step="judge what was measured, or amend evaluation.looks with a reason",
            found=taken,
            expected=f"fewer than {allowed}",
        )
