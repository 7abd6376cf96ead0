"""The benchmarks themselves: they load, refuse what they do not know, and the cheap ones measure."""

import http.server
import json
import threading
from contextlib import contextmanager
from importlib import import_module

import pytest

from benchmarks import leakage, ledger, profiling, validation
from benchmarks.__main__ import BENCHMARKS, main
from benchmarks.load import ask
from benchmarks.measurement import Measurement
from benchmarks.report import Section, machine, write


class Answering(http.server.BaseHTTPRequestHandler):
    """Answers every request alike and keeps the connection."""

    protocol_version = "HTTP/1.1"
    answer = 200

    def do_POST(self):
        """Read the request and answer it."""
        self.rfile.read(int(self.headers["Content-Length"]))
        body = b'{"predictions":[]}'
        self.send_response(self.answer)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *words):
        """Say nothing."""


class Refusing(Answering):
    """Answers every request with 503."""

    answer = 503


@contextmanager
def serving(handler):
    """A server on loopback while the block runs; gives its address."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize("name", BENCHMARKS)
def test_every_benchmark_loads_says_what_it_is_about_and_can_measure(name):
    """A benchmark that does not load is found here, not in the middle of a run."""
    module = import_module(f"benchmarks.{name}")
    assert module.__doc__
    assert callable(module.measure)


def test_an_unknown_benchmark_is_refused_with_the_names_there_are(capsys):
    """Nothing is measured then."""
    assert main(["strat"]) == 2
    told = capsys.readouterr().out
    assert "strat" in told
    assert "start" in told.split("there are:")[1]


def test_what_was_measured_is_kept_as_json_and_as_a_page(tmp_path):
    """It outlives the terminal, with the machine it was measured on; what was missed stands out."""
    missed = Measurement(name="status", unit="ms", values=(300.0, 310.0, 350.0), bar=250.0, note="cold")
    section = Section(name="start", about="The wait.", measurements=(missed,), seconds=1.0)
    here = machine()
    write(tmp_path / "out", [section], before=here, after=here, seconds=1.0)
    kept = json.loads((tmp_path / "out" / "start.json").read_text(encoding="utf-8"))
    assert kept["machine"]["before"]["cores"] == here.cores
    assert kept["measurements"][0]["values"] == [300.0, 310.0, 350.0]
    page = (tmp_path / "out" / "results.md").read_text(encoding="utf-8")
    assert "| status | 300 / 310 / 350 ms | <= 250 ms | **missed: 310, 124 % of the bar** | cold |" in page


def test_the_ledger_benchmark_measures_a_short_ledger():
    """Ten entries are enough to see that it works."""
    appended, disk, verified, audited = ledger.measure(appended=10, entries=10)
    assert "tenths of 10," in appended.note
    assert len(appended.values) == len(disk.values) == 10
    assert min(verified.median, audited.median) > 0


def test_the_validation_benchmark_finds_the_same_rows_as_the_bare_query():
    """It checks so itself; the ratio means something only then."""
    ours, bare, ratio, streamed, memory = validation.measure(rows=2000)
    assert len(ours.values) == len(bare.values) == len(ratio.values) > 0
    assert min(streamed.median, memory.median) > 0


def test_the_leakage_benchmark_finds_plain_plants_in_a_made_up_table():
    """And raises no alarm without them."""
    table = leakage.made_up(1_000, 9, "binary", seed=1)
    strong, _, _, alarms, chance, _ = leakage.measure(tables=[table], rows=1_000)
    assert strong.median > 0.9
    assert alarms.median == 0
    assert chance.is_met


def test_the_profile_benchmark_shows_nobody():
    """It checks so itself: an address in the page would stop it."""
    (whole,) = profiling.measure(rows=500)
    assert whole.median > 0


def test_a_load_counts_answers_and_ends_by_itself():
    """Two connections for a quarter of a second."""
    with serving(Answering) as url:
        load = ask(url, [b"{}"], connections=2, seconds=0.25)
    assert load.failed == 0
    assert load.rate > 0
    assert load.percentile(50) <= load.percentile(99)


def test_a_paced_load_asks_no_more_than_it_was_told_to():
    """Forty requests a second for half a second are twenty, give or take the ends."""
    with serving(Answering) as url:
        load = ask(url, [b"{}"], connections=2, seconds=0.5, rate=40)
    assert 1 <= len(load.latencies_ms) <= 22


def test_a_load_counts_refusals_as_failures():
    """A server that refuses quickly must not look fast."""
    with serving(Refusing) as url:
        load = ask(url, [b"{}"], connections=1, seconds=0.1)
    assert load.failed == len(load.latencies_ms) > 0


def test_a_load_on_another_machine_is_refused():
    """Load is put on loopback alone."""
    with pytest.raises(AssertionError, match="this machine"):
        ask("http://192.0.2.1:80", [b"{}"], connections=1, seconds=0.1)


def test_a_bar_that_must_be_reached_is_missed_from_below():
    """Throughput is good when it is high."""
    low = Measurement(name="rows", unit="rows/s", values=(5.0,), bar=10.0, sense="at least")
    assert not low.is_met
    assert low.wanted == ">= 10 rows/s"
