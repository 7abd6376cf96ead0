"""Isolation: no label in the caller's memory, no core dumps, no tracing, no links, another user if asked."""

import os
import shutil
import subprocess
import sys

import numpy as np
import polars as pl
import pytest
from tests.evaluation.samples import contract_of

from modelwright.adapters.scorer_process import answer
from modelwright.adapters.scorer_wire import pack_question, unpack_reply
from modelwright.adapters.seal_keys import SealKeys
from modelwright.adapters.sealed_scorer import SealedScorer
from modelwright.data.snapshot import ROW_ID, part, take
from modelwright.evaluation.scorer import ScoreRequest
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.errors import IntegrityBroken, UserFault
from modelwright.ledger.artifacts import ArtifactStore
from modelwright.training.pipeline import DecisionRule

SCATTER = 0x9E3779B97F4A7C15
"""Words of memory are multiplied with it before they are compared, so that the looking leaves no copies."""

TRAINER = """
import re, sys
from pathlib import Path
import numpy as np
from modelwright.adapters.scorer_wire import unpack_question
from modelwright.adapters.sealed_scorer import SealedScorer

home, artifacts, question, wanted = map(Path, sys.argv[1:5])
scatter = np.uint64(int(sys.argv[5]))
request = unpack_question(question.read_bytes())
report = SealedScorer(home=home, artifacts=artifacts, variables={}).score(request)
assert report.rows == len(request.row_ids)
labels = np.frombuffer(wanted.read_bytes(), dtype="<u8")
known = request.scores[:40, 0].view("<u8") * scatter
found, control = 0, 0
maps = Path("/proc/self/maps")
for line in maps.read_text().splitlines() if maps.exists() else ():
    match = re.match(r"([0-9a-f]+)-([0-9a-f]+) rw", line)
    if match is None:
        continue
    start, end = (int(text, 16) for text in match.groups())
    with open("/proc/self/mem", "rb", buffering=0) as memory:
        try:
            memory.seek(start)
            data = memory.read(end - start)
        except (OSError, OverflowError, ValueError):
            continue
    words = np.frombuffer(data, dtype="<u8", count=len(data) // 8) * scatter
    found += int(np.isin(words, labels).sum())
    control += int(np.isin(words, known).sum())
print(found, control, int(maps.exists()))
"""
"""What a trainer does: it asks, and then looks through all of its own memory for labels it may have got."""


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    """A regression: each label is a number of its own that nothing else is."""
    folder = tmp_path_factory.mktemp("isolation")
    rng = np.random.default_rng(11)
    y = rng.normal(5, 2, 600)
    frame = pl.DataFrame({"job": ["a"] * 600, "age": rng.integers(18, 90, 600), "y": y})
    contract = contract_of("regression", gates=("rmse <= 3",), looks=5)
    store = ArtifactStore(folder / "artifacts")
    snapshot = take(frame, contract, store=store, seal=SealKeys(folder / "home").seal_for("p1"))
    ids = part(snapshot, "test", store=store)[ROW_ID].to_numpy()
    request = ScoreRequest(
        snapshot=snapshot, contract=contract, run_id="r", pipeline_digest="sha256:m", row_ids=ids,
        scores=(y[ids] + rng.normal(0, 1, len(ids)))[:, None], others={}, rule=DecisionRule(), other_rules={},
        seed=1, purpose="isolation",
    )  # fmt: skip
    return folder, request, y[ids]


def test_no_label_is_in_the_memory_of_whoever_asked(world):
    """A process that asks and then searches its own memory finds its scores, and not one label."""
    folder, request, labels = world
    (folder / "question").write_bytes(pack_question(request))
    (folder / "wanted").write_bytes((labels.view("<u8") * np.uint64(SCATTER)).tobytes())
    places = [str(folder / name) for name in ("home", "artifacts", "question", "wanted")]
    ran = subprocess.run(
        [sys.executable, "-c", TRAINER, *places, str(SCATTER)], capture_output=True, text=True, check=False
    )
    assert ran.returncode == 0, ran.stderr
    found, control, searched = map(int, ran.stdout.split())
    assert found == 0
    assert (control > 0) == bool(searched)


