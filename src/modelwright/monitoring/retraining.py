"""Retraining: a request in the ledger, never a retraining by itself, and never a promotion."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from modelwright.authority.actor import Actor
from modelwright.kernel.digest import Json, plain
from modelwright.ledger.entry import Ledger
from modelwright.monitoring.alert import Alert

__all__ = ["KIND", "RetrainingRequest", "request_retraining"]

KIND = "retraining.requested"
"""The kind of ledger entry a request is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RetrainingRequest:
    """Somebody is asked for a candidate. It walks the same phases, gates and approvals as any other.

    Examples:
        >>> day = datetime(2026, 1, 1)
        >>> RetrainingRequest(
        ...     version="v1", contract_digest="", reasons=(), start=day, end=day, owner="lead"
        ... ).promotes
        'never'
    """

    version: str
    """The version that asks to be followed."""
    contract_digest: str
    """The contract it was judged under."""
    reasons: tuple[str, ...]
    """Why, one alert a line."""
    start: datetime
    """When the window began that gave the reasons."""
    end: datetime
    """When it ended."""
    owner: str
    """Who is asked."""
    promotes: str = "never"
    """A request promotes nothing: what it leads to passes gates and a person."""


def request_retraining(
    alerts: Sequence[Alert],
    *,
    version: str,
    contract_digest: str,
    ledger: Ledger,
    actor: Actor,
    now: datetime,
    cooldown: timedelta,
) -> RetrainingRequest | None:
    """Ask for a candidate when an alert calls for one and none was asked for lately.

    Args:
        alerts: What was found.
        version: The version that is watched.
        contract_digest: Its contract.
        ledger: Where the request is written, and where earlier ones stand.
        actor: Who asks.
        now: The present.
        cooldown: How long one request stands for all: fresh labels and a look at the cause take time.

    Returns:
        The request; None when nothing calls for one, or one stands already.

    Examples:
        >>> from modelwright.authority.actor import ActorKind
        >>> from modelwright.kernel.clock import SteppingClock
        >>> from modelwright.ledger.memory import MemoryLedger
        >>> clock = SteppingClock()
        >>> request_retraining(
        ...     (),
        ...     version="v1",
        ...     contract_digest="",
        ...     ledger=MemoryLedger(clock=clock),
        ...     actor=Actor(kind=ActorKind.SERVICE, name="monitor"),
        ...     now=clock.now(),
        ...     cooldown=timedelta(days=1),
        ... ) is None
        True
    """
    calling = [alert for alert in alerts if alert.response == "retrain"]
    if not calling:
        return None
    for entry in ledger.entries(kinds=[KIND]):
        if entry.body.get("version") == version and entry.at > now - cooldown:
            return None
    request = RetrainingRequest(
        version=version,
        contract_digest=contract_digest,
        reasons=tuple("; ".join((alert.what, *alert.evidence)) for alert in calling),
        start=calling[0].start,
        end=calling[0].end,
        owner=calling[0].owner,
    )
    body: dict[str, Json] = {name: plain(getattr(request, name)) for name in RetrainingRequest.__slots__}
    ledger.append(KIND, body, actor=actor)
    return request
