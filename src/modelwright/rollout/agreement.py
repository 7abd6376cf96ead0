"""Agreement: before anything moves, all parts of a rollout mean one contract, and people still allow it."""

from collections.abc import Callable
from datetime import datetime

from modelwright.kernel.digest import short
from modelwright.kernel.errors import ContractChanged
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.entry import Ledger
from modelwright.registry.manifest import Manifest
from modelwright.registry.version import verdict_now
from modelwright.registry.versions import version_of
from modelwright.rollout.state import RolloutState

__all__ = ["demand_agreement", "may_advance"]


def demand_agreement(
    ledger: Ledger, state: RolloutState, *, agreed: str, manifest: Callable[[str], Manifest]
) -> None:
    """Refuse to judge or move a rollout whose parts do not mean one contract.

    Args:
        ledger: Where the versions are registered.
        state: The rollout.
        agreed: Digest of the contract whose limits it is judged by.
        manifest: Gives the manifest of a version's bundle.

    Raises:
        ContractChanged: When the rollout, a version or a bundle names another contract.

    Examples:
        >>> demand_agreement.__name__
        'demand_agreement'
    """
    said = {"the rollout": state.contract_digest}
    for version in (state.champion, state.challenger):
        said[version] = version_of(ledger, version).contract_digest
        said[f"the bundle of {version}"] = manifest(version).contract_digest
    other = {name: digest for name, digest in said.items() if digest != agreed}
    if other:
        raise ContractChanged(
            f"{', '.join(other)} did not begin under the contract this rollout is judged by",
            why="limits and metrics of one contract say nothing about what was promised under another",
            next_step="modelwright rollout back --reason ..., then start again under one contract",
            found=", ".join(short(digest) or "none" for digest in other.values()),
            expected=short(agreed),
        )


def may_advance(
    ledger: Ledger,
    state: RolloutState,
    *,
    now: datetime,
    permit: Callable[[str], Outcome] | None,
) -> Outcome:
    """Say whether a challenger may receive more traffic: its verdict lets it answer, and people allow it.

    Args:
        ledger: Where the versions are registered.
        state: The rollout; a drill never completes, and needs neither.
        now: The present moment.
        permit: Says of a version whether people still allow it; None where nobody is asked.

    Examples:
        >>> may_advance.__name__
        'may_advance'
    """
    what = f"{state.challenger} may take its next step"
    if state.drill:
        return Outcome(status=Status.PASSED, what=what, evidence=("as a drill",))
    outcomes = [verdict_now(version_of(ledger, state.challenger), now=now)]
    if permit is not None:
        outcomes.append(permit(state.challenger))
    stopped = tuple(line for outcome in outcomes if not outcome.allows for line in outcome.evidence)
    passed = all(outcome.allows for outcome in outcomes)
    return Outcome(status=Status.PASSED if passed else Status.FAILED, what=what, evidence=stopped)
