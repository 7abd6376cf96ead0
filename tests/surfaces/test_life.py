"""The whole life through the command line: from the approved design to a served, scored, watched champion."""

import http.client
import json
import shutil
import signal
import socket
import subprocess
import time

import pytest
from tests.surfaces.conftest import type_all
from tests.surfaces.terminal import PATIENCE, PROGRAM, Terminal

from modelwright.kernel.errors import ExitCode


@pytest.fixture(scope="session")
def reviewed_once(tmp_path_factory, home, assessed_once):
    """A project that waits for the answer to its review."""
    folder = tmp_path_factory.mktemp("reviewed")
    shutil.copytree(assessed_once, folder, dirs_exist_ok=True)
    answers = (("3",), ("4", "--choose", "baseline"), ("5",), ("6",))
    words = [step for answer in answers for step in (("approve", *answer), ("run", "--quiet"))]
    assert type_all(folder, home, *words) == [0, 5] * 4
    return folder


@pytest.fixture(scope="session")
def judged_once(tmp_path_factory, home, reviewed_once):
    """A project whose twelve phases are done."""
    folder = tmp_path_factory.mktemp("judged")
    shutil.copytree(reviewed_once, folder, dirs_exist_ok=True)
    assert type_all(folder, home, ("approve", "10", "--fix", "none"), ("run", "--quiet")) == [0, 0]
    return folder


@pytest.fixture
def reviewed(desk, reviewed_once):
    """A copy of the project that waits for the answer to its review."""
    shutil.copytree(reviewed_once, desk.folder, dirs_exist_ok=True)
    return desk


@pytest.fixture
def judged(desk, judged_once):
    """A copy of the project whose twelve phases are done."""
    shutil.copytree(judged_once, desk.folder, dirs_exist_ok=True)
    return desk


@pytest.fixture
def champion(judged):
    """A copy of it with a champion."""
    assert judged("promote", "v1", "--reason", "gates and certificate passed")[0] == ExitCode.OK
    return judged


def test_the_review_asks_what_to_fix(reviewed):
    """As a command with what is proposed, and on a terminal as a choice that may be put off."""
    code, out, _ = reviewed("run")
    assert code == ExitCode.WAITING
    assert "approve 10 --fix" in out
    with Terminal("run", cwd=reviewed.folder, env=reviewed.env) as person:
        person.expect("findings")
        person.expect("Your choice? (all, none, later)")
        person.type("later")
        assert person.ended() == ExitCode.WAITING


def test_an_approved_design_is_frozen_and_a_change_is_an_amendment(reviewed):
    """An edit in silence is refused; with a reason it is recorded; the next one in silence is not."""
    contract = reviewed.folder / "contract.yaml"
    text = contract.read_text(encoding="utf-8")
    contract.write_text(text.replace("roc_auc >= 0.6", "roc_auc >= 0.65"), encoding="utf-8")
    assert contract.read_text(encoding="utf-8") != text
    code, _, err = reviewed("run", "--phase", "7")
    assert code == ExitCode.LOCKED
    assert "edited after it was frozen" in err
    code, out, _ = reviewed("amend", "--reason", "the owner asks for more")
    assert code == ExitCode.OK
    assert "0.65" in out
    contract.write_text(text.replace("roc_auc >= 0.6", "roc_auc >= 0.7"), encoding="utf-8")
    assert reviewed("run")[0] == ExitCode.LOCKED


def test_a_finished_run_says_what_comes_next(judged):
    """Nothing runs twice; the exit code is that of the gates."""
    code, out, _ = judged("run")
    assert code == ExitCode.OK
    assert "All twelve phases are done" in out
    assert "modelwright promote" in out
    assert json.loads(judged("run", "--json")[1])["ended"] == "done"


def test_a_version_is_listed_and_promoted_by_a_person(judged):
    """Verdict and certificate are demanded; an agent is refused; the entry is JSON for programs."""
    assert "registered  passed" in judged("versions")[1]
    assert judged("promote", "v9", "--reason", "none")[0] == ExitCode.USER_FAULT
    judged.act_as("agent:coder")
    assert judged("promote", "v1", "--reason", "it looks good")[0] == ExitCode.LOCKED
    judged.act_as("lead")
    code, out, err = judged("promote", "v1", "--reason", "gates passed", "--json")
    assert code == ExitCode.OK, err
    assert json.loads(out)["sequence"] > 0
    assert [version["standing"] for version in json.loads(judged("versions", "--json")[1])] == ["champion"]


def test_looks_at_sealed_labels_are_listed(judged):
    """Who, when, what for."""
    shown = judged("looks")[1]
    assert all(word in shown for word in ("person lead", "phase 11", "answered", "1 of 3 looks are used"))
    (look,) = json.loads(judged("looks", "--json")[1])["looks"]
    assert (look["number"], look["state"]) == (1, "answered")


def test_the_summary_is_one_page(judged):
    """Written on demand."""
    code, out, _ = judged("report")
    assert code == ExitCode.OK
    assert (judged.folder / ".modelwright" / "reports" / "summary.html").exists()
    assert out.strip().endswith("summary.html")


