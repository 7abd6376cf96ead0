"""Attesting: what the ledger knows of each version, as in-toto statements that the tools of others check."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from modelwright._version import __version__
from modelwright.authority.envelope import Envelope
from modelwright.kernel.digest import Json, canonical_json, digest_of_bytes, plain
from modelwright.kernel.document import Document, Facts
from modelwright.kernel.errors import UserFault
from modelwright.ledger.artifacts import write_atomically
from modelwright.ledger.attestation import (
    APPROVAL_V1,
    IN_TOTO,
    PROVENANCE_V1,
    SUMMARY_V1,
    Resource,
    statement,
)
from modelwright.ledger.entry import Entry
from modelwright.registry.versions import Version, versions
from modelwright.training.run import Run
from modelwright.workflow.auditing import export_key
from modelwright.workflow.ports import Ports

__all__ = ["Attested", "attest"]

TRAINED = 8
"""The phase that trains."""

BUILT = "urn:modelwright:training:v1"
"""How it was made: the parameters and materials that this names."""

BUILDER: Mapping[str, Json] = {"id": "urn:modelwright", "version": {"modelwright": __version__}}
"""Who made it, and who held it against its gates."""

GATES = "GATES_OF_THE_CONTRACT"
"""The level that a version reaches whose gates have all passed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attested:
    """What was written.

    Examples:
        >>> Attested(file="calls.intoto.jsonl", statements={"provenance": 1}, key="ledger-key.json").file
        'calls.intoto.jsonl'
    """

    file: str
    """The bundle of envelopes, one a line."""
    statements: Mapping[str, int]
    """How many statements of each kind."""
    key: str
    """The card of the key they are signed with."""

    def document(self) -> Document:
        """Render it."""
        kinds = tuple((f"{kind} statements", str(count)) for kind, count in self.statements.items())
        return Document(
            title="Attestations",
            blocks=(Facts(items=(("File", self.file), *kinds, ("Public key", self.key))),),
        )


def attest(ports: Ports, folder: Path) -> Attested:
    """Write provenance, verdict and approvals of all versions as one bundle, and the key that signs them.

    Args:
        ports: The outside world.
        folder: Where to.

    Raises:
        UserFault: When there is no version yet.
        IntegrityBroken: When evidence is missing or was changed.
    """
    entries = tuple(ports.ledger.entries())
    known = {version.version: version for version in versions(ports.ledger)}
    if not known:
        raise UserFault(
            "there is no version to attest yet",
            why="an attestation is about a bundle",
            next_step="modelwright run until phase 11 packs one",
        )
    signer = ports.ledger_key()
    lines: list[bytes] = []
    counted: dict[str, int] = {"provenance": 0, "verdict": 0, "approval": 0}

    def put(kind: str, payload: bytes) -> bytes:
        lines.append(canonical_json(signer.sign(IN_TOTO, payload).to_json()) + b"\n")
        counted[kind] += 1
        return payload

    for entry in entries:
        if entry.kind == "version.registered":
            version = known[str(entry.body["version"])]
            if version.standing == "drill":  # a rehearsal, which nobody may mistake for a product
                continue
            run, trained = _run(ports, entries, version)
            made = put("provenance", _provenance(version, run, trained))
            put("verdict", _verdict(version, entry, digest_of_bytes(made)))
        elif "approval" in entry.body:
            put("approval", _approval(entry))
    name = next(iter(known.values())).name
    file = folder / f"{name}.intoto.jsonl"
    write_atomically(file, b"".join(lines))
    identity = export_key(ports, folder / "ledger-key.json")
    write_atomically(folder / "ledger-key.pem", _pem(identity.raw_key))
    return Attested(file=str(file), statements=counted, key=str(folder / "ledger-key.json"))


