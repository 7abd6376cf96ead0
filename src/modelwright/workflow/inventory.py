"""Inventory: what lies in the project's folder, held against what the ledger says should lie there."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from modelwright.kernel.digest import digest_of_file
from modelwright.kernel.errors import IntegrityBroken, ModelwrightError
from modelwright.kernel.outcome import Outcome, Status
from modelwright.registry.versions import champion, read_roster, versions
from modelwright.rollout.state import read_state
from modelwright.serving.router import read_routing
from modelwright.workflow.history import History
from modelwright.workflow.pages import write_pages
from modelwright.workflow.places import places_of
from modelwright.workflow.ports import Ports
from modelwright.workflow.project import Project

__all__ = ["check_inventory"]

PARTIAL = ".part"
"""How the name of a file ends that was being written; a kill leaves it, and nobody reads it."""

MOST_TOLD = 20
"""Files that are named; the rest is counted."""


def check_inventory(ports: Ports, history: History) -> tuple[Outcome, ...]:
    """Check the store, the sources, the pages, and what a server would follow.

    Args:
        ports: The outside world.
        history: What the ledger tells.
    """
    store = _store(ports)
    pages = (_pages(ports, history),) if store.allows else ()  # what they would be drawn from is broken
    return (store, *_sources(ports, history), *pages, *_serving(ports))


def _told(what: str, flaws: list[str], *, seen: str, next_step: str) -> Outcome:
    rest = [f"and {len(flaws) - MOST_TOLD} more"] if len(flaws) > MOST_TOLD else []
    if flaws:
        told = (*flaws[:MOST_TOLD], *rest)
        return Outcome(status=Status.FAILED, what=what, evidence=told, next_step=next_step)
    return Outcome(status=Status.PASSED, what=what, evidence=(seen,))


def _store(ports: Ports) -> Outcome:
    """Hash every file of the store: records name files in their turn, which no ledger entry does."""
    flaws, count = [], 0
    root = ports.store.root
    for path in sorted(root.rglob("*")) if root.is_dir() else ():
        if path.is_dir() and not path.is_symlink():
            continue
        if path.name.endswith(PARTIAL):
            continue
        count += 1
        place = path.relative_to(root).as_posix()
        if path.is_symlink():
            flaws.append(f"{place} is a link")
        elif digest_of_file(path) != f"sha256:{path.name}":
            flaws.append(f"{place} is not what was stored under that name")
    return _told(
        "every file of the store has the digest it is named by",
        flaws,
        seen=f"{count} files",
        next_step="remove the files named and run the phase that made them again, or restore a backup",
    )


def _sources(ports: Ports, history: History) -> Iterator[Outcome]:
    """Hash the sources afresh: that a phase is up to date is told from digests that are remembered."""
    listed = history.contract.body.get("sources") if history.contract is not None else None
    places = [ports.project.root / str(path) for path in listed] if isinstance(listed, list | tuple) else []
    there = [path for path in places if path.is_file()]
    if there:
        flaws = [
            f"{path.name} is remembered with another digest than its bytes have"
            for path in there
            if ports.project.file_digest(path) != digest_of_file(path)
        ]
        yield _told(
            "the sources are what they are remembered as",
            flaws,
            seen=f"{len(there)} files",
            next_step="remove .modelwright/cache; modelwright status then tells what is out of date",
        )


def _pages(ports: Ports, history: History) -> Outcome:
    """Draw every page again that says it was drawn from the present evidence, and compare."""
    flaws, count = [], 0
    with tempfile.TemporaryDirectory() as folder:
        try:
            drawn = write_pages(replace(ports, project=Project(root=Path(folder))), history)
        except IntegrityBroken as error:  # a record is missing, or is of another kind
            drawn, flaws = (), [error.what]
        for fresh in drawn:
            kept = ports.project.reports / fresh.name
            if not kept.is_file() or _stamp(kept) != _stamp(fresh):
                continue  # missing, or of other evidence: drawn again when somebody asks for it
            count += 1
            for name in (fresh.name, fresh.with_suffix(".md").name):
                other = kept.with_name(name)
                if not other.is_file() or other.read_bytes() != fresh.with_name(name).read_bytes():
                    flaws.append(f"{name} is not what its evidence draws")
    return _told(
        "pages show what was found",
        flaws,
        seen=f"{count} pages",
        next_step="remove the pages named; modelwright report PHASE draws them again",
    )


def _stamp(page: Path) -> bytes:
    """Return the last line of a page, which says what it was drawn from."""
    return page.read_bytes().rstrip(b"\n").rpartition(b"\n")[2]


def _serving(ports: Ports) -> Iterator[Outcome]:
    """Hold what a server follows against the ledger, where there has been one."""
    places = places_of(ports)
    flaws: list[str] = []
    if places.roster.exists():
        flaws += _listed(ports, places.roster)
    if places.routing.exists():
        flaws += _routed(ports, places.routing)
    if places.roster.exists() or places.routing.exists():
        yield _told(
            "a server would follow the ledger",
            flaws,
            seen="roster and routing agree with it",
            next_step="stop the server and start it again: modelwright serve writes both from the ledger",
        )


def _listed(ports: Ports, path: Path) -> Iterator[str]:
    """Compare the versions a server knows; one that was registered since it was told is not missed."""
    try:
        listed = read_roster(path)
    except ModelwrightError as error:
        yield f"{path.name}: {error.what}"
        return
    known = {version.version: version for version in versions(ports.ledger)}
    for version in listed:
        found = known.get(version.version)
        if found is None or version not in {found, replace(found, certificate_digest="")}:
            yield f"{path.name} says another thing of {version.version} than the ledger"


def _routed(ports: Ports, path: Path) -> Iterator[str]:
    try:
        routing = read_routing(path)
    except ModelwrightError as error:
        yield f"{path.name}: {error.what}"
        return
    standing, state = champion(ports.ledger), read_state(ports.ledger)
    if standing is None or routing.champion != standing.version:
        known = "none" if standing is None else standing.version
        yield f"{path.name} sends traffic to {routing.champion}, and the champion is {known}"
    trial = state.challenger if state is not None and state.active else None
    if routing.challenger != trial and routing.challenger is not None:
        yield f"{path.name} gives {routing.share:.0%} to {routing.challenger}, which is in no rollout"
    elif state is not None and state.active and trial is not None and routing.share > state.share:
        yield f"{path.name} gives {routing.share:.0%} to {trial}, and its step allows {state.share:.0%}"
