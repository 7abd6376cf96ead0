"""Performed again: phases without people and chance, done once more and held against the record."""

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path

from modelwright.kernel.digest import digest_of_bytes, short
from modelwright.kernel.errors import ModelwrightError
from modelwright.kernel.outcome import Outcome, Status
from modelwright.ledger.artifacts import ArtifactStore
from modelwright.ledger.codec import encode
from modelwright.workflow.agreement import read_agreement
from modelwright.workflow.context import PhaseContext
from modelwright.workflow.engine import HANDLERS, look
from modelwright.workflow.ports import Ports
from modelwright.workflow.survey import PhaseState

__all__ = ["AGAIN", "perform_again"]

AGAIN = {2: "snapshot", 3: "risks"}
"""The phases, and the output of each that everything later stands on."""


def perform_again(ports: Ports) -> Iterator[Outcome]:
    """Take the snapshot and assess the risks again, and say whether the record tells the same.

    An entry that claims a phase was done can be written by whoever can write the ledger; what the phase
    really finds cannot. Nothing is stored.

    Args:
        ports: The outside world.
    """
    now = look(ports)
    for number, name in AGAIN.items():
        what = f"phase {number} done again finds the same {name}"
        status, completion = now.survey.of(number), now.history.completions.get(number)
        if completion is None or status.state not in {PhaseState.DONE, PhaseState.WAITING}:
            yield Outcome(
                status=Status.UNKNOWN,
                what=what,
                evidence=(f"phase {number} is {status.state.value}",),
                next_step="modelwright run",
            )
            continue
        with tempfile.TemporaryDirectory() as folder:
            try:
                found = _found(ports, number, name, Path(folder))
            except ModelwrightError as error:
                yield Outcome(
                    status=Status.FAILED, what=what, evidence=(error.what,), next_step=error.next_step
                )
                continue
        expected = completion.outputs.get(name, "")
        same = found == expected
        yield Outcome(
            status=Status.PASSED if same else Status.FAILED,
            what=what,
            evidence=(short(found),)
            if same
            else (f"found {short(found)}, the record says {short(expected) if expected else 'nothing'}",),
            next_step=""
            if same
            else "modelwright ledger show names who wrote the entry; run the phase again",
        )


def _found(ports: Ports, number: int, name: str, folder: Path) -> str:
    """Perform a phase with a store of its own where it writes, and return the digest of what it found."""
    now = look(ports)
    agreement = read_agreement(ports, now.history)
    own = replace(ports, store=ArtifactStore(folder)) if name == "snapshot" else ports
    outputs = import_module(f"modelwright.workflow.{HANDLERS[number]}").perform(
        PhaseContext(
            ports=own, contract=agreement.contract, contract_digest=agreement.digest, history=now.history
        )
    )
    return digest_of_bytes(encode(outputs[name]))
