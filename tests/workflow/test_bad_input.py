"""Bad input of every kind ends in a clear message, a named exit code and an unharmed project."""

import json
import re
import shutil
import subprocess
import sys

import polars as pl
import pytest
from tests.surfaces.terminal import PROGRAM, environment, write_calls

from modelwright.kernel.digest import digest_of_file
from modelwright.kernel.errors import ExitCode
from modelwright.surfaces.cli.main import main
from modelwright.wiring import open_project

HOLD = (
    "import sys\n"
    "from modelwright.wiring import open_project\n"
    "with open_project(sys.argv[1]).ports.lock():\n"
    "    print('held', flush=True)\n"
    "    sys.stdin.read()\n"
)
"""Another process at work in a project, until its input ends."""

LITTLE_DISK = (
    "import resource, sys\n"
    "from modelwright.surfaces.cli.main import main\n"
    "room = resource.RLIM_INFINITY\n"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[1]), room))\n"
    "code = main(sys.argv[2:])\n"
    "resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))\n"
    "sys.exit(code)\n"
)
"""The command line on a disk that takes no file larger than its first argument."""


UNTOLD = {"lock", "digests.json", "ledger.db", "ledger.db-shm", "ledger.db-wal"}
"""Files without a meaning of their own: a lock, a memory of digests, and the ledger, which is read."""


class Desk:
    """A project's folder, its surroundings, and the command line called in this process."""

    def __init__(self, folder, env, capsys):
        """Keep what a call needs."""
        self.folder = folder
        self.env = env
        self._capsys = capsys

    def __call__(self, *words):
        """Run the command line; return exit code and everything it printed."""
        self._capsys.readouterr()
        code = main(["-C", str(self.folder), *map(str, words)])
        told = self._capsys.readouterr()
        return ExitCode(code), told.out + told.err

    def init(self, data, *more, target="bought"):
        """Draft a contract."""
        return self("init", "calls", "--data", data, "--target", target, "--yes", *more)

    def process(self, *words, program=PROGRAM):
        """Run the command line as a process of its own."""
        return subprocess.run(
            [*program, *words],
            cwd=self.folder,
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def state(self):
        """Everything of the project that counts: its files, and the chain of its ledger."""
        files = {
            str(path.relative_to(self.folder)): digest_of_file(path)
            for path in sorted(self.folder.rglob("*"))
            if path.is_file() and path.name not in UNTOLD
        }
        return files, [entry.digest for entry in open_project(self.folder).entries()]


@pytest.fixture(scope="module")
def once(tmp_path_factory):
    """A home, and a project drafted in it over a table of calls."""
    home = tmp_path_factory.mktemp("home")
    folder = home / "calls"
    folder.mkdir()
    write_calls(folder / "calls.csv")
    env = environment(home)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in env.items():
            patch.setenv(name, value)
        open_project(folder).init("calls", data=folder / "calls.csv", target="bought")
    return home, env


@pytest.fixture
def desk(once, tmp_path, capsys, monkeypatch):
    """A copy of the drafted project."""
    home, env = once
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    shutil.copytree(home / "calls", tmp_path / "calls")
    return Desk(tmp_path / "calls", env, capsys)


def lines_of(folder):
    """The good table, line by line."""
    return (folder / "calls.csv").read_text(encoding="utf-8").splitlines()


def missing(folder):
    """A table that is not there; one of nearly that name is."""
    return folder / "cals.csv"


def written(folder, name, data):
    """Write a file and return its place."""
    path = folder.parent / name
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def wide(folder):
    """More columns than anybody can describe."""
    row = ",".join(["1"] * 5200)
    head = ",".join(f"c{place}" for place in range(5200))
    return written(folder, "wide.csv", "\n".join([f"{head},bought", *(f"{row},yes", f"{row},no") * 15]))


def mixed(folder):
    """A field that is a number here and a list there."""
    rows = ({"age": place if place % 2 else [place], "bought": "no"} for place in range(60))
    return written(folder, "mixed.jsonl", "\n".join(json.dumps(row) for row in rows))


def one_class(folder):
    """Everybody bought."""
    head, *rows = lines_of(folder)
    return written(folder, "one.csv", "\n".join([head, *(f"{row.rpartition(',')[0]},yes" for row in rows)]))


def latin(folder):
    """Text of the old encoding."""
    return written(
        folder, "latin.csv", "\n".join(lines_of(folder)).replace("clerk", "büro").encode("latin-1")
    )


def cut_short(folder):
    """A Parquet file whose end is missing."""
    path = folder.parent / "cut.parquet"
    pl.read_csv(folder / "calls.csv").write_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])
    return path


