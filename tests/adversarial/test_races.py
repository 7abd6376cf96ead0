"""Races: two answers, two promotions, two runs at once leave one history and no more than was allowed."""

import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.adversarial.refusals import refused
from tests.workflow.projects import LEAD, SECOND, THIRD, service_in

from modelwright.kernel.errors import ModelwrightError, PhaseLocked, ProjectBusy

ROOT = Path(__file__).resolve().parents[2]

PROGRAM = """
import sys
from pathlib import Path
from tests.workflow.projects import SECOND, LEAD, service_in
from modelwright.kernel.errors import ModelwrightError

who = {"lead": LEAD, "second": SECOND}[sys.argv[2]]
service = service_in(Path(sys.argv[1]), actor=who)
print("ready", flush=True)
sys.stdin.readline()
try:
    if sys.argv[3] == "approve":
        service.approve(6, reason="read and agreed")
    elif sys.argv[3] == "reject":
        service.refuse(6, reason="not like this")
    elif sys.argv[3] == "promote":
        service.promote("v1", reason="gates passed")
    elif sys.argv[3] == "append":
        for number in range(40):
            service.ports.ledger.append("note", {"n": number}, actor=who)
    print("done", flush=True)
except ModelwrightError as error:
    print(type(error).__name__, error.next_step, flush=True)
"""


def at_once(root, *contenders):
    """Start processes, let them go together, and return what each says."""
    started = [
        subprocess.Popen(
            [sys.executable, "-c", PROGRAM, str(root), who, verb],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT,
        )
        for who, verb in contenders
    ]  # fmt: skip
    for process in started:
        assert process.stdout.readline() == "ready\n"
    for process in started:
        process.stdin.write("go\n")
        process.stdin.flush()
    return [process.communicate()[0].strip() for process in started]


def answers(service, subject="phase:6"):
    """The answers about a subject, in order."""
    return [entry for entry in service.entries() if entry.body.get("subject") == subject]


def test_two_approvals_at_once_are_both_on_the_record_or_one_is_told_to_wait(designed):
    """Never lost, never doubled, never a fork."""
    root = designed.ports.project.root
    told = at_once(root, ("lead", "approve"), ("second", "approve"))
    done = sum(line == "done" for line in told)
    assert len(answers(designed)) == done >= 1
    assert all(line == "done" or line.startswith("ProjectBusy wait") for line in told), told
    assert designed.ledger.verify().allows


def test_a_yes_and_a_no_at_once_do_not_pass(designed):
    """Whichever came first: a no to what there is refuses, and nothing is unlocked by being quick."""
    root = designed.ports.project.root
    told = at_once(root, ("lead", "approve"), ("second", "reject"))
    given = {entry.body["decision"] for entry in answers(designed)}
    assert designed.ledger.verify().allows
    if "reject" in given:
        assert designed.status().phases[5].state == "waiting"
        refused(designed.run, only=7, kind=PhaseLocked)
    else:
        assert any(line.startswith("ProjectBusy") for line in told)


def test_two_promotions_at_once_make_one_champion_once(designed, finished):
    """Promoting the champion again changes nothing."""
    root = finished.ports.project.root
    before = [entry for entry in finished.entries() if entry.kind == "version.promoted"]
    at_once(root, ("lead", "promote"), ("second", "promote"))
    assert [entry for entry in finished.entries() if entry.kind == "version.promoted"] == before
    assert [version.standing for version in finished.versions()] == ["champion"]
    assert finished.ledger.verify().allows


def test_two_processes_that_write_the_ledger_make_no_fork(finished):
    """Eighty entries from two processes: one chain without a gap."""
    before = len(finished.entries())
    told = at_once(finished.ports.project.root, ("lead", "append"), ("second", "append"))
    assert told == ["done", "done"]
    assert len(finished.entries()) == before + 80
    assert finished.ledger.verify().allows


def test_threads_with_the_same_ledger_make_no_fork(finished):
    """One object, eight threads."""
    before = len(finished.entries())
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda n: finished.ports.ledger.append("note", {"n": n}, actor=LEAD), range(80)))
    assert len(finished.entries()) == before + 80
    assert finished.ledger.verify().allows


def test_a_run_that_is_raced_by_an_approval_waits_its_turn(designed):
    """Who holds the project's lock is named; the other is told to wait."""
    gate = threading.Event()
    held = threading.Event()

    def hold():
        with designed.ports.lock():
            held.set()
            gate.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    try:
        assert held.wait(30)
        for actor in (LEAD, SECOND, THIRD):
            other = service_in(designed.ports.project.root, actor=actor)
            error = refused(other.approve, 6, reason="quick", kind=ProjectBusy, says="process")
            assert "wait" in error.next_step
            refused(other.run, kind=ProjectBusy)
    finally:
        gate.set()
        holder.join()
    assert answers(designed) == []


def test_a_contract_swapped_between_two_looks_is_not_approved_by_the_older_one(designed):
    """Checked under the lock, not before it."""
    contract = designed.ports.project.contract_file
    text = contract.read_text()
    stop = threading.Event()

    def flip():
        while not stop.is_set():
            contract.write_text(text.replace("campaign lead", "somebody"))
            contract.write_text(text)

    flipper = threading.Thread(target=flip)
    flipper.start()
    try:
        for _ in range(10):
            try:
                entry = designed.approve(6, reason="as shown")
            except ModelwrightError:
                continue
            assert entry.body["approval"]["contract_digest"] in contract_digests(designed, text)
    finally:
        stop.set()
        flipper.join()
    contract.write_text(text)
    frozen = designed.look().contract_digest
    counted = designed.status().phases[5].state == "done"
    given = [entry.body["approval"]["contract_digest"] for entry in answers(designed)]
    assert not counted or given[-1] == frozen


def contract_digests(service, text):
    """The digests of the contract and of its swapped twin."""
    from modelwright.contracts.reading import parse_contract

    twin = text.replace("campaign lead", "somebody")
    return {parse_contract(each, name="contract.yaml").digest for each in (text, twin)}
