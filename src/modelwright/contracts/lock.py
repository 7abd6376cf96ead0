"""The lock: the contract a design was approved under, demanded again at every later joint."""

from dataclasses import dataclass
from datetime import datetime

from modelwright.contracts.contract import Contract
from modelwright.kernel.digest import digest_of_bytes, short
from modelwright.kernel.errors import ContractChanged
from modelwright.kernel.outcome import Outcome, Status

__all__ = ["Lock", "check_lock", "demand_lock", "lock_contract"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """The frozen contract, by digest.

    Examples:
        >>> from datetime import UTC
        >>> Lock(contract_digest="sha256:" + "0" * 64, file_digest="", at=datetime(2026, 1, 1, tzinfo=UTC)).by
        ''
    """

    contract_digest: str
    """Digest of what the contract says; comments and layout do not count."""
    file_digest: str
    """Digest of the file's bytes at that moment."""
    at: datetime
    """When it was frozen, UTC."""
    by: str = ""
    """Who froze it, in one line."""


def lock_contract(contract: Contract, *, file: bytes, at: datetime, by: str) -> Lock:
    """Freeze a contract as it stands.

    Args:
        contract: The contract as it was read.
        file: The bytes it was read from.
        at: The moment.
        by: Who freezes it.

    Examples:
        >>> from datetime import UTC
        >>> from modelwright.contracts.reading import parse_contract
        >>> text = '''
        ... name: calls
        ... decision: {goal: Call likely clients first, owner: lead, action: order of calls,
        ...            success_metric: {name: sales per call}}
        ... prediction: {task: binary, target: sold, positive: "yes"}
        ... data: {sources: [{path: calls.csv}],
        ...        columns: {sold: {type: category, role: target}, age: {type: number}}}
        ... evaluation: {primary: roc_auc}
        ... gates: {lines: [roc_auc >= 0.7]}
        ... '''
        >>> contract = parse_contract(text)
        >>> moment = datetime(2026, 1, 1, tzinfo=UTC)
        >>> lock = lock_contract(contract, file=text.encode(), at=moment, by="person lead")
        >>> check_lock(lock, contract.digest).status.value
        'passed'
    """
    return Lock(contract_digest=contract.digest, file_digest=digest_of_bytes(file), at=at, by=by)


def check_lock(lock: Lock | None, digest: str) -> Outcome:
    """Say whether a contract digest is the frozen one; without a lock that is unknown.

    Examples:
        >>> check_lock(None, "sha256:" + "0" * 64).status.value
        'unknown'
    """
    what = "the contract is the one that was frozen"
    if lock is None:
        return Outcome(
            status=Status.UNKNOWN,
            what=what,
            evidence=("no contract has been frozen",),
            next_step="approve the design (phase 6); that freezes the contract",
        )
    if digest == lock.contract_digest:
        return Outcome(status=Status.PASSED, what=what, evidence=(f"digest {short(digest)}",))
    return Outcome(
        status=Status.FAILED,
        what=what,
        evidence=(
            f"it is {short(digest)}, frozen was {short(lock.contract_digest)} at {lock.at.isoformat()}",
        ),
        next_step="take the edit back, or record it as an amendment with a reason: `modelwright amend`",
    )


def demand_lock(lock: Lock | None, digest: str) -> None:
    """Refuse to go on under a contract that is not the frozen one.

    Raises:
        ContractChanged: When it was edited since, or was never frozen; the message says what to do.

    Examples:
        >>> demand_lock(None, "sha256:" + "0" * 64)
        Traceback (most recent call last):
        modelwright.kernel.errors.ContractChanged: no contract has been frozen...
    """
    outcome = check_lock(lock, digest)
    if not outcome.allows:
        raise ContractChanged(
            outcome.evidence[0],
            why="what was approved would not be what is carried out",
            next_step=outcome.next_step,
        )
