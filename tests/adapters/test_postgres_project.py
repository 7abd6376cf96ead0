"""A project whose ledger lies in PostgreSQL: it runs, is joined from elsewhere, moved to and audited."""

import itertools

import pytest
from tests.workflow.projects import LEAD, SECOND, calls, drafted, service_in

from modelwright.kernel.errors import ServiceFailed, UserFault
from modelwright.settings import read_settings
from modelwright.wiring import build_service

pytestmark = pytest.mark.postgres

NUMBERS = itertools.count(1)


def service_at(root, url, *, actor=LEAD):
    """The service of a project folder whose ledger is named by the setting."""
    settings = read_settings(
        {
            "MODELWRIGHT_HOME": str(root.parent / "home"),
            "MODELWRIGHT_LEDGER": url,
            "MODELWRIGHT_THREADS": "1",
            "HOME": str(root.parent),
            "PATH": "/usr/bin:/bin",
        }
    )
    return build_service(root, settings, actor=actor)


def begun(root, url):
    """A drafted project that has run its first phase."""
    root.mkdir(parents=True)
    calls().write_parquet(root / "calls.parquet")
    service = service_at(root, url)
    given = {"goal": "Call the clients first who are likely to buy", "owner": "campaign lead"}
    service.init("calls", data=root / "calls.parquet", target="bought", answers=given)
    service.run(until=1)
    return service


@pytest.fixture
def url(cluster):
    """The database, and a name no other test has."""
    return f"{cluster.url()}?project=life{next(NUMBERS)}"


def test_a_project_runs_and_leaves_no_ledger_in_its_folder(cluster, url, tmp_path):
    """Nor the password of the one it has."""
    service = begun(tmp_path / "calls", url)
    kinds = [entry.kind for entry in service.entries()]
    assert kinds[0] == "project.started"
    assert kinds[-1] == "ledger.checkpoint"
    assert service.ledger.audit().outcome.allows
    assert service.ledger.verify().allows
    assert not (tmp_path / "calls" / ".modelwright" / "ledger.db").exists()
    store = tmp_path / "calls" / ".modelwright"
    held = b"".join(path.read_bytes() for path in store.rglob("*") if path.is_file())
    assert cluster.password.encode() not in held
    service.close()


def test_two_people_on_two_machines_work_in_one_ledger(url, tmp_path):
    """The second joins by the name of the project."""
    first = begun(tmp_path / "one" / "calls", url)
    second = service_at(tmp_path / "two" / "calls", url, actor=SECOND)
    assert second.entries() == first.entries()
    first.approve(1, reason="as we talked")
    assert second.entries()[-1].actor == LEAD
    second.ports.ledger.append("note", {"text": "seen"}, actor=SECOND)
    assert first.entries()[-1].actor == SECOND
    assert first.ledger.audit().outcome.allows
    first.close()
    second.close()


def test_a_ledger_is_moved_from_the_file_with_its_anchors(url, tmp_path):
    """As the refusal of a second ledger says."""
    root = tmp_path / "calls"
    old = drafted(root)
    old.run(until=1)
    old.ledger.anchor(to=tmp_path / "heads.jsonl")
    with pytest.raises(UserFault, match="has its ledger in a file"):
        service_at(root, url)
    old.ledger.export(tmp_path / "copy.jsonl")
    before = old.entries()
    old.close()
    old.ports.project.ledger_file.rename(root / ".modelwright" / "ledger.db.moved")
    new = service_at(root, url)
    new.ledger.adopt(tmp_path / "copy.jsonl")
    assert new.entries()[:-1] == before
    assert new.ledger.audit(anchors=[tmp_path / "heads.jsonl"]).outcome.allows
    with pytest.raises(UserFault, match="lies elsewhere"):
        service_in(root)
    new.close()


def test_a_run_without_its_server_stops_in_words_and_goes_on_later(cluster, url, tmp_path):
    """Nothing is lost, and nothing half-open is left."""
    service = begun(tmp_path / "calls", url)
    length = len(service.entries())
    service.approve(1, reason="as we talked")
    cluster.stop()
    try:
        with pytest.raises(ServiceFailed, match="cannot be reached"):
            service.run(until=2)
    finally:
        cluster.start()
    assert service.run(until=2).ran == (2,)
    assert len(service.entries()) == length + 3
    assert service.ledger.audit().outcome.allows
    service.close()
