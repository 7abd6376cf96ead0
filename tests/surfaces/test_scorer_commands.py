"""The scorer as a command: it serves until it is stopped, and a project seals its labels for it."""

import json
import os
import shutil
import signal
import subprocess
import sys
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pytest
from tests.workflow.projects import drafted, service_in

from modelwright.data.snapshot import ROW_ID, Snapshot, part
from modelwright.evaluation.scorer import ScoreRequest
from modelwright.kernel.errors import ExitCode
from modelwright.settings import read_settings
from modelwright.surfaces.cli.main import main
from modelwright.training.pipeline import DecisionRule
from modelwright.wiring import build_service
from modelwright.workflow.history import fold
from modelwright.workflow.looking import ask_sealed, looks_agree

TOKEN = "fedcba9876543210"


@contextmanager
def serving(home, *options):
    """The command in a process of its own, on a free port of this machine; what it said first."""
    program = shutil.which("modelwright", path=Path(sys.executable).parent)
    command = [program, "scorer", "serve", "--home", str(home), "--port", "0", "--json", *options]
    environment = {**os.environ, "MODELWRIGHT_SCORER_TOKEN": TOKEN, "HOME": str(home.parent)}
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment
    ) as process:
        try:
            yield json.loads(b"".join(iter(process.stdout.readline, b"}\n")) + b"}"), process
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


def project_at(root, url):
    """The project, with the scorer elsewhere."""
    settings = read_settings(
        {
            "MODELWRIGHT_HOME": str(root.parent / "home"),
            "MODELWRIGHT_SCORER": url,
            "MODELWRIGHT_SCORER_TOKEN": TOKEN,
            "MODELWRIGHT_THREADS": "1",
            "HOME": str(root.parent),
        }
    )
    return build_service(root, settings, actor=service_in(root).ports.actor)


def test_a_project_seals_for_a_scorer_elsewhere_and_asks_it(tmp_path):
    """The key never comes here; the look stands in both books; Ctrl-C ends the scorer in order."""
    root = tmp_path / "calls"
    drafted(root)
    with serving(tmp_path / "scorer") as (said, process):
        service = project_at(root, said["url"])
        while 2 not in fold(service.entries()).completions:
            result = service.run(until=2)
            if result.ended == "waiting":
                service.approve(result.phase, reason="as drafted")
        completion = fold(service.entries()).completions[2]
        snapshot = service.ports.store.get_record(completion.outputs["snapshot"], Snapshot)
        assert snapshot.seal_id == said["seal_id"]
        ids = part(snapshot, "test", store=service.ports.store)[ROW_ID].to_numpy()
        request = ScoreRequest(
            snapshot=snapshot, contract=service.check().contract, run_id="r", pipeline_digest="sha256:m",
            row_ids=ids, scores=np.tile([0.6, 0.4], (len(ids), 1)), others={}, other_rules={}, seed=1,
            rule=DecisionRule(threshold=0.5), purpose="to know",
        )  # fmt: skip
        assert ask_sealed(service.ports, request).rows == len(ids)
        assert "never frozen" in looks_agree(service.ports).evidence[0]
        assert len(service.ports.scorer().booked(snapshot.seal_id)) == 1
    assert process.returncode == 0
    assert (tmp_path / "scorer" / "scorer.key").stat().st_mode & 0o077 == 0
    assert not list((tmp_path / "home").glob("scorer*"))


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--token-file", "nothing"], "cannot be read"),
        (["--host", "192.0.2.1"], "without a certificate"),
        (["--cert", "nothing.pem", "--key", "nothing.key"], "certificate cannot be used"),
    ],
)
def test_a_scorer_that_may_not_serve_says_why(tmp_path, monkeypatch, capsys, options, told):
    """No token, other machines without a certificate, a certificate that is none."""
    monkeypatch.setenv("MODELWRIGHT_SCORER_TOKEN", TOKEN)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("MODELWRIGHT_HOME", str(tmp_path))
    code = main(["scorer", "serve", "--home", str(tmp_path / "home"), "--port", "0", *options])
    assert code == ExitCode.USER_FAULT
    assert told in capsys.readouterr().err


def test_a_scorer_without_a_token_does_not_start(tmp_path, monkeypatch, capsys):
    """It would answer anybody."""
    monkeypatch.delenv("MODELWRIGHT_SCORER_TOKEN", raising=False)
    monkeypatch.setenv("MODELWRIGHT_HOME", str(tmp_path))
    assert main(["scorer", "serve", "--home", str(tmp_path / "home")]) == ExitCode.USER_FAULT
    assert "token cannot be used" in capsys.readouterr().err
