"""The contract as the workflow sees it: read, recorded, frozen, amended, and demanded again."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from modelwright.authority.answer import Approval
from modelwright.authority.approval import authorise
from modelwright.kernel.digest import Json, digest_of_bytes, short
from modelwright.kernel.errors import ContractChanged, UserFault
from modelwright.workflow.agreed import AMENDMENT
from modelwright.workflow.emptied import demand_begun
from modelwright.workflow.history import History, fold
from modelwright.workflow.ports import Ports
from modelwright.workflow.signing import Decision, decide, deciding

if TYPE_CHECKING:  # the contract's models are loaded only where the contract is really read
    from modelwright.contracts.contract import Contract

__all__ = ["Agreement", "amend", "demand_frozen", "digest_now", "freeze", "read_agreement"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Agreement:
    """The contract as it is now, with its digest.

    Examples:
        >>> Agreement.__slots__
        ('contract', 'digest')
    """

    contract: "Contract"
    """What was agreed."""
    digest: str
    """Digest over its meaning, not over its layout."""


def digest_now(ports: Ports, history: History) -> str:
    """Return the digest of the contract as it lies on disk; parse it only when the file has changed.

    Raises:
        ContractInvalid: When the file was changed into something that is not a contract.
    """
    ports.project.require()
    file_digest = digest_of_bytes(ports.project.contract_file.read_bytes())
    for known in (history.contract, history.started):
        if known is not None and known.body.get("file_digest") == file_digest:
            return str(known.body["contract_digest"])
    from modelwright.contracts.reading import read_contract

    return read_contract(ports.project.contract_file).digest


def read_agreement(ports: Ports, history: History) -> Agreement:
    """Read the contract and record that it was read when it is new.

    Raises:
        ContractInvalid: With all faults of the file.
        ContractChanged: When the contract is frozen and says something else now.
    """
    from modelwright.contracts.reading import read_contract

    ports.project.require()
    if not history.length:
        demand_begun(ports)
    contract = read_contract(ports.project.contract_file)
    digest = contract.digest
    demand_frozen(history, digest)
    file_digest = digest_of_bytes(ports.project.contract_file.read_bytes())
    read: dict[str, Json] = {
        "file_digest": file_digest,
        "contract_digest": digest,
        "name": contract.name,
        "mode": contract.mode,
        "sources": [source.path for source in contract.data.sources if not source.remote],
    }
    known = history.contract
    if (
        known is None or dict(known.body) != read
    ):  # an entry that says something else of this file is put right
        artifact = ports.store.put_record(contract.model_dump(mode="json"))
        ports.ledger.append("contract.read", read, actor=ports.actor, artifacts={"contract": artifact})
    return Agreement(contract=contract, digest=digest)


def demand_frozen(history: History, digest: str) -> None:
    """Refuse a contract that differs from the frozen one.

    Raises:
        ContractChanged: When a freezing is in force and the digests differ.
    """
    if history.frozen is None or history.frozen.body["contract_digest"] == digest:
        return
    raise ContractChanged(
        "the contract was edited after it was frozen with the approved design",
        why="gates and splits that move after training began prove nothing",
        next_step='record the change: modelwright amend --reason "...", or undo the edit',
        found=short(digest),
        expected=short(str(history.frozen.body["contract_digest"])),
    )


def freeze(ports: Ports, history: History, agreement: Agreement) -> None:
    """Freeze the contract with the approved design; every joint demands this digest from here on.

    Freezing what is frozen already changes nothing; an amended contract is frozen anew with its own design.
    """
    held = history.frozen
    if (
        held is not None
        and held.kind == "contract.frozen"
        and held.body["contract_digest"] == agreement.digest
    ):
        return
    artifact = ports.store.put_record(agreement.contract.model_dump(mode="json"))
    ports.ledger.append(
        "contract.frozen",
        {"contract_digest": agreement.digest, "gates": list(agreement.contract.gates.lines)},
        actor=ports.actor,
        artifacts={"contract": artifact},
    )


def amend(ports: Ports, *, reason: str) -> tuple[str, ...]:
    """Record a change of a frozen contract, dated, reasoned and signed, and return what changed.

    Everything that depended on the old contract becomes stale, and from here on exactly the amended contract
    is demanded: each further edit needs an amendment of its own. An amendment after training began or after
    a look at the sealed labels is marked late, for ever. It is under the policy of the contract it changes.

    Raises:
        ApprovalRefused: When this actor may not amend.
        UserFault: When nothing is frozen, nothing changed, or no reason is given.
    """
    if not reason.strip():
        raise UserFault(
            "an amendment needs a reason",
            why="whoever reads the ledger later has to understand it",
            next_step='say why: modelwright amend --reason "..."',
        )
    entry = decide(ports, lambda _: _amendment(ports, fold(ports.ledger.entries()), reason=reason))
    changes = entry.body["changes"]
    return tuple(str(line) for line in changes) if isinstance(changes, list | tuple) else ()


def _amendment(ports: Ports, history: History, *, reason: str) -> Decision:
    from modelwright.contracts.amendment import differences
    from modelwright.contracts.contract import Contract
    from modelwright.contracts.reading import read_contract

    if history.frozen is None:
        authorise(ports.actor, AMENDMENT, reason=reason, policy=history.policy, author=None)
        raise UserFault(
            "the contract is not frozen, so there is nothing to amend",
            next_step="edit contract.yaml freely until the design is approved after phase 6",
        )
    held = str(history.frozen.body["contract_digest"])
    policy = history.policy_of(held)
    actor, identity = deciding(
        ports, AMENDMENT, reason=reason, policy=policy, trust=history.trust, author=history.author
    )
    before = Contract.model_validate_json(ports.store.get(history.frozen.artifacts["contract"]))
    after = read_contract(ports.project.contract_file)
    changes = differences(before, after)
    if not changes:
        raise UserFault("the contract says the same as the frozen one", next_step="edit contract.yaml first")
    approval = Approval(
        subject=AMENDMENT,
        decision="approve",
        artifacts={"before": held, "after": after.digest},
        contract_digest=after.digest,
        reason=reason,
        actor=actor,
    )
    late = 8 in history.completions or bool(history.trainings) or bool(history.looks)
    return Decision(
        record=approval,
        identity=identity,
        purpose="amend the frozen contract",
        kind="contract.amended",
        facts={
            "contract_digest": after.digest,
            "before": held,
            "mode": after.mode,
            "reason": reason,
            "late": late,
            "changes": [f"{change.path}: {change.before} -> {change.after}" for change in changes],
        },
        artifacts={"contract": ports.store.put_record(after.model_dump(mode="json"))},
    )
