"""The bundle: one file that holds a model with everything needed to trust it and to answer with it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Literal

from modelwright.contracts.contract import Contract
from modelwright.data.snapshot import Snapshot
from modelwright.gates.verdict import Verdict
from modelwright.kernel.digest import canonical_json, digest_of, digest_of_bytes
from modelwright.kernel.errors import BundleRejected, Fault, IntegrityBroken, ModelwrightError
from modelwright.ledger.artifacts import write_atomically
from modelwright.ledger.codec import decode, encode
from modelwright.registry.archive import Limits, read_archive, write_archive
from modelwright.registry.manifest import FileEntry, Manifest
from modelwright.registry.reference import ReferenceProfile
from modelwright.registry.schema import request_schema
from modelwright.training.pipeline import Pipeline
from modelwright.training.run import Run

__all__ = ["Bundle", "load", "pack", "pipeline_digest"]

MANIFEST = "manifest.json"
CONTRACT = "contract.json"
REFERENCE = "reference.json"
VERDICT = "verdict.json"
CARD = "card.md"
PIPELINE = "pipeline/"

REQUIRED = (CONTRACT, REFERENCE, CARD)
"""Files every bundle holds beside the manifest and the pipeline."""

UNUSABLE = (ArithmeticError, AttributeError, EOFError, LookupError, OSError, TypeError, ValueError)
"""What readers of a model's own format raise on files that are not what they say."""

RUNTIME = ("lightgbm", "msgspec", "numpy", "polars", "pydantic", "scipy")
"""Packages that answering depends on; their versions at training are kept."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Bundle:
    """A loaded bundle: every byte was checked before any of it was used.

    Examples:
        >>> Bundle.__slots__[0]
        'manifest'
    """

    manifest: Manifest
    """What it holds and where it came from."""
    contract: Contract
    """The contract it was trained and judged under."""
    pipeline: Pipeline
    """What answers."""
    reference: ReferenceProfile
    """How inputs and answers were distributed in training."""
    verdict: Verdict | None
    """What the gates said; None for a drill, or when they were not asked."""
    card: str
    """The model card, Markdown."""
    path: Path
    """Where it was loaded from."""
    digest: str
    """Digest of the bundle's bytes."""

    @property
    def version(self) -> str:
        """The version's name."""
        return self.manifest.version


def pipeline_digest(pipeline: Pipeline) -> str:
    """Return the digest over a pipeline's files, by name and digest.

    Examples:
        >>> from modelwright.candidates.prior import PriorModel
        >>> from modelwright.features.plan import FeaturePlan, FeatureSpec
        >>> from modelwright.tasks.target import TargetSpec
        >>> plan = FeaturePlan(features=(FeatureSpec(name="age", kind="number"),))
        >>> target = TargetSpec(task="regression", name="y", prior=(1.0,))
        >>> pipeline_digest(Pipeline(plan=plan, model=PriorModel((1.0,)), target=target))[:7]
        'sha256:'
    """
    return digest_of({name: digest_of_bytes(data) for name, data in pipeline.files().items()})


def pack(  # noqa: PLR0913 - a bundle is made of all of these, and each is named at the call
    pipeline: Pipeline,
    *,
    contract: Contract,
    run: Run,
    snapshot: Snapshot,
    verdict: Verdict | None,
    version: str,
    reference: ReferenceProfile,
    card: str,
    created: datetime,
    out: Path,
    purpose: Literal["serve", "drill"] = "serve",
    ledger_head: str = "",
) -> Bundle:
    """Write a bundle; the same inputs give the same bytes.

    Args:
        pipeline: What was trained, with the decision rule that evaluation chose.
        contract: The frozen contract.
        run: The training's record.
        snapshot: The data's record.
        verdict: What the gates said; None when they were not asked.
        version: The version's name.
        reference: How inputs and answers were distributed in training.
        card: The model card, Markdown.
        created: When the run was recorded, UTC.
        out: The file to write, ending in `.mwb`.
        purpose: `drill` for a rehearsal model that must never be promoted.
        ledger_head: Head of the ledger, so that the bundle can be found in its chain.

    Returns:
        The bundle, loaded again from the file that was written.

    Raises:
        IntegrityBroken: When verdict, run, snapshot and contract do not belong together.
        StorageFailed: When the file cannot be written; an old one stays.

    Examples:
        >>> pack.__name__
        'pack'
    """
    _belong_together(contract, run, snapshot, verdict)
    files = {
        CONTRACT: canonical_json(contract.model_dump(mode="json")),
        REFERENCE: encode(reference),
        CARD: card.encode("utf-8"),
        "run.json": encode(run),
        "snapshot.json": encode(snapshot),
        "request.schema.json": canonical_json(request_schema(contract, pipeline.plan)),
        **({VERDICT: encode(verdict)} if verdict is not None else {}),
        **{PIPELINE + name: data for name, data in pipeline.files().items()},
    }
    manifest = Manifest(
        name=contract.name,
        version=version,
        created=created,
        purpose=purpose,
        contract_digest=contract.digest,
        snapshot_digest=snapshot.digest,
        run_id=run.id,
        pipeline_digest=pipeline_digest(pipeline),
        files={name: FileEntry(digest=digest_of_bytes(data), size=len(data)) for name, data in files.items()},
        requires={
            name: run.environment.packages[name] for name in RUNTIME if name in run.environment.packages
        },
        verdict_digest="" if verdict is None else digest_of_bytes(files[VERDICT]),
        verdict_status="unknown" if verdict is None else verdict.outcome.status.value,
        ledger_head=ledger_head,
    )
    write_atomically(out, write_archive({**files, MANIFEST: encode(manifest)}))
    return load(out)


