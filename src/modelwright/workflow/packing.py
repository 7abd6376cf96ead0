"""Packing: the trained pipeline becomes a bundle with its proof, and a bundle becomes a version."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from modelwright.data.snapshot import Snapshot, part
from modelwright.kernel.digest import short
from modelwright.kernel.document import Document, Facts
from modelwright.kernel.errors import OurFault
from modelwright.kernel.finding import Severity
from modelwright.kernel.outcome import Status
from modelwright.registry.bundle import Bundle, pack
from modelwright.registry.card import model_card
from modelwright.registry.reference import build_reference
from modelwright.registry.versions import Version, certified, register, versions
from modelwright.risk.register import RiskList, Settlement
from modelwright.training.run import Run
from modelwright.workflow.certifying import certify_bundle, served
from modelwright.workflow.context import PhaseContext
from modelwright.workflow.scratch import scratch_folder
from modelwright.workflow.trained import TrainedModel, restore

if TYPE_CHECKING:  # only named in signatures
    from modelwright.evaluation.report import EvaluationReport
    from modelwright.gates.verdict import Verdict

__all__ = ["PackedVersion", "pack_pipeline", "pack_version"]

TRAINED = 8
"""The phase that trains."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PackedVersion:
    """A version that was packed and registered.

    Examples:
        >>> PackedVersion.__slots__[0]
        'version'
    """

    version: str
    """The version's name."""
    path: str
    """Where the bundle lies, relative to the project's store."""
    bundle_digest: str
    """Digest of the bundle's bytes."""
    contract_digest: str
    """The contract it was judged under."""
    certificate: Status
    """Whether the packed bundle was proven to answer like the trainer."""

    def document(self) -> Document:
        """Render the version."""
        return Document(
            title=f"Version {self.version}",
            blocks=(
                Facts(
                    items=(
                        ("Bundle", f"{self.path} ({short(self.bundle_digest)})"),
                        ("Contract", short(self.contract_digest)),
                        ("Certificate", self.certificate.value),
                    )
                ),
            ),
        )


def open_risks(context: PhaseContext, *, least: Severity = Severity.INFO) -> tuple[str, ...]:
    """Return the risks that were accepted, for the card: what was taken out is no risk any more.

    Args:
        context: The desk.
        least: Leave out what matters less than this.
    """
    risks = context.output(3, "risks", RiskList)
    taken_out = set(context.output(4, "settlement", Settlement).excluded)
    return tuple(
        risk.finding.title
        for risk in risks.risks
        if not set(risk.columns) & taken_out and risk.finding.severity.rank >= least.rank
    )


def pack_pipeline(
    context: PhaseContext,
    trained: TrainedModel,
    *,
    version: str,
    verdict: "Verdict | None",
    report: "EvaluationReport | None",
    out: Path | None = None,
    drill: bool = False,
) -> Bundle:
    """Pack a trained pipeline; packing the same again gives the same bytes.

    Args:
        context: The desk.
        trained: The pipeline's files.
        version: The version's name.
        verdict: What the gates said; None before they were asked.
        report: What was measured on sealed labels; None before they were asked.
        out: Where the bundle goes; its place in the project when not given.
        drill: Whether it only rehearses: a bundle without a passed verdict answers only so.
    """
    ports, history = context.ports, context.history
    snapshot = context.output(2, "snapshot", Snapshot)
    run = context.output(TRAINED, "run", Run)
    if history.frozen is None:
        raise OurFault("a bundle is packed only under a frozen contract")
    pipeline = restore(trained, store=ports.store)
    card = model_card(
        contract=context.contract,
        run=run,
        snapshot=snapshot,
        report=report,
        verdict=verdict,
        version=version,
        open_risks=open_risks(context),
    )
    return pack(
        pipeline,
        contract=context.contract,
        run=run,
        snapshot=snapshot,
        verdict=verdict,
        version=version,
        # Rows the model was not fitted on: on its own training rows it is surer than it will ever be again.
        reference=build_reference(pipeline, part(snapshot, "validation", store=ports.store)),
        card=card.to_markdown(),
        created=history.completions[TRAINED].at,
        out=out or ports.project.bundles / f"{context.contract.name}-{version}.mwb",
        purpose="drill" if drill else "serve",
        ledger_head=history.frozen.digest,
    )


def pack_version(
    context: PhaseContext, trained: TrainedModel, *, verdict: "Verdict", report: "EvaluationReport"
) -> PackedVersion:
    """Pack the judged pipeline under the next free name, prove it equal, and register it.

    A run that was killed half-way finds the name it gave before, because its run is on the record.

    Args:
        context: The desk.
        trained: The pipeline's files.
        verdict: What the gates said.
        report: What was measured.
    """
    ports = context.ports
    name = _known(context, trained, verdict=verdict, report=report) or _next(versions(ports.ledger))
    bundle = pack_pipeline(context, trained, version=name, verdict=verdict, report=report)
    path = bundle.path.relative_to(ports.project.store)
    register(
        ports.ledger,
        Version(
            name=context.contract.name,
            version=name,
            bundle_digest=bundle.digest,
            path=path.as_posix(),
            contract_digest=context.contract_digest,
            run_id=trained.run_id,
            verdict_status=verdict.outcome.status.value,
            standing="registered",
        ),
        actor=ports.actor,
        purpose="serve",
        agreed=_agreed(context),
    )
    status = Status.UNKNOWN
    if verdict.outcome.allows:
        train = part(context.output(2, "snapshot", Snapshot), "train", store=ports.store)
        ports.progress.say(f"serving {name} and asking it in every way")
        with served(bundle, ports) as url:
            certificate = certify_bundle(ports, bundle, trained, train=train, url=url)
        status = certificate.outcome.status
        if certificate.outcome.allows:
            digest = ports.store.put_record(certificate)
            certified(ports.ledger, name, certificate_digest=digest, actor=ports.actor)
    return PackedVersion(
        version=name,
        path=path.as_posix(),
        bundle_digest=bundle.digest,
        contract_digest=context.contract_digest,
        certificate=status,
    )


def _agreed(context: PhaseContext) -> str:
    """Return the digest of the contract in force; empty, which nothing equals, while none is frozen."""
    frozen = context.history.frozen
    return "" if frozen is None else str(frozen.body["contract_digest"])


def _known(
    context: PhaseContext, trained: TrainedModel, *, verdict: "Verdict", report: "EvaluationReport"
) -> str:
    """Return the name this very bundle was registered under before, empty when it is new."""
    ports = context.ports
    for version in versions(ports.ledger):
        if version.run_id == trained.run_id and version.standing != "drill":
            with scratch_folder(ports.project) as folder:
                again = pack_pipeline(
                    context,
                    trained,
                    version=version.version,
                    verdict=verdict,
                    report=report,
                    out=folder / "again.mwb",
                )
            if again.digest == version.bundle_digest:
                return version.version
    return ""


def _next(known: Sequence[Version]) -> str:
    taken = {version.version for version in known}
    number = 1
    while f"v{number}" in taken:
        number += 1
    return f"v{number}"
