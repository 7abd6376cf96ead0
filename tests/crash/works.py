"""Every command that writes, each with a project to write in and what an undisturbed run makes of it."""

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from tests.adversarial.near import near
from tests.crash.doomed import Doom
from tests.crash.stages import call
from tests.workflow.conftest import walk
from tests.workflow.projects import drafted, service_in

from modelwright.kernel.errors import ModelwrightError
from modelwright.serving.labels import read_labels
from modelwright.serving.router import read_routing
from modelwright.workflow.places import places_of
from modelwright.workflow.scratch import clear_leftovers

OK, NOT_PASSED, USER_FAULT, WAITING, LOCKED = 0, 1, 2, 5, 6


def nothing(service):
    """Need nothing done before."""


def edit(before, after):
    """Change the contract before the command."""

    def change(service):
        contract = service.ports.project.contract_file
        assert before in contract.read_text()
        contract.write_text(contract.read_text().replace(before, after))

    return change


def drilled(service):
    """Have a rollout under way."""
    service.start_rollout(service.make_drill().version, drill=True)


def answered(service):
    """Have answers in the log, and labels for them on the desk."""
    from datetime import UTC, datetime

    import msgspec

    from modelwright.serving.log import LogLine

    logs = places_of(service.ports).logs
    logs.mkdir(parents=True, exist_ok=True)
    at = datetime(2026, 1, 1, tzinfo=UTC)
    lines = [
        LogLine(
            request_id=f"r{number}", at=at, version="v1", arm="champion", status=200, latency_ms=4.0,
            prediction="yes", scores=[0.4, 0.6], confidence=0.6,
        )
        for number in range(200)
    ]  # fmt: skip
    data = msgspec.json.Encoder().encode_lines(lines)
    (logs / "predictions-20260101T000000000000Z-1-0.jsonl").write_bytes(data)
    rows = "\n".join(f"r{number},{'yes' if number % 3 else 'no'}" for number in range(200))
    (service.ports.project.root / "labels.csv").write_text(f"request_id,label\n{rows}\n")


@dataclass(frozen=True, kw_only=True)
class Work:
    """One command on a project of some age."""

    name: str
    """What it is called in the list of tests."""
    age: str
    """How far the project has come."""
    words: tuple[str, ...]
    """The command, without the program's name; `{root}` stands for the project's folder."""
    before: Callable[[object], None] = nothing
    """What is done to the project first."""
    ends: tuple[int, ...] = (OK,)
    """How the command may end undisturbed."""
    again: tuple[int, ...] = field(default=(OK,))
    """How it may end when it is typed again, whether or not it had done its work."""
    then: tuple[str, ...] = ()
    """The command that goes on with what it began, where there is one; it is typed after each."""
    leaves: tuple[str, ...] = ()
    """Files it leaves in the project's folder, by name; their bytes must not depend on kills."""


def _run(until, age, **more):
    words = ("run", "--no-input", "--quiet", "--until", str(until))
    return Work(
        name=f"run until {until}", age=age, words=words, ends=(OK, WAITING), again=(OK, WAITING), **more
    )


AGAIN = (OK, USER_FAULT, LOCKED)
"""Typed again after it had done its work, a command says so."""

WORKS = {
    work.name: work
    for work in (
        Work(
            name="init", age="table", again=AGAIN,
            words=("init", "calls", "--data", "{root}/calls.parquet", "--target", "bought", "--yes"),
        ),
        _run(1, "drafted"),
        _run(3, "read"),
        Work(name="approve", age="designed", words=("approve", "6", "--reason", "read and agreed")),
        Work(name="reject", age="designed", words=("reject", "6", "--reason", "not like this")),
        Work(
            name="request changes", age="designed",
            words=("request-changes", "6", "--reason", "say more about costs"),
        ),
        Work(
            name="freeze", age="designed", words=("run", "--no-input", "--until", "6"),
            before=lambda service: service.approve(6, reason="read and agreed"),
        ),
        Work(
            name="amend", age="finished", words=("amend", "--reason", "sales took over"), again=AGAIN,
            before=edit("campaign lead", "sales lead"),
        ),
        Work(name="promote", age="judged", words=("promote", "v1", "--reason", "gates passed")),
        Work(
            name="rollout drill", age="finished", words=("rollout", "drill"), again=AGAIN,
            then=("rollout", "watch", "--seconds", "0.1"),
        ),
        Work(
            name="rollout back", age="drilled", again=AGAIN, words=("rollout", "back", "--reason", "done"),
        ),
        Work(name="labels", age="answered", words=("labels", "{root}/labels.csv"), again=AGAIN),
        Work(
            name="score", age="finished", words=("score", "{root}/calls.parquet", "{root}/answers.parquet"),
            leaves=("answers.parquet",),
        ),
        Work(name="report", age="finished", words=("report",)),
        Work(
            name="ledger export", age="finished", words=("ledger", "export", "{root}/told.jsonl"),
            leaves=("told.jsonl",), again=AGAIN,
        ),
        Work(
            name="ledger import", age="emptied", words=("ledger", "import", "{root}/told.jsonl"), again=AGAIN
        ),
        Work(
            name="ledger anchor", age="finished", words=("ledger", "anchor", "--to", "{root}/anchor.json"),
            again=AGAIN,
        ),
    )
}  # fmt: skip
"""Every command that writes, by name."""


def emptied(service):
    """Have an exported ledger, and none of one's own."""
    root = service.ports.project.root
    assert call(Doom(), "ledger", "export", str(root / "told.jsonl"), root=root).returncode == OK
    service.ports.ledger.close()
    for path in service.ports.project.store.glob("ledger.db*"):
        path.unlink()


