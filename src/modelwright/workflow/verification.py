"""Verification: walk the chain from bundle to contract and say of every link whether it holds."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from modelwright.kernel.digest import digest_of_file, short
from modelwright.kernel.document import Block, Callout, Document, Table
from modelwright.kernel.errors import BundleRejected, IntegrityBroken, ModelwrightError, UserFault
from modelwright.kernel.outcome import Outcome, Status, overall
from modelwright.ledger.audit import audit
from modelwright.ledger.entry import Entry
from modelwright.registry.bundle import Bundle, load
from modelwright.registry.versions import Version, versions
from modelwright.workflow.decided import decided
from modelwright.workflow.history import History, fold
from modelwright.workflow.inventory import check_inventory
from modelwright.workflow.let_through import follow_up_outcome
from modelwright.workflow.ports import Ports
from modelwright.workflow.rejudging import decisions_stand

__all__ = ["Verification", "verify_project"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verification:
    """Every link of the chain and whether it holds.

    Examples:
        >>> Verification(outcome=Outcome(status=Status.UNKNOWN, what="evidence"), links=()).outcome.allows
        False
    """

    outcome: Outcome
    """All links together."""
    links: tuple[Outcome, ...]
    """The links, from the ledger to the bundles."""

    def document(self) -> Document:
        """Render the chain."""
        rows = tuple(
            (link.status.value, link.what, "; ".join(link.evidence), link.next_step) for link in self.links
        )
        blocks: tuple[Block, ...] = (
            Callout(tone=self.outcome.status.value, text=f"The evidence: {self.outcome.status.value}"),
            Table(columns=("", "link", "seen", "next"), rows=rows),
        )
        return Document(title="Verification", blocks=blocks)


def verify_project(ports: Ports, *, bundle: Path | None = None, again: bool = False) -> Verification:
    """Check ledger, contract, artifacts, snapshot and bundles against each other.

    Args:
        ports: The outside world.
        bundle: A bundle to check beside the registered ones, such as one received from elsewhere.
        again: Whether the snapshot is taken and the risks are assessed once more, and compared.

    Raises:
        UserFault: When there is no such bundle.
    """
    if bundle is not None and not bundle.is_file():
        raise UserFault(
            f"there is no bundle {bundle.name}",
            why="only what is there can be verified",
            next_step="modelwright versions names the bundles of this project",
        )
    links = list(audit(ports.ledger.links()).checks)
    try:
        entries = tuple(ports.ledger.entries())
    except IntegrityBroken as error:
        links.append(Outcome(status=Status.FAILED, what="the ledger can be read", evidence=(error.what,)))
        return Verification(outcome=overall(links, what="evidence"), links=tuple(links))
    history = fold(entries)
    links += [
        _contract(ports, history),
        _artifacts(ports, entries),
        *_snapshot(ports, history),
        *_looks(ports, history),
        *_bundles(ports, bundle),
        *decided(history, entries, versions(ports.ledger)),
        decisions_stand(entries),
        *check_inventory(ports, history),
        *(_chain(ports, history, entries, version) for version in versions(ports.ledger)),
    ]
    if again:
        from modelwright.workflow.performed_again import perform_again

        links += perform_again(ports)
    broken = follow_up_outcome(entries)
    links += [broken] if broken is not None else []
    return Verification(outcome=overall(links, what="evidence"), links=tuple(links))


def _contract(ports: Ports, history: History) -> Outcome:
    what = "the contract is the frozen one"
    if history.frozen is None:
        return Outcome(
            status=Status.UNKNOWN,
            what=what,
            evidence=("nothing is frozen yet",),
            next_step="approve the design",
        )
    expected = str(history.frozen.body["contract_digest"])
    from modelwright.contracts.reading import read_contract

    try:
        found = read_contract(ports.project.contract_file).digest
    except ModelwrightError as error:
        return Outcome(status=Status.FAILED, what=what, evidence=(error.what,), next_step=error.next_step)
    if found != expected:
        return Outcome(
            status=Status.FAILED,
            what=what,
            evidence=(f"found {short(found)}, frozen is {short(expected)}",),
            next_step="undo the edit, or record it: modelwright amend --reason ...",
        )
    late = [entry for entry in history.amendments if entry.body.get("late")]
    evidence = [f"digest {short(found)}"]
    if late:
        evidence.append(f"{len(late)} late amendments: made after training began or a look was taken")
    return Outcome(status=Status.PASSED, what=what, evidence=tuple(evidence))


def _artifacts(ports: Ports, entries: tuple[Entry, ...]) -> Outcome:
    what = "every artifact the ledger names is what was stored"
    named = {digest: (entry.kind, name) for entry in entries for name, digest in entry.artifacts.items()}
    for version in versions(ports.ledger):
        named.pop(version.bundle_digest, None)  # bundles are links of their own
    broken = []
    for digest, (kind, name) in named.items():
        try:
            ports.store.get(digest)
        except IntegrityBroken as error:
            broken.append(f"{name} of {kind}: {error.what}")
    if broken:
        return Outcome(
            status=Status.FAILED, what=what, evidence=tuple(broken), next_step="rerun the phase that made it"
        )
    return Outcome(status=Status.PASSED, what=what, evidence=(f"{len(named)} artifacts",))


def _snapshot(ports: Ports, history: History) -> Iterator[Outcome]:
    completion = history.completions.get(2)
    if completion is None or "snapshot" not in completion.outputs:
        return
    from modelwright.data.snapshot import Snapshot

    what = "the snapshot is what was taken"
    try:
        snapshot = ports.store.get_record(completion.outputs["snapshot"], Snapshot)
        for digest in (*snapshot.parts.values(), snapshot.sealed_labels):
            ports.store.get(digest)
    except IntegrityBroken as error:
        yield Outcome(status=Status.FAILED, what=what, evidence=(error.what,), next_step=error.next_step)
        return
    rows = ", ".join(f"{count:,} {part}" for part, count in snapshot.rows.items())
    yield Outcome(status=Status.PASSED, what=what, evidence=(f"{short(snapshot.digest)}: {rows} rows",))


def _looks(ports: Ports, history: History) -> Iterator[Outcome]:
    """Hold the ledger against the scorer's own book, once there are labels that could have been asked."""
    from modelwright.workflow.looking import looks_agree

    if 2 in history.completions:
        yield looks_agree(ports)


