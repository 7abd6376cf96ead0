"""The state of a rollout, read out of the ledger; nothing else remembers it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from modelwright.kernel.digest import Json
from modelwright.ledger.entry import Entry, Ledger
from modelwright.serving.router import Routing

__all__ = ["KINDS", "RolloutState", "read_state"]

KINDS = (
    "rollout.started",
    "rollout.advanced",
    "rollout.held",
    "rollout.rolled_back",
    "rollout.completed",
)
"""The kinds of ledger entry a rollout writes."""

Phase = Literal["active", "rolled back", "completed"]


@dataclass(frozen=True, slots=True, kw_only=True)
class RolloutState:
    """Where the last rollout stands.

    Examples:
        >>> from datetime import UTC
        >>> began = datetime(2026, 1, 1, tzinfo=UTC)
        >>> state = RolloutState(
        ...     rollout="r1",
        ...     champion="v1",
        ...     challenger="v2",
        ...     drill=False,
        ...     step=0,
        ...     share=0.1,
        ...     started=began,
        ...     steps=(began,),
        ... )
        >>> state.routing.share
        0.1
    """

    rollout: str
    """Its name; also the salt of its routing."""
    champion: str
    """Who answered before."""
    challenger: str
    """Who is on trial."""
    drill: bool
    """Whether it is a rehearsal, which never completes."""
    step: int
    """The step, from 0."""
    share: float
    """Share of the traffic the challenger receives at this step."""
    started: datetime
    """When it began."""
    steps: tuple[datetime, ...]
    """When each step began, up to the present one."""
    phase: Phase = "active"
    """Whether it goes on, and how it ended."""
    held: str = ""
    """The last reason to hold at this step that was written down."""
    labels: Literal["required", "not expected"] = "required"
    """Whether labels are waited for."""
    time_scale: float = 1.0
    """What durations are multiplied with."""
    contract_digest: str = ""
    """The contract it was started under."""

    @property
    def active(self) -> bool:
        """Whether it goes on."""
        return self.phase == "active"

    def body(self) -> dict[str, Json]:
        """Return what names the rollout in every entry of the ledger."""
        return {
            "rollout": self.rollout,
            "champion": self.champion,
            "challenger": self.challenger,
            "drill": self.drill,
        }

    @property
    def routing(self) -> Routing:
        """What the routing file must say."""
        if self.phase == "active":
            return Routing(
                champion=self.champion,
                challenger=self.challenger,
                share=self.share,
                step=self.step + 1,
                drill=self.drill,
                salt=self.rollout,
            )
        # The salt says which rollout wrote it, so that one that was cut short can be told from none at all.
        winner = self.challenger if self.phase == "completed" else self.champion
        return Routing(champion=winner, salt=self.rollout)


def _started(entry: Entry) -> RolloutState:
    body = entry.body
    return RolloutState(
        rollout=str(body.get("rollout", "")),
        champion=str(body.get("champion", "")),
        challenger=str(body.get("challenger", "")),
        drill=body.get("drill") is True,
        step=0,
        share=_number(body.get("share"), 0.0),
        started=entry.at,
        steps=(entry.at,),
        labels="not expected" if body.get("labels") == "not expected" else "required",
        time_scale=_number(body.get("time_scale"), 1.0),
        contract_digest=str(body.get("contract", "")),
    )


def _number(value: object, default: float) -> float:
    return float(value) if isinstance(value, int | float) else default


def read_state(ledger: Ledger) -> RolloutState | None:
    """Return where the last rollout stands; None when there never was one.

    Examples:
        >>> from modelwright.kernel.clock import SteppingClock
        >>> from modelwright.ledger.memory import MemoryLedger
        >>> read_state(MemoryLedger(clock=SteppingClock())) is None
        True
    """
    state: RolloutState | None = None
    for entry in ledger.entries(kinds=KINDS):
        if entry.kind == "rollout.started":
            state = _started(entry)
            continue
        if state is None or entry.body.get("rollout") != state.rollout:
            continue
        match entry.kind:
            case "rollout.advanced":
                state = replace(
                    state,
                    step=int(_number(entry.body.get("step"), state.step + 1)),
                    share=_number(entry.body.get("share"), state.share),
                    steps=(*state.steps, entry.at),
                    held="",
                )
            case "rollout.held":
                state = replace(state, held=str(entry.body.get("reason", "")))
            case "rollout.rolled_back":
                state = replace(state, phase="rolled back")
            case _:
                state = replace(state, phase="completed")
    return state
