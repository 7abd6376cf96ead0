"""A controller that is killed with no chance to say goodbye, and another that goes on."""

import signal
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from tests.rollout.live import START, YES, World

from modelwright.adapters.sqlite_ledger import SqliteLedger
from modelwright.kernel.clock import SteppingClock
from modelwright.registry.versions import version_of

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import sys
from datetime import timedelta
from pathlib import Path
from threading import Event
from tests.rollout.live import START, YES, World
from modelwright.adapters.sqlite_ledger import SqliteLedger
from modelwright.kernel.clock import SteppingClock

folder = Path(sys.argv[1])
clock = SteppingClock(START, step=timedelta(milliseconds=1))
world = World(folder, clock=clock, ledger=SqliteLedger(folder / "ledger.db", clock=clock))
controller = world.controller()
controller.start("v2", approval=YES)
controller.tick()
print("going", flush=True)
controller.run(Event().wait, every=0.01)
"""


def test_a_killed_process_leaves_a_rollout_that_another_finishes(tmp_path):
    """The second one reads ledger, routing and log, and rolls back what the first had started."""
    with subprocess.Popen(
        [sys.executable, "-c", PROGRAM, str(tmp_path)], stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        assert process.stdout.readline() == "going\n"
        process.send_signal(signal.SIGKILL)
    assert process.returncode == -signal.SIGKILL
    clock = SteppingClock(START + timedelta(hours=1), step=timedelta(milliseconds=1))
    world = World(tmp_path, clock=clock, ledger=SqliteLedger(tmp_path / "ledger.db", clock=clock))
    assert world.controller().state.active
    assert world.routing.share == 0.3
    world.traffic(500, errors=0.3)
    assert world.controller().tick().action == "rollback"
    assert world.routing.challenger is None
    assert version_of(world.ledger, "v2").standing == "rolled_back"
    assert world.kinds() == ["rollout.started", "rollout.held", "rollout.rolled_back"]
    assert world.ledger.verify().allows


def test_the_same_kill_at_every_instant_of_a_rollback_ends_the_same(tmp_path):
    """Stopped after each write of ledger or routing in turn, and begun again by a fresh controller."""
    ends = set()
    for stop_after in range(1, 6):
        folder = tmp_path / str(stop_after)
        world = World(folder)
        world.controller().start("v2", approval=YES)
        world.traffic(500, errors=0.5)
        world.ledger = StoppingLedger(world.ledger, allowed=stop_after)
        for _ in range(3):
            try:
                world.controller().tick()
            except KilledHere:
                world.ledger = StoppingLedger(world.ledger.inner, allowed=99)
        ends.add((world.routing.champion, world.routing.challenger, tuple(world.kinds())))
    assert ends == {("v1", None, ("rollout.started", "rollout.rolled_back"))}


class KilledHere(BaseException):
    """Stands for the instant of a kill: nothing catches it."""


class StoppingLedger:
    """A ledger whose process dies after so many calls."""

    def __init__(self, inner, *, allowed):
        self.inner = inner
        self.allowed = allowed

    def _count(self):
        self.allowed -= 1
        if self.allowed < 0:
            raise KilledHere

    def append(self, kind, body, **more):
        """Count, then append."""
        self._count()
        return self.inner.append(kind, body, **more)

    def entries(self, **more):
        """Count, then read."""
        self._count()
        return self.inner.entries(**more)

    def head(self):
        """Read the head."""
        return self.inner.head()

    def verify(self, **more):
        """Verify."""
        return self.inner.verify(**more)