def test_the_evidence_is_verified_down_to_the_bundle(judged):
    """One changed byte in the bundle is tampered evidence."""
    assert judged("verify")[0] == ExitCode.OK
    bundle = next((judged.folder / ".modelwright" / "bundles").glob("*v1*.mwb"))
    code, out, err = judged("verify", str(bundle), "--json")
    assert code == ExitCode.OK, err
    assert json.loads(out)["outcome"]["status"] == "passed"
    data = bytearray(bundle.read_bytes())
    data[len(data) // 2] ^= 1
    bundle.write_bytes(data)
    assert judged("verify")[0] == ExitCode.TAMPERED


def test_the_run_is_reproduced_bit_by_bit(judged):
    """Retrained from the record and compared with it."""
    code, out, _ = judged("reproduce")
    assert code == ExitCode.OK
    assert "is reproduced" in out


def test_nothing_answers_before_there_is_a_champion(judged):
    """Serving and scoring name the step that is missing."""
    for words in (("serve", "--port", "0"), ("score", "calls.csv", "out.parquet")):
        code, _, err = judged(*words)
        assert code == ExitCode.LOCKED
        assert "modelwright promote" in err


def test_a_table_is_scored_by_the_champion(champion):
    """Rows in, answers out, as text and as JSON."""
    source, target = str(champion.folder / "calls.csv"), str(champion.folder / "out.parquet")
    code, out, err = champion("score", source, target)
    assert code == ExitCode.OK, err
    assert "400 rows scored" in out
    assert json.loads(champion("score", source, target, "--json")[1])["rows"] == 400


def test_a_label_without_its_answer_is_refused(champion):
    """It would say nothing about the model."""
    table = champion.folder / "labels.csv"
    table.write_text("request_id,label\nr-1,yes\n", encoding="utf-8")
    code, _, err = champion("labels", str(table))
    assert code == ExitCode.USER_FAULT
    assert "Next: " in err


def test_a_monitor_without_answers_is_blind_and_says_so(champion):
    """No traffic is an alert, so the exit code is that of a check that did not pass."""
    code, out, _ = champion("monitor")
    assert code == ExitCode.NOT_PASSED
    assert "BLIND" in out
    code, out, _ = champion("monitor", "--rows", "10", "--json")
    assert code == ExitCode.NOT_PASSED
    assert json.loads(out)["alerts"]


def test_a_drill_is_started_shown_and_taken_back(champion):
    """A bad version gets its first share and loses it in one step; the ledger says why."""
    code, out, err = champion("rollout", "drill")
    assert code == ExitCode.OK, err
    assert "as a drill" in out
    state = json.loads(champion("rollout", "status", "--json")[1])
    assert state["champion"] == "v1"
    assert state["challenger"] in champion("rollout", "status")[1]
    assert state["challenger"] in champion("rollout", "watch", "--seconds", "0.2")[1]
    code, out, err = champion("rollout", "back", "--reason", "seen enough")
    assert code == ExitCode.OK, err
    assert "v1" in out


def free_port():
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def answered(port, path, rows=None):
    """Poll a server on this machine until it answers well."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5.0)
        try:
            if rows is None:
                connection.request("GET", path)
            else:
                connection.request(
                    "POST", path, json.dumps({"rows": rows}), {"content-type": "application/json"}
                )
            answer = connection.getresponse()
            if answer.status == http.HTTPStatus.OK:
                return json.loads(answer.read())
        except OSError:
            continue
        finally:
            connection.close()
    raise AssertionError(f"{path} was not answered")


def serve(desk, *words):
    """Start a server on a free port."""
    port = free_port()
    program = [*PROGRAM, "serve", "--port", str(port), *words]
    pipe = subprocess.PIPE
    return port, subprocess.Popen(program, cwd=desk.folder, env=desk.env, stdout=pipe, stderr=pipe, text=True)


def stopped(server):
    """Press Ctrl-C and return what was said in the end."""
    server.send_signal(signal.SIGINT)
    try:
        return server.communicate(timeout=PATIENCE)
    finally:
        server.kill()


def test_the_champion_is_served_until_ctrl_c_and_its_labels_come_late(champion):
    """The address is told first; stopping a server is no fault; a label finds its answer by its id."""
    port, server = serve(champion)
    assert answered(port, "/readyz")["champion"] == "v1"
    row = {"age": 40, "visits": 7, "job": "clerk"}
    answer = answered(port, "/v1/predict", [row])
    _, err = stopped(server)
    assert server.returncode == ExitCode.OK, err
    assert f"http://127.0.0.1:{port}" in err
    assert "stopped; every answer that was given is in the log" in err
    table = champion.folder / "labels.csv"
    table.write_text(f"request_id,label\n{answer['request_id']},yes\n", encoding="utf-8")
    code, out, err = champion("labels", str(table))
    assert code == ExitCode.OK, err
    assert "1 new labels" in out
    assert json.loads(champion("labels", str(table), "--json")[1])["added"] <= 1


def test_where_a_server_listens_is_told_to_programs(champion):
    """One JSON object on standard output before it serves."""
    port, server = serve(champion, "--json")
    answered(port, "/healthz")
    out, _ = stopped(server)
    assert json.loads(out) == {"url": f"http://127.0.0.1:{port}", "version": "v1"}