def _bundles(ports: Ports, extra: Path | None) -> Iterator[Outcome]:
    registered = versions(ports.ledger)
    known = {version.bundle_digest: version for version in registered}
    promised = [(ports.project.store / version.path, version.bundle_digest) for version in registered]
    for path, expected in (*promised, *([(extra, "")] if extra else [])):
        what = f"bundle {path.name} is what was registered"
        try:
            load(path, expected_digest=expected)
            digest = digest_of_file(path)
        except (BundleRejected, OSError) as error:
            yield Outcome(
                status=Status.FAILED,
                what=what,
                evidence=(str(error).splitlines()[0],),
                next_step="restore it from a backup, or run phase 11 again",
            )
            continue
        if digest not in known:
            yield Outcome(
                status=Status.UNKNOWN,
                what=what,
                evidence=(f"its bytes are sound, but {short(digest)} is not in this ledger",),
                next_step="verify it with the ledger of the project it came from",
            )
            continue
        version = known[digest]
        told = f"{version.name} {version.version}, contract {short(version.contract_digest)}"
        yield Outcome(status=Status.PASSED, what=what, evidence=(told,))


def _chain(ports: Ports, history: History, entries: tuple[Entry, ...], version: Version) -> Outcome:
    """Say whether a version's evidence joins, from contract and look to certificate, bundle and approval."""
    what = f"{version.version} stands on one chain of evidence"
    try:
        bundle = load(ports.project.store / version.path, expected_digest=version.bundle_digest)
    except BundleRejected as error:
        return Outcome(status=Status.FAILED, what=what, evidence=(error.what,), next_step=error.next_step)
    manifest = bundle.manifest
    gaps = [] if version.contract_digest in history.agreements else ["its contract was never frozen here"]
    if manifest.contract_digest != version.contract_digest:
        gaps.append("the bundle names another contract than the ledger")
    if version.standing == "drill":
        told = "a drill: no gate was asked"
    else:
        try:
            gaps += _judged(ports, entries, bundle, version)
        except IntegrityBroken as error:
            gaps.append(error.what)
        told = f"contract, look, report, verdict {version.verdict_status}, certificate, bundle"
    if gaps:
        return Outcome(
            status=Status.FAILED,
            what=what,
            evidence=tuple(gaps),
            next_step="do not serve it; run phase 11 again",
        )
    return Outcome(status=Status.PASSED, what=what, evidence=(told,))


def _judged(ports: Ports, entries: tuple[Entry, ...], bundle: Bundle, version: Version) -> list[str]:
    from modelwright.evaluation.report import EvaluationReport
    from modelwright.registry.certificate import Certificate

    pipeline = bundle.manifest.pipeline_digest
    reports = [
        ports.store.get_record(entry.artifacts["report"], EvaluationReport)
        for entry in entries
        if entry.kind == "look.answered"
    ]
    gaps = []
    if not any(report.pipeline_digest == pipeline for report in reports):
        gaps.append("no look at sealed labels was taken with this pipeline")
    verdict = bundle.verdict
    if verdict is None or verdict.outcome.status.value != version.verdict_status:
        gaps.append("the verdict in the bundle is not the one in the ledger")
    elif verdict.pipeline_digest != pipeline:
        gaps.append("the verdict is about another pipeline")
    if version.certificate_digest:
        certificate = ports.store.get_record(version.certificate_digest, Certificate)
        if not certificate.outcome.allows or certificate.bundle_digest != version.bundle_digest:
            gaps.append("the certificate is not a passed one of this bundle")
    elif version.standing == "champion":
        gaps.append("a champion without a certificate")
    subjects = {f"promotion:{version.version}", f"override:{version.version}"}
    given = [entry for entry in entries if entry.body.get("subject") in subjects]
    if version.standing == "champion" and not given:
        gaps.append("nobody approved its promotion")
    return gaps
