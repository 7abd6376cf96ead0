"""Surroundings: variables, folders, locales and masks that would change what is true."""

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from tests.adversarial.refusals import refused
from tests.adversarial.test_holdout import question
from tests.workflow.projects import service_in

from modelwright.adapters.sealed_scorer import SealedScorer
from modelwright.kernel.errors import ExitCode, IntegrityBroken, UserFault
from modelwright.settings import read_settings

TRAPS = {
    "PYTHONPATH": "{trap}",
    "PYTHONSTARTUP": "{trap}/start.py",
    "PYTHONHOME": "{trap}",
    "PYTHONINSPECT": "1",
    "LD_PRELOAD": "{trap}/evil.so",
    "LD_LIBRARY_PATH": "{trap}",
    "DYLD_INSERT_LIBRARIES": "{trap}/evil.so",
    "BASH_ENV": "{trap}/start.sh",
    "MODELWRIGHT_HOME": "{trap}",
    "MODELWRIGHT_ACTOR": "lead",
    "http_proxy": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "SSL_CERT_FILE": "{trap}/ca.pem",
    "HOME": "{trap}",
}
"""Variables that could put other code, keys or libraries in the scorer's way."""


def command_line(root, *words, **variables):
    """The command line as a process of its own."""
    around = {
        "HOME": str(root.parent),
        "MODELWRIGHT_HOME": str(root.parent / "home"),
        "MODELWRIGHT_THREADS": "1",
        "MODELWRIGHT_ACTOR": "lead",
        "PATH": "/usr/bin:/bin",
        **{name: value for name, value in os.environ.items() if name.startswith("COVERAGE")},
        **variables,
    }
    return subprocess.run(
        [sys.executable, "-m", "modelwright.surfaces.cli.main", "-C", str(root), *words],
        env=around, cwd=root, capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False,
    )  # fmt: skip


def test_no_variable_puts_other_code_into_the_scoring_process(finished, tmp_path):
    """All traps at once: none reaches it, and it scores as if they were not there."""
    trap = tmp_path / "trap"
    (trap / "modelwright").mkdir(parents=True)
    for name in ("modelwright/__init__.py", "sitecustomize.py", "usercustomize.py", "numpy.py", "start.py"):
        (trap / name).write_text("import os\nos._exit(66)\n")
    variables = {name: value.format(trap=trap) for name, value in TRAPS.items()}
    root = finished.ports.project.root
    scorer = SealedScorer(
        home=root.parent / "home", artifacts=finished.ports.project.artifacts, variables=variables
    )
    assert not set(scorer.variables) & set(TRAPS)
    assert scorer.score(question(finished)).rows > 0


def test_another_home_has_no_key_and_gets_none(finished, tmp_path):
    """MODELWRIGHT_HOME pointed elsewhere neither opens the labels nor starts a new book of looks."""
    other = tmp_path / "other"
    scorer = SealedScorer(home=other, artifacts=finished.ports.project.artifacts, variables={})
    error = refused(scorer.score, question(finished), kind=IntegrityBroken, says="key")
    assert str(other) in error.next_step
    assert not list(other.rglob("*"))


def test_another_home_does_not_make_a_person_forget_a_signature(designed, typed, tmp_path):
    """Whether keys are known stands in the ledger, not in the folder of the one who asks."""
    from modelwright.testing.people import enrol_people

    enrol_people(designed, "lead", "second")
    code, told = typed(
        designed, "approve", "6", "--reason", "no keys here", MODELWRIGHT_HOME=str(tmp_path / "bare")
    )
    assert code == ExitCode.LOCKED
    assert "Next: modelwright identity create" in told


def test_python_without_asserts_refuses_all_the_same(designed):
    """`python -O` takes asserts out; no rule of ours is one."""
    root = designed.ports.project.root
    for level in ("1", "2"):
        ended = command_line(
            root, "approve", "6", "--reason", "fine", MODELWRIGHT_ACTOR="agent:coder", PYTHONOPTIMIZE=level
        )
        assert ended.returncode == ExitCode.LOCKED, ended.stderr
        assert "Next: " in ended.stderr
        ended = command_line(root, "run", "--phase", "9", PYTHONOPTIMIZE=level)
        assert ended.returncode == ExitCode.LOCKED


@pytest.mark.parametrize(
    "variables",
    [{"LC_ALL": "C", "LANG": "C"}, {"PYTHONHASHSEED": "1"}, {"PYTHONUTF8": "0"}, {"TZ": "Asia/Kathmandu"}],
    ids=str,
)
def test_locale_hash_seed_and_time_zone_do_not_change_what_is_true(finished, variables):
    """Digests are made of bytes: the same project verifies everywhere."""
    ended = command_line(finished.ports.project.root, "ledger", "verify", **variables)
    assert ended.returncode == ExitCode.OK, ended.stdout + ended.stderr
    ended = command_line(finished.ports.project.root, "status", "--json", **variables)
    assert ended.returncode == ExitCode.OK
    assert "stale" not in ended.stdout


def test_a_module_in_the_project_is_not_imported_by_the_command_line_s_children(finished):
    """A `modelwright` or a `numpy` that lies in the project's folder is not ours."""
    root = finished.ports.project.root
    assert finished.ports.server_program[1] in {"-P", "-I"}
    trap = root / "numpy.py"
    trap.write_text("import os\nos._exit(66)\n")
    real = service_in(root)
    here = Path.cwd()
    os.chdir(root)
    try:
        assert real.ports.scorer().score(question(real)).rows > 0
    finally:
        os.chdir(here)


def test_a_settings_file_cannot_name_another_home_or_an_unknown_thing(tmp_path):
    """What is not a setting is refused, with the nearest name."""
    (tmp_path / "settings.toml").write_text('home = "/tmp/elsewhere"\nactr = "lead"\n')
    error = refused(read_settings, {"MODELWRIGHT_HOME": str(tmp_path), "HOME": "/nowhere"}, kind=UserFault)
    assert "actor" in str(error)


def test_a_settings_file_does_not_turn_an_agent_into_a_person(tmp_path):
    """The environment wins over the file: an agent that was started as one stays one."""
    (tmp_path / "settings.toml").write_text('actor = "lead"\n')
    said = {"MODELWRIGHT_HOME": str(tmp_path), "MODELWRIGHT_ACTOR": "agent:coder", "HOME": "/nowhere"}
    assert read_settings(said).actor.kind.value == "agent"


def test_a_server_is_not_opened_to_others_without_a_token(finished):
    """Whatever address is asked for; a token of five letters is none."""
    everywhere = "0.0.0.0"  # noqa: S104 - what must not be bound
    for host in (everywhere, "::", "192.168.0.7"):
        error = refused(finished.serve_plan, host=host)
        assert "MODELWRIGHT_TOKEN" in error.next_step
    weak = replace(finished, ports=replace(finished.ports, token="short"))
    error = refused(lambda: weak.serve_plan(host=everywhere).run())
    assert "16" in str(error)
