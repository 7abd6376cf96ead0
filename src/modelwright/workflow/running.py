"""Running: a run as a surface asks for it: phases, then pages, notices and the ledger's signature."""

from collections.abc import Mapping
from contextlib import suppress

from modelwright.kernel.errors import ModelwrightError
from modelwright.workflow.engine import Advance, Listener, advance
from modelwright.workflow.history import fold
from modelwright.workflow.ledger_desk import LedgerDesk
from modelwright.workflow.notifying import notify_waiting
from modelwright.workflow.pages import write_pages
from modelwright.workflow.phases import Phase
from modelwright.workflow.ports import Ports

__all__ = ["run_project"]


def _unheard(what: str, phase: Phase, outputs: Mapping[str, object]) -> None:
    del what, phase, outputs


def run_project(
    ports: Ports,
    *,
    listener: Listener | None,
    until: int,
    only: int | None,
    capsule: str | None,
    request: str,
) -> Advance:
    """Advance phase by phase, stop where a person must decide, and draw the pages of what was done.

    Args:
        ports: The outside world.
        listener: Told what happens; nobody when not given.
        until: Stop after this phase.
        only: Run this phase alone.
        capsule: The capsule to start from.
        request: The task in the user's own words.
    """
    loaded = None
    if capsule is not None:
        from modelwright.contracts.capsule import read_capsule

        loaded = read_capsule(ports.project.root, capsule)
    told = listener or _unheard
    try:
        advanced = advance(ports, told, until=until, only=only, capsule=loaded, request=request)
    except ModelwrightError:
        with suppress(ModelwrightError):  # what was done before the fault can be read, if anything can
            write_pages(ports, fold(ports.ledger.entries()))
        raise
    write_pages(ports, fold(ports.ledger.entries()))
    if advanced.ended == "waiting":
        notify_waiting(ports, advanced.phase, advanced.message)
    if advanced.ran:
        LedgerDesk(ports).sign()
    return advanced
