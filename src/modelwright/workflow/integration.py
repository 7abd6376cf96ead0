"""Phase 9, Integration: pack a candidate, serve it, prove that it answers like the trainer, time it."""

from dataclasses import dataclass

from modelwright.data.snapshot import Snapshot, part
from modelwright.kernel.digest import short
from modelwright.kernel.document import Document, Facts
from modelwright.kernel.errors import TrainingFailed
from modelwright.kernel.outcome import Status
from modelwright.registry.hard_rows import plain_rows
from modelwright.workflow.certifying import certify_bundle, served
from modelwright.workflow.context import Outputs, PhaseContext
from modelwright.workflow.measurements import measured
from modelwright.workflow.packing import pack_pipeline
from modelwright.workflow.traffic import send
from modelwright.workflow.trained import TrainedModel

__all__ = ["Candidate", "perform"]

WARM, TIMED = 50, 400
"""Requests that warm the server, and requests that are timed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """The bundle that was tried before the gates were asked; it is packed as a drill and never promoted.

    Examples:
        >>> Candidate(bundle_digest="sha256:0", size_bytes=1, pipeline_digest="").size_bytes
        1
    """

    bundle_digest: str
    """Digest of its bytes."""
    size_bytes: int
    """Its size."""
    pipeline_digest: str
    """The pipeline it was packed from."""

    def document(self) -> Document:
        """Render the candidate."""
        return Document(
            title="Candidate bundle",
            blocks=(
                Facts(
                    items=(("Bundle", short(self.bundle_digest)), ("Size", f"{self.size_bytes / 1e6:.2f} MB"))
                ),
            ),
        )


def perform(context: PhaseContext) -> Outputs:
    """Pack, serve on loopback, compare every way of answering, and time single rows.

    Raises:
        TrainingFailed: When some way of answering differs from the trainer: nothing like it may be judged.
    """
    ports = context.ports
    snapshot = context.output(2, "snapshot", Snapshot)
    trained = context.output(8, "model", TrainedModel)
    train = part(snapshot, "train", store=ports.store)
    bundle = pack_pipeline(context, trained, version="candidate", verdict=None, report=None, drill=True)
    ports.progress.say("serving the candidate and asking it in every way")
    with served(bundle, ports) as url:
        certificate = certify_bundle(ports, bundle, trained, train=train, url=url)
        ports.progress.say(f"timing {TIMED} answers")
        rows = plain_rows(train.tail(WARM + TIMED), bundle.pipeline.plan)
        answers = list(send(url, (rows * (1 + (WARM + TIMED) // len(rows)))[: WARM + TIMED], prefix="probe"))
    if certificate.outcome.status is Status.FAILED:
        raise TrainingFailed(
            "the served model does not answer like the trained one",
            why="a model that answers otherwise in production is not the one that was judged",
            next_step="run again; if it stays so, report what was found: it is a defect",
            found="; ".join(
                f"{way.path}: {', '.join(way.outcome.evidence)}"
                for way in certificate.paths
                if way.outcome.status is Status.FAILED
            ),
        )
    size = bundle.path.stat().st_size
    latencies = [answer.latency_ms for answer in answers[WARM:]]
    return {
        "certificate": certificate,
        "measurements": measured(
            latencies, size_bytes=size, level=context.contract.evaluation.interval_level
        ),
        "candidate": Candidate(bundle_digest=bundle.digest, size_bytes=size, pipeline_digest=trained.digest),
    }