BAD_TABLES = {
    "missing": (missing, ["there is no file", "did you mean 'calls.csv'?"]),
    "empty": (lambda folder: written(folder, "empty.csv", ""), ["empty.csv is empty", "0 bytes"]),
    "only a header": (
        lambda folder: written(folder, "head.csv", lines_of(folder)[0] + "\n"),
        ["columns but no rows"],
    ),
    "ten rows": (
        lambda folder: written(folder, "ten.csv", "\n".join(lines_of(folder)[:11])),
        ["10 rows are too few", "20 or more"],
    ),
    "one class": (one_class, ["the target bought is 'yes' in every row"]),
    "far too many columns": (wide, ["too many columns", "5,201", "5,000 or fewer"]),
    "mixed types": (mixed, ["mixed.jsonl", "line"]),
    "not UTF-8": (latin, ["not UTF-8 at byte", "iconv"]),
    "a name twice": (
        lambda folder: written(folder, "twice.csv", "\n".join(lines_of(folder)).replace("visits", "age", 1)),
        ["column 'age'", "the name stands 2 times"],
    ),
    "cut short": (cut_short, ["cut.parquet cannot be read", "cut short or damaged"]),
}
"""Tables nothing can be learned from, and the words that have to be said about each."""


@pytest.mark.parametrize("kind", BAD_TABLES)
def test_a_bad_table_is_refused_in_words_and_changes_nothing(desk, kind):
    """Even where the person asked to start over, what was agreed stays."""
    make, words = BAD_TABLES[kind]
    before = desk.state()
    code, told = desk.init(make(desk.folder), "--force")
    assert code is ExitCode.USER_FAULT
    assert [word for word in words if word not in told] == [], told
    assert "Next:" in told
    assert desk.state() == before


def test_a_wrong_target_or_mode_is_answered_with_the_nearest(desk):
    """A slip of the finger costs one more line, not the project."""
    before = desk.state()
    data = desk.folder / "calls.csv"
    code, told = desk.init(data, "--force", target="bougth")
    assert (code, "did you mean 'bought'?" in told) == (ExitCode.USER_FAULT, True)
    code, told = desk.init(data, "--force", "--mode", "quik")
    assert (code, "did you mean 'quick'?" in told) == (ExitCode.USER_FAULT, True)
    assert desk.state() == before


def test_a_second_draft_does_not_overwrite_the_first(desk):
    """What was agreed is not lost to a repeated command."""
    before = desk.state()
    code, told = desk.init(desk.folder / "calls.csv")
    assert (code, "already" in told) == (ExitCode.USER_FAULT, True)
    assert desk.state() == before


