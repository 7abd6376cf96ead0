"""The server as a process: started, killed under load, switched under load, stopped in order."""

import http.client
import json
import os
import signal
import socket
import subprocess
import threading
import time
from dataclasses import replace
from itertools import count
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from tests.registry.bundles import ROW
from tests.serving.services import Place, ask, connect

from modelwright.adapters.model_server import PROGRAM
from modelwright.kernel.errors import ServiceFailed
from modelwright.kernel.outcome import Status
from modelwright.ledger.codec import encode
from modelwright.registry.certificate import certify
from modelwright.registry.hard_rows import hard_rows, plain_rows
from modelwright.serving.batch import BatchPath
from modelwright.serving.log import read_log
from modelwright.serving.process import ServerProcess, rehearsal
from modelwright.serving.router import Routing
from modelwright.serving.sketch import read_sketches

HEAD = b"POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"


def running(place, **changes):
    """A server of a place."""
    return ServerProcess(place.with_settings(**changes), folder=place.folder, program=PROGRAM)


class Clients:
    """Threads that ask until told to stop, and remember what they were answered."""

    def __init__(self, url, threads=4):
        """Prepare them."""
        self.url = url
        self.answered = []
        self.refused = []
        self.broken = []
        self.stopped = threading.Event()
        self.threads = [threading.Thread(target=self._work, args=(number,)) for number in range(threads)]

    def _work(self, name):
        connection = connect(self.url)
        try:
            for number in count():
                if self.stopped.is_set():
                    return
                self._ask(connection, f"{name}-{number}")
        except (OSError, http.client.HTTPException) as error:
            self.broken.append(error)
        finally:
            connection.close()

    def _ask(self, connection, request):
        body = {"rows": [{**ROW, "client": request}]}
        headers = {"X-Request-Id": request}
        status, told = ask(self.url, "POST", "/v1/predict", body, headers=headers, connection=connection)
        if status == 200:
            self.answered.append((request, told["version"], told["predictions"][0]["probabilities"]["yes"]))
        else:
            self.refused.append(told)

    def __enter__(self):
        """Start asking."""
        for thread in self.threads:
            thread.start()
        return self

    def until(self, wanted):
        """Wait until so many answers came."""
        until = time.monotonic() + 20
        while len(self.answered) < wanted and time.monotonic() < until:
            time.sleep(0.005)
        assert len(self.answered) >= wanted

    def __exit__(self, *_):
        """Stop asking."""
        self.stopped.set()
        for thread in self.threads:
            thread.join()


def test_a_kill_under_load_loses_no_acknowledged_answer(bundle, tmp_path):
    """Every answer a client got is in the log, with the same number."""
    place = Place(tmp_path, bundle)
    with running(place) as server, Clients(server.url) as clients:
        clients.until(300)
        server.kill()
        for thread in clients.threads:
            thread.join()
    assert clients.broken
    log = read_log(tmp_path / "log").select("request_id", "version", "score").rows()
    assert set(clients.answered) <= set(log)
    assert len(log) <= len(clients.answered) + len(clients.threads)


def test_the_routing_is_switched_under_load_without_a_failed_request(bundle, second, tmp_path):
    """Forth and back; within a second everyone is where the routing says."""
    place = Place(tmp_path, bundle, second)
    with running(place) as server, Clients(server.url) as clients:
        clients.until(50)
        for champion, challenger in (("v1", "v2"), ("v2", "v1"), ("v1", "v2")):
            place.route(Routing(champion=champion, challenger=challenger, share=1.0, step=1))
            until = time.monotonic() + 5
            while ask(server.url, "POST", "/v1/predict", {"rows": [ROW]})[1]["version"] != challenger:
                assert time.monotonic() < until
            clients.until(len(clients.answered) + 50)
        place.route(Routing(champion="v1", challenger="v7", share=1.0))
        until = time.monotonic() + 5
        while not ask(server.url, "GET", "/readyz")[1]["routing_refused"]:
            assert time.monotonic() < until
        assert ask(server.url, "POST", "/v1/predict", {"rows": [ROW]})[1]["version"] == "v2"
        assert b"modelwright_routing_refused 1.0" in ask(server.url, "GET", "/metrics")[1]
    assert clients.refused == []
    assert clients.broken == []
    assert {version for _, version, _ in clients.answered} == {"v1", "v2"}
    assert "routing refused" in (tmp_path / "server.err").read_text()


def test_a_server_that_is_asked_to_stop_answers_what_is_under_way(bundle, tmp_path):
    """It ends with 0, and every answer is in the log and counted."""
    place = Place(tmp_path, bundle)
    with running(place) as server:
        sizes = [100, 1, 30]
        for size in sizes:
            assert ask(server.url, "POST", "/v1/predict", {"rows": [ROW] * size})[0] == 200
        pid = server.pid
        assert json.loads((tmp_path / "server.json").read_text())["pid"] == pid
        assert server.stop() == 0
        assert server.pid == 0
    assert read_log(tmp_path / "log").height == sum(sizes)
    assert sum(line.rows for line in read_sketches(tmp_path / "sketches")) == sum(sizes)