def _belong_together(contract: Contract, run: Run, snapshot: Snapshot, verdict: Verdict | None) -> None:
    pairs = [
        ("run.contract", run.contract_digest, contract.digest),
        ("run.snapshot", run.snapshot_digest, snapshot.digest),
        ("snapshot.contract", snapshot.contract_digest, contract.digest),
    ]
    if verdict is not None:
        pairs += [("verdict.contract", verdict.contract_digest, contract.digest)]
        pairs += [("verdict.run", verdict.run_id, run.id)] if verdict.run_id else []
    faults = [
        Fault(where, f"names {found}", next_step=f"expected {expected}")
        for where, found, expected in pairs
        if found != expected
    ]
    if faults:
        raise IntegrityBroken(
            "contract, data, run and verdict do not belong together",
            why="a bundle is the end of one chain of evidence, not of several",
            next_step="run the phase again whose evidence is older than the contract",
            faults=faults,
        )


def _rejected(path: Path, faults: list[Fault]) -> BundleRejected:
    return BundleRejected(
        f"{path.name} is refused",
        why="a bundle is loaded only when every byte of it is what was packed",
        next_step="fetch the bundle again from where it was packed, or pack it again",
        faults=faults,
    )


def _read(path: Path, limits: Limits) -> bytes:
    try:
        size = path.stat().st_size
        if size > limits.size:
            raise _rejected(path, [Fault(path.name, f"{size} bytes, at most {limits.size} are read")])
        return path.read_bytes()
    except OSError as error:
        raise BundleRejected(
            f"there is no bundle that can be read at {path} ({error.strerror or error})",
            why="nothing can be served without it",
            next_step="check the path; `modelwright status` names the bundles of a project",
        ) from error


def _checked(path: Path, files: Mapping[str, bytes]) -> Manifest:
    """Return the manifest once the files are exactly those it lists."""
    if MANIFEST not in files:
        raise _rejected(path, [Fault(MANIFEST, "is not there")])
    manifest = decode(files[MANIFEST], Manifest)
    faults = [
        Fault(name, "is in the bundle and not in its manifest")
        for name in files
        if name != MANIFEST and name not in manifest.files
    ]
    for name, entry in manifest.files.items():
        if name not in files:
            faults.append(Fault(name, "is in the manifest and not in the bundle"))
        elif len(files[name]) != entry.size or digest_of_bytes(files[name]) != entry.digest:
            faults.append(Fault(name, "its bytes do not have the digest of the manifest"))
    faults += [Fault(name, "is not there") for name in REQUIRED if name not in files]
    if (VERDICT in files) != bool(manifest.verdict_digest):
        faults.append(Fault(VERDICT, "the manifest and the bundle do not agree whether there is a verdict"))
    if faults:
        raise _rejected(path, faults)
    return manifest


def _agreed(
    path: Path, manifest: Manifest, contract: Contract, verdict: Verdict | None, stored: bytes
) -> None:
    """Refuse a bundle whose manifest says something else than the records it lists.

    The contract's digest is that of its stored bytes: they are canonical, and a later version of this
    package, whose contract has more fields, must still read them.
    """
    status = "unknown" if verdict is None else verdict.outcome.status.value
    digest = digest_of_bytes(stored)
    pairs = [
        ("contract_digest", manifest.contract_digest, digest),
        ("name", manifest.name, contract.name),
        ("verdict_status", manifest.verdict_status, status),
        ("verdict.contract_digest", manifest.contract_digest, verdict.contract_digest if verdict else digest),
    ]
    faults = [
        Fault(where, f"the manifest says {said}, its record {found}")
        for where, said, found in pairs
        if said != found
    ]
    if faults:
        raise _rejected(path, faults)


def load(path: Path, *, expected_digest: str = "", limits: Limits | None = None) -> Bundle:
    """Read a bundle, checking every byte before any of it is used. Nothing of it is ever executed.

    Args:
        path: The `.mwb` file.
        expected_digest: The digest it is registered under; empty when there is none to compare with.
        limits: How much may be read.

    Raises:
        BundleRejected: With everything that differs.

    Examples:
        >>> load(Path("nowhere.mwb"))
        Traceback (most recent call last):
        modelwright.kernel.errors.BundleRejected: there is no bundle that can be read at nowhere.mwb ...
    """
    limits = limits or Limits()
    data = _read(path, limits)
    digest = digest_of_bytes(data)
    if expected_digest and digest != expected_digest:
        raise _rejected(
            path, [Fault(path.name, f"has digest {digest}", next_step=f"registered was {expected_digest}")]
        )
    files = read_archive(data, limits=limits)
    try:
        manifest = _checked(path, files)
        contract = Contract.model_validate_json(files[CONTRACT])
        verdict = decode(files[VERDICT], Verdict) if VERDICT in files else None
        _agreed(path, manifest, contract, verdict, files[CONTRACT])
        parts = {name.removeprefix(PIPELINE): files[name] for name in files if name.startswith(PIPELINE)}
        pipeline = Pipeline.from_files(parts)
        reference = decode(files[REFERENCE], ReferenceProfile)
        card = files[CARD].decode("utf-8")
    except BundleRejected:
        raise
    except (ModelwrightError, *UNUSABLE) as error:
        raise _rejected(path, [Fault("", f"its files do not form a model: {error}")]) from error
    return Bundle(
        manifest=manifest,
        contract=contract,
        pipeline=pipeline,
        reference=reference,
        verdict=verdict,
        card=card,
        path=path,
        digest=digest,
    )