def _pem(raw: bytes) -> bytes:
    """Return a raw public key as SubjectPublicKeyInfo, which is what tools of others read."""
    # cryptography is loaded where a key is written, so that a start without one stays quick.
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    key = Ed25519PublicKey.from_public_bytes(raw)
    return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def _run(ports: Ports, entries: tuple[Entry, ...], version: Version) -> tuple[Run, Entry]:
    """Return the record of the training that made a version, and the entry that names it."""
    for entry in entries:
        if entry.kind == "phase.completed" and entry.body.get("phase") == TRAINED:
            run = ports.store.get_record(entry.artifacts["run"], Run)
            if run.id == version.run_id:
                return run, entry
    raise UserFault(
        f"the training of {version.version} is not in this ledger",
        why="provenance says what a bundle was made of",
        next_step="attest it in the project it was trained in",
        found=version.run_id,
    )


def _subject(version: Version) -> Resource:
    return Resource(name=Path(version.path).name, digest=version.bundle_digest)


def _materials(run: Run) -> Iterator[Resource]:
    yield Resource(name="snapshot", digest=run.snapshot_digest)
    yield Resource(name="contract.yaml", digest=run.contract_digest)
    yield Resource(name="feature plan", digest=run.plan_digest)
    environment = run.environment
    if environment.commit is not None:
        yield Resource(
            name="code",
            digest=f"gitCommit:{environment.commit}",
            notes={"changed since the commit": environment.dirty},
        )
    for name, number in environment.packages.items():
        yield Resource(name=name, uri=f"pkg:pypi/{name}@{number}")


def _provenance(version: Version, run: Run, trained: Entry) -> bytes:
    metadata: dict[str, Json] = {"invocationId": run.id, "finishedOn": plain(trained.at)}
    return statement(
        [_subject(version)],
        predicate_type=PROVENANCE_V1,
        predicate={
            "buildDefinition": {
                "buildType": BUILT,
                "externalParameters": {"design": run.design, "seed": run.seed},
                "internalParameters": {"configuration": plain(run.config)},
                "resolvedDependencies": [material.plain() for material in _materials(run)],
            },
            "runDetails": {
                "builder": BUILDER,
                "metadata": metadata,
                "byproducts": [
                    Resource(name="run record", digest=trained.artifacts["run"]).plain(),
                    Resource(name="ledger entry", digest=trained.digest).plain(),
                ],
            },
        },
    )


def _verdict(version: Version, entry: Entry, provenance: str) -> bytes:
    passed = version.verdict_status == "passed"
    contract: Json = Resource(name="contract.yaml", digest=version.contract_digest).plain()["digest"]
    return statement(
        [_subject(version)],
        predicate_type=SUMMARY_V1,
        predicate={
            "verifier": BUILDER,
            "timeVerified": plain(entry.at),
            "resourceUri": f"urn:modelwright:version:{version.name}:{version.version}",
            "policy": {"uri": "urn:modelwright:contract:v1", "digest": contract},
            "inputAttestations": [
                {"uri": PROVENANCE_V1, "digest": Resource(name="", digest=provenance).plain()["digest"]}
            ],
            "verificationResult": "PASSED" if passed else "FAILED",
            "verifiedLevels": [GATES if passed else "FAILED"],
            "slsaVersion": "1.0",
        },
    )


def _approval(entry: Entry) -> bytes:
    """Return what a person decided, about the artifacts it was about and the ledger entry it stands in."""
    stated = entry.body["approval"]
    told = stated if isinstance(stated, Mapping) else {}
    artifacts = told.get("artifacts")
    named = artifacts if isinstance(artifacts, Mapping) else {}
    subjects = [Resource(name=str(name), digest=str(digest)) for name, digest in named.items()]
    subjects = [subject for subject in subjects if subject.digest.startswith("sha256:")]
    envelope = entry.body.get("envelope")
    signed = None if envelope is None else Envelope.from_json(envelope).to_json()
    return statement(
        [*subjects, Resource(name=f"ledger entry {entry.sequence}", digest=entry.digest)],
        predicate_type=APPROVAL_V1,
        predicate={"approval": plain(told), "envelope": signed, "at": plain(entry.at)},
    )