def test_a_started_server_answers_like_the_trainer(made, bundle, tmp_path):
    """All ways of the certificate, to the last bit."""
    rows = [
        *hard_rows(made.contract, made.pipeline.plan, made.train),
        *plain_rows(made.train.head(20), made.pipeline.plan),
    ]
    with rehearsal(bundle, folder=tmp_path, program=PROGRAM) as server:
        batch = BatchPath(bundle.path, folder=tmp_path / "batch")
        certificate = certify(made.pipeline, bundle.path, rows=rows, server_url=server.url, batch=batch)
    assert certificate.outcome.status is Status.PASSED
    assert {result.largest_difference for result in certificate.paths} == {0.0}


def test_a_server_of_another_version_fails_the_certificate(made, bundle, second, tmp_path):
    """What was asked is not what was packed."""
    rows = plain_rows(made.train.head(3), made.pipeline.plan)
    with rehearsal(second, folder=tmp_path, program=PROGRAM) as server:
        certificate = certify(made.pipeline, bundle.path, rows=rows, server_url=server.url, batch=None)
        assert certificate.paths[1].outcome.status is Status.FAILED
        assert "404" in certificate.paths[1].outcome.evidence[0]
    with running(Place(tmp_path / "late", bundle), timeout_ms=0.0001) as server:
        certificate = certify(made.pipeline, bundle.path, rows=rows, server_url=server.url, batch=None)
        assert "by fallback" in certificate.paths[1].outcome.evidence[0]


@pytest.mark.parametrize(
    ("changes", "code", "told"),
    [
        ({"contract_digest": "sha256:" + "0" * 64}, 6, "another contract"),
        ({"routing": "none.json"}, 7, "routing cannot be read"),
        ({"roster": "none.json"}, 7, "roster of versions cannot be read"),
        ({"host": "0.0.0.0"}, 2, "without a token"),  # noqa: S104 - the refusal is what is tested
        ({"host": "192.0.2.1", "token_file": "token"}, 3, "cannot listen"),
    ],
)
def test_a_server_that_must_not_start_ends_with_a_named_code(bundle, tmp_path, changes, code, told):
    """And says why on standard error."""
    place = Place(tmp_path, bundle)
    (tmp_path / "token").write_text("a-token-of-many-letters")
    paths = {
        name: str(tmp_path / value)
        for name, value in changes.items()
        if name in {"routing", "roster", "token_file"}
    }
    (tmp_path / "settings.json").write_bytes(encode(replace(place.settings, **(changes | paths))))
    ran = subprocess.run(
        [*PROGRAM, str(tmp_path / "settings.json")], capture_output=True, text=True, check=False, timeout=20
    )
    assert ran.returncode == code
    assert told in ran.stderr
    assert "Traceback" not in ran.stderr


def test_a_server_that_does_not_come_up_is_told_with_its_own_words(bundle, tmp_path):
    """By exit, or by silence."""
    place = Place(tmp_path, bundle)
    with pytest.raises(ServiceFailed, match="another contract"), running(place, contract_digest="sha256:0"):
        pass
    silent = ServerProcess(place.settings, folder=tmp_path, program=("sleep", "60"), seconds=0.1)
    with pytest.raises(ServiceFailed, match=r"ended|not ready"), silent:
        pass
    deaf = ServerProcess(place.settings, folder=tmp_path, program=("sh", "-c", "exec sleep 60"), seconds=0.1)
    with pytest.raises(ServiceFailed, match="was not ready within"), deaf:
        pass
    assert deaf.exit_code == -signal.SIGTERM


def test_a_server_told_to_stop_before_it_listens_stops(bundle, tmp_path):
    """No instant is too early."""
    place = Place(tmp_path, bundle)
    (tmp_path / "settings.json").write_bytes(encode(place.settings))
    process = subprocess.Popen([*PROGRAM, str(tmp_path / "settings.json")], stderr=subprocess.DEVNULL)
    time_to_import = 0.3
    try:
        process.wait(timeout=time_to_import)
    except subprocess.TimeoutExpired:
        os.kill(process.pid, signal.SIGTERM)
    assert process.wait(timeout=10) in {0, -signal.SIGTERM}


def test_hostile_clients_do_not_keep_others_from_answers(bundle, tmp_path):
    """Half a request, garbage, a body that never comes, a connection cut: the next client is answered."""
    place = Place(tmp_path, bundle)
    with running(place, body_seconds=0.2) as server:
        where = urlsplit(server.url)
        garbage = [
            b"\x00\x01\x02\r\n\r\n",
            b"POST /v1/predict HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
            b"GET " + b"/" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
            HEAD + b"Content-Length: 500\r\n\r\n{",
            b"POST /v1/predict HTTP/1.1\r\nHo",
        ]
        held = []
        for data in garbage:
            connection = socket.create_connection((where.hostname, where.port), timeout=5)
            connection.sendall(data)
            held.append(connection)
        assert ask(server.url, "POST", "/v1/predict", {"rows": [ROW]})[0] == 200
        assert b" 408 " in held[3].recv(1000)
        for connection in held:
            connection.close()
        assert ask(server.url, "GET", "/readyz")[0] == 200
        assert server.stop() == 0


def test_a_settings_file_that_cannot_be_read_is_told(tmp_path):
    """A wrong field is named."""
    path = tmp_path / "settings.json"
    path.write_text("{}")
    ran = subprocess.run([*PROGRAM, str(path)], capture_output=True, text=True, check=False, timeout=20)
    assert ran.returncode == 7
    assert "roster" in ran.stderr
    assert Path(PROGRAM[0]).exists()
