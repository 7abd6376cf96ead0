"""Phase 2, Data Architecture: read, check, profile, and freeze a snapshot whose test labels are sealed."""

from dataclasses import dataclass
from functools import partial

from modelwright.data.audit import audit_sources
from modelwright.data.feature_reading import read_rows
from modelwright.data.profile import profile
from modelwright.data.quality import measure_quality
from modelwright.data.reference import read_references
from modelwright.data.snapshot import take
from modelwright.data.source_origin import Origin
from modelwright.data.validate import validate
from modelwright.data.validation import Validation
from modelwright.kernel.digest import short
from modelwright.kernel.document import Block, Document, Facts, Heading, Listing
from modelwright.kernel.errors import DataInvalid, Fault
from modelwright.kernel.outcome import Status
from modelwright.roles.explorer import ASPECTS, explore
from modelwright.roles.panel import call_all
from modelwright.workflow.context import Outputs, PhaseContext

__all__ = ["DataSummary", "perform"]

MOST_NOTES = 20
"""Notes on what was changed while reading that a summary lists."""

EXPLORED = tuple(ASPECTS)[:3]
"""The three aspects that explorers look at side by side in this phase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DataSummary:
    """The data in four parts, and the snapshot that was taken.

    Examples:
        >>> DataSummary.__slots__[0]
        'sources'
    """

    sources: tuple[str, ...]
    """Data sources and formats."""
    features: tuple[str, ...]
    """Feature-engineering patterns."""
    preprocessing: tuple[str, ...]
    """Preprocessing pipelines."""
    validation: tuple[str, ...]
    """Data-validation approaches."""
    snapshot: tuple[tuple[str, str], ...]
    """The frozen snapshot, in names and values."""

    def document(self) -> Document:
        """Render the summary."""
        blocks: list[Block] = [Facts(items=self.snapshot)]
        for title, lines in (
            ("Data sources and formats", self.sources),
            ("Feature-engineering patterns", self.features),
            ("Preprocessing pipelines", self.preprocessing),
            ("Data-validation approaches", self.validation),
        ):
            blocks += [Heading(text=title), Listing(items=lines or ("none found",))]
        return Document(title="Data architecture", blocks=tuple(blocks))


def _demand_held(validation: Validation) -> None:
    if validation.outcome.status is Status.FAILED:
        raise DataInvalid(
            "the data does not hold what the contract says",
            why="a model trained on data that breaks its contract learns the breakage",
            next_step="mend the data, or change the contract where it is wrong",
            faults=[
                Fault(check.column, check.told, next_step="")
                for check in validation.checks
                if check.status is Status.FAILED and check.severity == "error"
            ],
        )


def perform(context: PhaseContext) -> Outputs:
    """Read the sources, hold them against the contract, profile them, and take the snapshot.

    Raises:
        DataInvalid: When the data does not hold what the contract says; every failed check is named.
    """
    ports, contract = context.ports, context.contract
    root = ports.project.root
    ports.progress.say("reading the sources")
    connector = ports.connector()
    reading = read_rows(contract, root=root, connector=connector)
    frame = reading.frame
    at = ports.clock.now()
    validation = validate(frame, contract, at=at, references=read_references(contract, root=root))
    _demand_held(validation)
    ports.progress.say(f"profiling {frame.height:,} rows x {frame.width} columns")
    kept_out = [name for name, column in contract.data.columns.items() if column.keep_out]
    time = contract.data.event_time
    seen = profile(frame, target=contract.prediction.target, kept_out=kept_out, time=time)
    ports.progress.say("taking the snapshot and sealing the test labels")
    quality = measure_quality(
        frame, contract, validation=validation, profile=seen, digests=reading.digests, at=at
    )
    snapshot = take(frame, contract, store=ports.store, seal=ports.seal(), origins=reading.origins)
    audit = audit_sources(contract, root=root, connector=connector, origins=reading.origins)
    files = ports.project.code_files()
    panel = call_all(
        {aspect: partial(explore, files, root=root, aspect=aspect) for aspect in EXPLORED},
        quorum=len(EXPLORED),
    )
    looks = [panel.reports[aspect] for aspect in EXPLORED]
    summary = DataSummary(
        sources=(*map(_told, reading.origins), *reading.notes[:MOST_NOTES], *looks[0].patterns),
        features=(*looks[0].patterns, *looks[2].patterns),
        preprocessing=looks[1].patterns
        or ("one feature plan, compiled from the contract on the training part",),
        validation=(
            f"{len(validation.checks)} checks of the contract in one pass: {validation.outcome.status.value}",
        ),
        snapshot=(
            ("Snapshot", short(snapshot.digest)),
            ("Split", snapshot.split_policy),
            *((f"Rows, {part}", f"{count:,}") for part, count in snapshot.rows.items()),
            ("Sealed labels", short(snapshot.sealed_labels)),
        ),
    )
    return {
        "snapshot": snapshot,
        "profile": seen,
        "validation": validation,
        "quality": quality,
        "audit": audit,
        "exploration_sources": looks[0],
        "exploration_preprocessing": looks[1],
        "exploration_schema": looks[2],
        "summary": summary,
    }


def _told(origin: Origin) -> str:
    version = f", {origin.version}" if origin.version else ""
    return f"{origin.name}: {origin.kind}, {origin.rows:,} rows, digest {short(origin.digest)}{version}"
