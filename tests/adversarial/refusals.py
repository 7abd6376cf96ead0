"""What every attack meets: a refusal that names the next allowed step, or a verification that finds it."""

import pytest

from modelwright.kernel.errors import ModelwrightError


def refused(attempt, *args, says="", kind=ModelwrightError, **named):
    """Make an attempt that has to be refused, and return what was said.

    `says` has to be in the refusal, which has to be of this `kind`; all else is handed to the attempt.
    """
    with pytest.raises(kind) as caught:
        attempt(*args, **named)
    error = caught.value
    said = str(error)
    assert says in said, said
    assert error.next_step or any(fault.next_step for fault in error.faults), f"no next step: {said}"
    return error


def found_by(outcome, *words):
    """An outcome that is not passed, tells these words, and says what to do."""
    told = "; ".join((outcome.what, *outcome.evidence))
    assert not outcome.allows, told
    for word in words:
        assert word in told, told
    assert outcome.next_step, told
    return outcome


def found_by_verify(service, *words):
    """A verification that fails, and one of whose links tells these words and says what to do."""
    record = service.verify()
    broken = [link for link in record.links if not link.allows]
    assert not record.outcome.allows
    told = ["; ".join((link.what, *link.evidence)) for link in broken]
    for word in words:
        assert any(word in line for line in told), told
    assert any(link.next_step for link in broken), told
    return broken
