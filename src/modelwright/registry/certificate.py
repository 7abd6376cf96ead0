"""The equivalence certificate: proof that whoever answers, answers like the trainer.

The pipeline as it was trained, the bundle in a clean process, the started server (rows one by one and
together) and the batch job answer the same hard rows. Without a passed certificate nothing is rolled out.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from modelwright.features.transform import Matrix
from modelwright.kernel.document import Callout, Document, Facts, Heading, Table
from modelwright.kernel.errors import BundleRejected, IntegrityBroken, ServiceFailed
from modelwright.kernel.outcome import Outcome, Status, overall
from modelwright.registry.answer_path import AnswerPath, Answers, CleanProcess, Row, ServerPath
from modelwright.registry.bundle import Bundle, load, pipeline_digest
from modelwright.registry.table import table_of
from modelwright.training.pipeline import Pipeline

__all__ = ["PATHS", "TOLERANCE", "Certificate", "PathResult", "certify", "compare"]

TOLERANCE = 1e-12
"""Largest difference allowed, relative to the size of a score where it is above 1, absolute below."""

PATHS = ("clean process", "server single", "server batch", "batch job")
"""The ways of answering that a certificate must cover."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PathResult:
    """One way of answering, compared with the pipeline as it was trained.

    Examples:
        >>> PathResult(
        ...     path="clean process",
        ...     rows=0,
        ...     largest_difference=None,
        ...     outcome=Outcome(status=Status.UNKNOWN, what="equal"),
        ... ).outcome.allows
        False
    """

    path: str
    """The way of answering."""
    rows: int
    """Rows compared."""
    largest_difference: float | None
    """Largest difference of any score; None when nothing could be compared."""
    outcome: Outcome
    """Passed when all scores agree within the tolerance and all decisions are the same."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """Whether a bundle answers like the trainer, whoever asks and how.

    Examples:
        >>> Certificate.__slots__[0]
        'outcome'
    """

    outcome: Outcome
    """Passed only when every way of answering was compared and agreed."""
    tolerance: float
    """Largest difference allowed."""
    rows: int
    """Rows every way had to answer."""
    paths: tuple[PathResult, ...]
    """Each way of answering."""
    bundle_digest: str
    """The bundle it is about."""
    pipeline_digest: str
    """The pipeline it was compared with."""
    version: str
    """The bundle's version."""

    def document(self) -> Document:
        """Render the certificate."""
        table = tuple(
            (
                result.path,
                str(result.rows),
                "not compared" if result.largest_difference is None else f"{result.largest_difference:.3g}",
                result.outcome.status.value,
            )
            for result in self.paths
        )
        return Document(
            title=f"Equivalence certificate of {self.version}",
            blocks=(
                Callout(
                    tone=self.outcome.status.value, text=f"{self.outcome.what}: {self.outcome.status.value}"
                ),
                Facts(
                    items=(
                        ("Bundle", self.bundle_digest),
                        ("Pipeline", self.pipeline_digest),
                        ("Rows", str(self.rows)),
                        ("Tolerance", f"{self.tolerance:g}"),
                    )
                ),
                Heading(text="Ways of answering"),
                Table(columns=("way", "rows", "largest difference", "outcome"), rows=table),
            ),
        )


def _difference(found: Matrix, expected: Matrix) -> float:
    if found.shape != expected.shape:
        return float("inf")
    gap = np.abs(found - expected) / np.maximum(1.0, np.abs(expected))
    return float("inf") if np.isnan(gap).any() else float(gap.max(initial=0.0))


def compare(
    name: str, told: Mapping[str, Answers], expected: Answers, *, tolerance: float = TOLERANCE
) -> PathResult:
    """Compare what one way of answering said, in each of its variants, with what it should have said.

    Args:
        name: The way of answering.
        told: Variant to its answers; none at all is a failure.
        expected: The trainer's answers.
        tolerance: Largest difference allowed.

    Examples:
        >>> same = Answers(scores=np.array([[0.9, 0.1]]), decisions=("no",))
        >>> compare("server", {"once": same}, same).outcome.status.value
        'passed'
        >>> compare("server", {}, same).outcome.status.value
        'failed'
    """
    evidence: list[str] = []
    largest = 0.0
    good = bool(told)
    for way, answers in told.items():
        gap = _difference(answers.scores, expected.scores)
        pairs = zip(answers.decisions, expected.decisions, strict=False)
        # For numbers the decision is the score itself, which was compared already.
        other = sum(a != b for a, b in pairs if isinstance(a, str) or isinstance(b, str))
        largest = max(largest, gap)
        good = good and gap <= tolerance and not other and len(answers.decisions) == len(expected.decisions)
        evidence.append(f"{way}: largest difference {gap:.3g}, {other} other decisions")
    return PathResult(
        path=name,
        rows=len(expected.decisions),
        largest_difference=largest if np.isfinite(largest) else None,
        outcome=Outcome(
            status=Status.PASSED if good else Status.FAILED,
            what=f"{name} answers like the trainer",
            evidence=tuple(evidence),
            next_step=""
            if good
            else "find what reads rows differently on this way; nothing is rolled out before",
        ),
    )


def _asked(
    name: str, path: AnswerPath | None, rows: Sequence[Row], expected: Answers, tolerance: float
) -> PathResult:
    what = f"{name} answers like the trainer"
    if path is None:
        unasked = Outcome(status=Status.UNKNOWN, what=what, evidence=("it was not asked",))
        return PathResult(path=name, rows=0, largest_difference=None, outcome=unasked)
    try:
        told = path.answer(rows)
    except (ServiceFailed, IntegrityBroken, BundleRejected) as error:
        failed = Outcome(status=Status.FAILED, what=what, evidence=(error.what,), next_step=error.next_step)
        return PathResult(path=name, rows=0, largest_difference=None, outcome=failed)
    return compare(name, told, expected, tolerance=tolerance)


def certify(
    pipeline: Pipeline,
    bundle_path: Path,
    *,
    rows: Sequence[Row],
    server_url: str | None,
    batch: AnswerPath | None,
    tolerance: float = TOLERANCE,
) -> Certificate:
    """Compare every way of answering with the pipeline as it was trained.

    Args:
        pipeline: The pipeline in memory, as training and evaluation used it.
        bundle_path: The packed bundle.
        rows: Hard rows and real ones; see `hard_rows` and `plain_rows`.
        server_url: Where a server with this bundle listens; None leaves that part unknown, which blocks.
        batch: The batch job, such as `modelwright.serving.batch.BatchPath`; None leaves it unknown.
        tolerance: Largest difference allowed.

    Examples:
        >>> certify.__name__
        'certify'
    """
    bundle: Bundle = load(bundle_path)
    scores = pipeline.scores(table_of(rows, pipeline.plan))
    expected = Answers(scores=scores, decisions=tuple(pipeline.decide(scores)))
    single = ServerPath(server_url, version=bundle.version, together=False) if server_url else None
    together = ServerPath(server_url, version=bundle.version, together=True) if server_url else None
    asked: dict[str, AnswerPath | None] = {
        "clean process": CleanProcess(bundle_path, digest=bundle.digest),
        "server single": single,
        "server batch": together,
        "batch job": batch,
    }
    results = tuple(_asked(name, asked[name], rows, expected, tolerance) for name in PATHS)
    return Certificate(
        outcome=overall((result.outcome for result in results), what="the bundle answers like the trainer"),
        tolerance=tolerance,
        rows=len(rows),
        paths=results,
        bundle_digest=bundle.digest,
        pipeline_digest=pipeline_digest(pipeline),
        version=bundle.version,
    )
