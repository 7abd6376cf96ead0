"""Admission: whether a version may be tried on live traffic at all."""

from modelwright.kernel.errors import Fault, PhaseLocked
from modelwright.kernel.outcome import Outcome, Status
from modelwright.registry.manifest import Manifest
from modelwright.registry.versions import Version, promotable

__all__ = ["admitted", "demand"]


def admitted(
    challenger: Version,
    champion: Version,
    *,
    manifests: tuple[Manifest, Manifest],
    contract_digest: str,
    approval: Outcome,
    drill: bool,
    override: Outcome | None = None,
) -> Outcome:
    """Say whether a challenger may receive live traffic.

    A version needs passed gates, a certificate, an approval, and the contract of the champion. A drill needs
    only the contract: it is packed as a drill, recorded as one, and never completes.

    Args:
        challenger: Who is to be tried.
        champion: Who answers now.
        manifests: The manifests of the two, in this order.
        contract_digest: The contract the rollout is judged under.
        approval: What was said about `promotion:<version>`; not asked for a drill.
        drill: Whether this is meant as a rehearsal.
        override: What was said about breaking the glass for the challenger; None when nobody did.

    Examples:
        >>> admitted.__name__
        'admitted'
    """
    what = f"{challenger.version} may receive live traffic"
    mine, other = manifests
    told: list[str] = []
    if mine.contract_digest != other.contract_digest:
        told.append(
            f"its contract {mine.contract_digest} is not the champion's {other.contract_digest}: "
            "callers would send what it does not expect"
        )
    elif mine.contract_digest != contract_digest:
        told.append(f"its contract {mine.contract_digest} is not the one in force, {contract_digest}")
    if challenger.contract_digest != mine.contract_digest:
        told.append("the contract it was registered under is not the one in its bundle")
    if challenger.version == champion.version:
        told.append("it is the champion")
    packed = mine.purpose == "drill" or challenger.standing == "drill"
    if packed != drill:
        told.append(
            "it is packed as a drill: start it as one"
            if packed
            else "only a version packed as a drill may drill"
        )
    if told:
        return Outcome(status=Status.FAILED, what=what, evidence=tuple(told))
    if drill:
        return Outcome(status=Status.PASSED, what=what, evidence=("as a drill; gates are not asked",))
    return promotable(challenger, approval=approval, override=override)


def demand(outcome: Outcome) -> None:
    """Refuse to go on unless an outcome passed.

    Raises:
        PhaseLocked: With everything that is missing.

    Examples:
        >>> demand(Outcome(status=Status.PASSED, what="v2 may receive live traffic"))
    """
    if not outcome.allows:
        raise PhaseLocked(
            f"the rollout cannot start: it is not shown that {outcome.what}",
            why="what answers people has passed its gates and was proven equal to what was trained",
            next_step=outcome.next_step or "put right what is named",
            faults=[Fault("", line) for line in outcome.evidence],
        )
