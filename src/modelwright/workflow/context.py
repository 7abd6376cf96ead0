"""What a phase is given to work with: ports, contract, earlier outputs and answers."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from modelwright.kernel.errors import OurFault
from modelwright.workflow.history import History
from modelwright.workflow.ports import Ports
from modelwright.workflow.survey import choices_of

if TYPE_CHECKING:  # named here, loaded by whoever made them
    from modelwright.contracts.capsule import Capsule
    from modelwright.contracts.contract import Contract

__all__ = ["Outputs", "PhaseContext"]

T = TypeVar("T")

Outputs = Mapping[str, object]
"""What a phase returns: frozen records by name; the engine stores them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhaseContext:
    """The desk a phase works at.

    Examples:
        >>> "contract" in PhaseContext.__slots__
        True
    """

    ports: Ports
    """The outside world."""
    contract: "Contract"
    """What was agreed."""
    contract_digest: str
    """Its digest."""
    history: History
    """What happened before."""
    capsule: "Capsule | None" = None
    """Pre-filled goal, constraints, key files and risks, when a capsule was named."""
    request: str = ""
    """The task in the user's own words, when given."""

    def digest(self, phase: int, name: str) -> str:
        """Return the artifact digest of an earlier phase's output.

        Raises:
            OurFault: When the phase did not leave such an output; the order of phases rules that out.
        """
        completion = self.history.completions.get(phase)
        if completion is None or name not in completion.outputs:
            raise OurFault(f"phase {phase} left no output named '{name}'")
        return completion.outputs[name]

    def output(self, phase: int, name: str, kind: type[T]) -> T:
        """Return an earlier phase's output as a record."""
        return self.ports.store.get_record(self.digest(phase, name), kind)

    def choices(self, phase: int) -> Mapping[str, str]:
        """Return what the person chose after a phase; empty when nothing was asked or chosen."""
        return choices_of(self.history, phase)
