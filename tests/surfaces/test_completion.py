"""Completion: scripts for three shells, and the words they complete."""

import json
import shutil
import subprocess

import pytest
from tests.surfaces.terminal import call, environment

from modelwright.kernel.errors import ExitCode
from modelwright.surfaces.cli.main import main


@pytest.mark.parametrize(
    ("shell", "words"), [("bash", "complete -o"), ("zsh", "compdef"), ("fish", "complete --")]
)
def test_each_shell_has_its_script(shell, words, capsys):
    """Also as JSON, for installers."""
    assert main(["completion", shell]) == ExitCode.OK
    script = capsys.readouterr().out
    assert words in script
    assert "_MODELWRIGHT_COMPLETE" in script
    assert main(["completion", shell, "--json"]) == ExitCode.OK
    assert json.loads(capsys.readouterr().out) == {"shell": shell, "script": script.removesuffix("\n")}


def test_a_shell_without_a_script_is_answered_with_the_nearest(capsys):
    """There are three."""
    assert main(["completion", "bsh"]) == ExitCode.USER_FAULT
    assert "did you mean 'bash'?" in capsys.readouterr().err


@pytest.mark.parametrize("shell", [name for name in ("bash", "zsh", "fish") if shutil.which(name)])
def test_the_shells_of_this_machine_read_their_script(shell, capsys, tmp_path):
    """A script that does not parse breaks the start of every shell."""
    main(["completion", shell])
    script = tmp_path / "completion"
    script.write_text(capsys.readouterr().out, encoding="utf-8")
    subprocess.run([shell, "-n", str(script)], check=True)


def test_commands_are_completed_with_their_help(tmp_path):
    """What the scripts ask the program for; a group completes its members."""
    env = environment(tmp_path, _MODELWRIGHT_COMPLETE="zsh_complete", COMP_CWORD="1")
    ran = call(cwd=tmp_path, env={**env, "COMP_WORDS": "modelwright req"})
    assert ran.returncode == ExitCode.OK
    assert "request-changes" in ran.stdout
    ran = call(cwd=tmp_path, env={**env, "COMP_WORDS": "modelwright ledger ver", "COMP_CWORD": "2"})
    assert "verify" in ran.stdout