def odd_table(folder):
    """Dates and numbers as text, a number that is a word here and there, and infinities."""
    table = pl.read_csv(folder / "calls.csv").with_row_index("n")
    place = pl.col("n")
    return table.select(
        day=pl.date(2024, 1 + place // 34, 1 + place % 28).cast(pl.String),
        age=pl.when(place % 7 == 0)
        .then(pl.lit("old"))
        .otherwise((pl.col("age") + place / 400).cast(pl.String)),
        visits=pl.when(place % 50 == 0).then(float("inf")).otherwise("visits"),
        job="job",
        bought="bought",
    )


def test_dates_as_text_mixed_columns_and_infinities_are_told_of(desk):
    """What can be read is read; what was made of it is an assumption or a question, never silent."""
    data = desk.folder / "odd.parquet"
    odd_table(desk.folder).write_parquet(data)
    code, told = desk.init(data, "--force")
    assert code is ExitCode.OK
    assert "day: text read as dates" in told
    assert "visits: infinite values are read as missing" in told
    desk("run")
    desk("approve", "1", "--reason", "read and agreed")
    code, told = desk("run")
    assert code is ExitCode.WAITING, told
    page = (desk.folder / ".modelwright/reports/03-risk-assessment.md").read_text(encoding="utf-8")
    assert "age mixes numbers and text" in page
    assert "What do values of age such as 'old' stand for?" in page


def test_a_date_that_is_none_stops_the_run_and_not_the_project(desk):
    """The table was exchanged after the contract was drafted."""
    data = desk.folder / "odd.parquet"
    good = odd_table(desk.folder)
    good.write_parquet(data)
    desk.init(data, "--force")
    desk("run")
    desk("approve", "1", "--reason", "read and agreed")
    good.with_columns(
        day=pl.when(pl.col("job") == "clerk").then(pl.lit("soon")).otherwise("day")
    ).write_parquet(data)
    before = desk.state()
    code, told = desk("run")
    assert code is ExitCode.USER_FAULT
    assert "column day" in told
    assert "'soon'" in told
    assert desk.state()[1] == before[1]
    good.write_parquet(data)
    assert desk("run")[0] is ExitCode.WAITING


def test_five_faults_of_a_contract_are_five_messages(desk):
    """One trip to the editor mends them all."""
    contract = desk.folder / "contract.yaml"
    good = contract.read_text(encoding="utf-8")
    bad = good
    for right, wrong in (
        ("mode: quick", "mode: quik"),
        ("  goal:", "  gaol:"),
        ("    p95_ms: 150", "    p95_ms: soon"),
        ("  primary: roc_auc", "  primary: roc_auk"),
        ("    - 'log_loss < prior'", "    - 'log_loss << prior'"),
    ):
        double = right.replace("'", '"')
        found = right if right in bad else double
        assert found in bad, right
        bad = bad.replace(found, wrong, 1)
    contract.write_text(bad, encoding="utf-8")
    code, told = desk("run")
    assert code is ExitCode.USER_FAULT
    for words in ("quik", "gaol", "p95_ms", "roc_auk", "log_loss << prior"):
        assert re.search(rf"contract.yaml:\d+.*{words}", told.replace("\n    ", " ")), (words, told)
    contract.write_text(good, encoding="utf-8")
    assert desk("run")[0] is ExitCode.WAITING


def test_a_locked_phase_cannot_be_forced_open(desk):
    """Phase 7 stands on an approved design, whoever asks."""
    desk("run")
    before = desk.state()
    code, told = desk("run", "--phase", "7")
    assert code is ExitCode.LOCKED
    assert "phase 7 (Model Implementation) is locked" in told
    assert "Next: modelwright approve 1" in told
    assert desk("approve", "6", "--reason", "looks good already")[0] is ExitCode.LOCKED
    assert desk("run", "--phase", "13")[0] is ExitCode.USER_FAULT
    assert desk.state() == before


def test_a_second_run_at_the_same_time_is_told_who_is_at_work(desk):
    """Another process holds the project; when it ends, the run goes on."""
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(desk.folder)],
        env=desk.env,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout.readline() == b"held\n"
        before = desk.state()
        code, told = desk("run")
        assert code is ExitCode.BUSY
        assert f"process {other.pid}" in told
        assert desk.init(desk.folder / "calls.csv", "--force")[0] is ExitCode.BUSY
        assert desk("status")[0] is ExitCode.OK
        assert desk.state() == before
        other.communicate()
    assert desk("run")[0] is ExitCode.WAITING


def test_a_draft_on_a_full_disk_can_be_typed_again(desk, tmp_path):
    """Nothing is half there."""
    fresh = tmp_path / "fresh"
    fresh.mkdir()
    shutil.copy(desk.folder / "calls.csv", fresh)
    desk.folder = fresh
    words = ("init", "calls", "--data", "calls.csv", "--target", "bought", "--yes")
    for size in ("3000", "40000"):
        ended = desk.process(*words, program=(sys.executable, "-c", LITTLE_DISK, size))
        assert ended.returncode == ExitCode.WORLD_FAULT, ended.stderr
        assert not (fresh / "contract.yaml").exists()
    assert desk.init(fresh / "calls.csv")[0] is ExitCode.OK
