"""Soundness: what is promoted is what was registered, judged and packed; no person can say otherwise."""

from typing import TYPE_CHECKING

from modelwright.kernel.errors import Fault, IntegrityBroken
from modelwright.workflow.ports import Ports

if TYPE_CHECKING:  # the registry is loaded by the call that needs it
    from modelwright.registry.bundle import Bundle
    from modelwright.registry.version import Version

__all__ = ["demand_sound"]


def demand_sound(ports: Ports, version: "Version") -> "Bundle":
    """Open a version's bundle and refuse it unless it says the same as the ledger.

    Args:
        ports: The outside world.
        version: The version.

    Raises:
        BundleRejected: When its bytes are not those that were registered.
        IntegrityBroken: When it says something else than the ledger.
    """
    from modelwright.registry.bundle import load

    bundle = load(ports.project.store / version.path, expected_digest=version.bundle_digest)
    manifest = bundle.manifest
    pairs = [
        ("version", manifest.version, version.version),
        ("contract", manifest.contract_digest, version.contract_digest),
        ("run", manifest.run_id, version.run_id),
        ("verdict", manifest.verdict_status, version.verdict_status),
    ]
    faults = [
        Fault(what, f"the bundle says {found}", next_step=f"the ledger {said}")
        for what, found, said in pairs
        if found != said
    ]
    if faults:
        raise IntegrityBroken(
            f"the bundle of {version.version} and the ledger do not say the same",
            why="a version stands on one chain of evidence",
            next_step="modelwright verify names what was changed",
            faults=faults,
        )
    return bundle
