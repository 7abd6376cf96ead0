"""Processes: what a shell sees: exit codes, pipes that close, start-up without heavy libraries."""

import subprocess
import sys

import pytest
from tests.surfaces.terminal import PROGRAM, call, environment

from modelwright.kernel.errors import ExitCode

HEAVY = {"lightgbm", "matplotlib", "numpy", "polars", "pydantic", "rich", "scipy", "sklearn"}


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (("status",), ExitCode.OK),
        (("run", "--phase", "7"), ExitCode.LOCKED),
        (("approve", "3", "--risk", "x"), ExitCode.USER_FAULT),
        (("nonsense",), ExitCode.USER_FAULT),
    ],
)
def test_the_exit_code_reaches_the_shell(assessed, words, code):
    """Numbers are what scripts read."""
    ran = call(*words, cwd=assessed.folder, env=assessed.env)
    assert ran.returncode == code
    assert "Traceback" not in ran.stderr


def test_an_agent_is_refused_by_name(assessed):
    """The variable that names an agent is enough."""
    ran = call("approve", "3", cwd=assessed.folder, env={**assessed.env, "MODELWRIGHT_ACTOR": "agent:x"})
    assert ran.returncode == ExitCode.LOCKED
    assert "agent x is not a person" in ran.stderr
    assert "Next: " in ran.stderr


def test_a_reader_that_goes_away_ends_it_quietly(drafted):
    """`modelwright schema | head -1` prints a line and no complaint."""
    with subprocess.Popen(
        [*PROGRAM, "schema"],
        cwd=drafted.folder,
        env=drafted.env,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        assert process.stdout.readline() == "{\n"
        process.stdout.close()
        assert process.stderr.read() == ""
        assert process.wait() == ExitCode.OK


def test_no_colours_reach_a_pipe(assessed):
    """Neither into a pipe, nor where nobody wants them."""
    assert "\x1b" not in call("status", cwd=assessed.folder, env=assessed.env).stdout


@pytest.mark.parametrize("words", [["--help"], ["status"], ["ledger", "show"], ["approve", "--help"]])
def test_reading_state_loads_no_heavy_library(assessed, words):
    """What people type most answers before they look up."""
    program = (
        "import sys\nfrom modelwright.surfaces.cli.main import main\n"
        f"main({words!r})\nprint('\\nloaded:', *sorted({HEAVY!r} & set(sys.modules)))"
    )
    ran = subprocess.run(
        [sys.executable, "-c", program],
        cwd=assessed.folder,
        env=assessed.env,
        capture_output=True,
        text=True,
        check=True,
    )
    assert ran.stdout.splitlines()[-1] == "loaded:"


def test_the_program_runs_without_a_home_of_its_own(tmp_path):
    """A first call on a new machine: no settings, no keys, no project."""
    ran = call("status", cwd=tmp_path, env=environment(tmp_path / "nobody"))
    assert ran.returncode == ExitCode.USER_FAULT
    assert "modelwright init" in ran.stderr
    assert list(tmp_path.iterdir()) == []
