"""The last verdict of a project, for whoever has to act on it."""

from typing import TYPE_CHECKING

from modelwright.workflow.history import fold
from modelwright.workflow.ports import Ports

if TYPE_CHECKING:  # the gates are loaded only when there is a verdict to read
    from modelwright.gates.verdict import Verdict

__all__ = ["last_verdict"]

JUDGED = 11
"""The phase that leaves a verdict."""


def last_verdict(ports: Ports) -> "Verdict | None":
    """Return the verdict of the last evaluation; None while there is none.

    Raises:
        IntegrityBroken: When the stored verdict was changed.
    """
    completion = fold(ports.ledger.entries()).completions.get(JUDGED)
    if completion is None:
        return None
    from modelwright.gates.verdict import Verdict

    return ports.store.get_record(completion.outputs["verdict"], Verdict)
