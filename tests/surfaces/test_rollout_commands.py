"""Rollout: the commands that start, watch, rehearse and take back."""

import json

from modelwright.kernel.errors import ExitCode


def test_without_a_rollout_there_is_nothing_to_show(drafted):
    """Said in words, and as null to programs."""
    code, out, _ = drafted("rollout", "status")
    assert (code, out) == (ExitCode.OK, "No rollout has been started.\n")
    assert json.loads(drafted("rollout", "status", "--json")[1]) is None


def test_a_version_that_does_not_exist_cannot_be_rolled_out(drafted):
    """Nor can one be watched or gone back to."""
    commands = (("start", "v9"), ("drill",), ("watch",), ("back", "--reason", "it was better before"))
    for words in commands:
        code, out, err = drafted("rollout", *words)
        assert code in {ExitCode.USER_FAULT, ExitCode.LOCKED}, words
        assert out == ""
        assert "Next: " in err