class Shelf:
    """Projects of every age, each made once, when it is first asked for."""

    def __init__(self, folder: Path) -> None:
        """Keep where they lie."""
        self.folder = folder

    def _from(self, age, change, name):
        shutil.copytree(self.age(age), self.folder / name)
        change(near(service_in(self.folder / name / "calls")))

    @cache  # noqa: B019 - one shelf a session
    def age(self, name: str) -> Path:
        """The folder of a project of this age and of its keys."""
        place = self.folder / name
        match name:
            case "table":
                drafted(place / "calls")
                for path in (place / "calls").iterdir():
                    if path.name != "calls.parquet":
                        path.unlink() if path.is_file() else shutil.rmtree(path)
            case "drafted":
                drafted(place / "calls")
            case "read":
                self._from(
                    "drafted", lambda service: (service.run(), service.approve(1, reason="read")), name
                )
            case "designed":
                self._from("drafted", lambda service: (walk(service, until=5), service.run(until=6)), name)
            case "judged":
                self._from("designed", walk, name)
            case "finished":
                self._from("judged", lambda service: service.promote("v1", reason="gates passed"), name)
            case "drilled":
                self._from("finished", drilled, name)
            case "answered":
                self._from("finished", answered, name)
            case "emptied":
                self._from("finished", emptied, name)
        (place / "home").mkdir(exist_ok=True)
        return place

    @cache  # noqa: B019 - one shelf a session
    def ready(self, name: str) -> Path:
        """The project just before a work."""
        work = WORKS[name]
        place = self.folder / f"before {name}"
        shutil.copytree(self.age(work.age), place)
        work.before(near(service_in(place / "calls")))
        return place

    def copy(self, name: str, folder: Path) -> Path:
        """Copy the project just before a work and return its root."""
        shutil.copytree(self.ready(name), folder, dirs_exist_ok=True)
        return folder / "calls"

    @cache  # noqa: B019 - one shelf a session
    def undisturbed(self, name: str) -> tuple[dict, int]:
        """What the work makes of it when nobody disturbs it, and the number of durable steps it takes."""
        root = self.copy(name, self.folder / f"after {name}")
        ended = call(Doom(count=1_000_000), *words(name, root), root=root)
        assert ended.returncode in WORKS[name].ends, ended.stderr
        goes_on(name, root)
        return facts(name, root), int(ended.stderr.rpartition("steps: ")[2])


def words(name, root):
    """The words of a work, in a project."""
    return [word.format(root=root) for word in WORKS[name].words]


NOTES = {"ledger.checkpoint", "ledger.imported"}
"""Entries about the ledger itself, which say nothing about the project."""


def goes_on(name, root):
    """Go on with what the work began, as its last words say."""
    if WORKS[name].then:
        assert call(Doom(), *WORKS[name].then, root=root).returncode in {OK, NOT_PASSED}


def facts(name, root):
    """What must not depend on how often the work was killed; times and what they change are left out."""
    service = near(service_in(root))
    project = service.ports.project
    places = places_of(service.ports)
    entries = service.entries()
    said = {
        entry.body["subject"]: entry.body["decision"] for entry in entries if entry.kind == "approval.given"
    }
    routing = read_routing(places.routing) if places.routing.exists() else None
    return {
        "contract": digest(project.contract_file) if project.contract_file.exists() else "",
        "states": [line.state for line in service.status().phases] if entries else [],
        "kinds": sorted({entry.kind for entry in entries} - NOTES),
        "said": said,
        "amended": sorted(entry.body["contract_digest"] for entry in entries if "amended" in entry.kind),
        "versions": sorted({(unnumbered(item.version), item.standing) for item in service.versions()}),
        "routing": routing and (routing.champion, unnumbered(routing.challenger or ""), routing.share),
        "labels": read_labels(places.labels).height if places.labels.exists() else 0,
        "left": {leaf: digest(root / leaf) for leaf in WORKS[name].leaves},
        "verified": service.verify().outcome.status.value if project.contract_file.exists() else "",
    }


def unnumbered(version):
    """A version's name; a drill that was packed and never started makes the next one the second."""
    return "drill" if version.startswith("drill") else version


def digest(path):
    """The digest of a file's bytes; that it is not there counts as one."""
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "not there"


def sound(root):
    """Demand that nothing half-written stands under a name that somebody reads."""
    service = near(service_in(root))
    project = service.ports.project
    assert service.ledger.verify().allows
    for path in project.artifacts.rglob("*"):
        if path.is_file() and not path.name.startswith("."):
            assert digest(path) == path.name, path
    if project.contract_file.exists():
        service.check()
    for version in service.versions():
        bundle = project.store / version.path
        assert f"sha256:{digest(bundle)}" == version.bundle_digest
    places = places_of(service.ports)
    if places.routing.exists():
        read_routing(places.routing)
    broken = [
        link
        for link in (service.verify().links if project.contract_file.exists() else ())
        if link.status.value == "failed" and "contract is the frozen" not in link.what
    ]
    assert broken == []


def cleared(root):
    """Clear what was begun, as the next run does, and return what is left of it."""
    service = service_in(root)
    try:
        with service.ports.lock():
            clear_leftovers(service.ports.project)
    except ModelwrightError as error:
        return [str(error)]
    store = root / ".modelwright"
    return sorted(str(path) for path in (*root.rglob(".*.part"), *(store / "scratch").glob("*")))