def test_a_guarded_process_writes_no_core_and_is_not_traced():
    """As the kernel tells it about itself."""
    program = (
        "import ctypes, resource\n"
        "from modelwright.adapters.process_guard import harden\n"
        "print(*harden(), sep=',')\n"
        "print(resource.getrlimit(resource.RLIMIT_CORE), ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))\n"
    )
    told = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout
    assert told.splitlines()[0].startswith("core dumps")
    if sys.platform.startswith("linux"):
        assert told.splitlines() == ["core dumps,tracing,new privileges", "(0, 0) 0"]


def as_another_user(home):
    """A command that runs Python as another user, who owns the home; as oneself where one is not root."""
    setpriv = shutil.which("setpriv")
    if os.geteuid() or setpriv is None:
        return ["/usr/bin/env", sys.executable]
    for path in (home, *home.rglob("*")):
        os.chown(path, 65534, 65534)
    # The interpreter may lie in a folder of root's: reading it is all that is left to the other user.
    kept = "--inh-caps=-all,+dac_read_search", "--ambient-caps=+dac_read_search"
    return [setpriv, "--reuid=65534", "--regid=65534", "--clear-groups", *kept, sys.executable]


def test_the_scorer_can_run_as_another_user(world, tmp_path):
    """Who owns the key; the caller need not be able to read it."""
    folder, request, _ = world
    home = tmp_path / "home"
    shutil.copytree(folder / "home", home)
    shutil.rmtree(home / "looks", ignore_errors=True)
    python = as_another_user(home)
    report = SealedScorer(home=home, artifacts=folder / "artifacts", variables={}, python=python).score(
        request
    )
    assert report.rows == len(request.row_ids)
    (book,) = (home / "looks").iterdir()
    assert book.stat().st_uid == home.stat().st_uid


def ask(folder, request):
    """Ask the code of the process, here."""
    home, artifacts = folder / "home", folder / "artifacts"
    return unpack_reply(answer(pack_question(request), home=home, artifacts=artifacts, clock=SteppingClock()))


@pytest.fixture
def copy(world, tmp_path):
    """The world, to be changed at will."""
    folder, request, _ = world
    shutil.copytree(folder, tmp_path / "copy")
    shutil.rmtree(tmp_path / "copy" / "home" / "looks", ignore_errors=True)
    return tmp_path / "copy", request


def test_a_key_behind_a_link_or_open_to_others_is_refused(copy):
    """And the message says how to mend it."""
    folder, request = copy
    key = folder / "home" / "p1.seal"
    key.chmod(0o640)
    with pytest.raises(IntegrityBroken, match="can be reached by others"):
        ask(folder, request)
    key.chmod(0o600)
    key.rename(folder / "moved.seal")
    key.symlink_to(folder / "moved.seal")
    with pytest.raises(IntegrityBroken, match="is a link"):
        ask(folder, request)
    with pytest.raises(UserFault, match="put the file itself there"):
        SealKeys(folder / "home").seal_for("p1")


def test_a_home_that_others_can_write_or_that_is_a_link_is_refused(copy):
    """Who can put files there could forget looks."""
    folder, request = copy
    home = folder / "home"
    home.chmod(0o777)
    with pytest.raises(IntegrityBroken, match="can be reached by others"):
        ask(folder, request)
    home.chmod(0o700)
    home.rename(folder / "moved")
    home.symlink_to(folder / "moved")
    with pytest.raises(UserFault, match="is a link"):
        SealKeys(home).seal_for("p1")


@pytest.mark.parametrize("which", ["labels", "test part"])
def test_an_artifact_that_is_a_link_or_a_pipe_is_refused(copy, which):
    """A pipe would hold the process; a link could be turned while it reads."""
    folder, request = copy
    snapshot = request.snapshot
    digest = snapshot.sealed_labels if which == "labels" else snapshot.parts["test"]
    path = ArtifactStore(folder / "artifacts").path(digest)
    moved = folder / "moved"
    path.rename(moved)
    path.symlink_to(moved)
    with pytest.raises(IntegrityBroken, match="link or no plain file"):
        ask(folder, request)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(IntegrityBroken, match="link or no plain file"):
        ask(folder, request)
