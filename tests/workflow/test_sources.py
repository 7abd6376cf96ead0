"""Sources in a project: a database and a folder are read, named in the evidence, noticed when they change."""

import sqlite3
from contextlib import closing

import pytest
from tests.workflow.projects import calls, drafted

from modelwright.data.audit import SourceAudit
from modelwright.data.snapshot import Snapshot
from modelwright.kernel.errors import ContractInvalid
from modelwright.workflow.history import fold


def with_source(service, written):
    """The project with this source in place of the drafted one."""
    contract = service.ports.project.contract_file
    text = contract.read_text()
    assert "- {path: calls.parquet}" in text
    contract.write_text(text.replace("- {path: calls.parquet}", f"- {{{written}}}"))
    return service


def record_of(service, name, kind):
    """What phase 2 left behind."""
    completion = fold(service.ports.ledger.entries()).completions[2]
    return service.ports.store.get_record(completion.outputs[name], kind)


def to_phase_2(service):
    """Run up to the question after phase 3."""
    service.run()
    service.approve(1, reason="read and agreed")
    return service.run()


def test_a_database_is_a_source_like_any_other(tmp_path):
    """Its name and the digest of its rows are in the snapshot and in the audit."""
    root = tmp_path / "calls"
    service = drafted(root)
    with closing(sqlite3.connect(root / "calls.db")) as database:
        database.execute("CREATE TABLE calls (age, visits, job, seconds, bought)")
        database.executemany("INSERT INTO calls VALUES (?, ?, ?, ?, ?)", calls().rows())
        database.commit()
    with_source(service, 'url: "sqlite:///calls.db", query: "SELECT * FROM calls ORDER BY rowid"')
    assert to_phase_2(service).phase == 3
    (origin,) = record_of(service, "snapshot", Snapshot).origins
    assert (origin.kind, origin.rows) == ("database", 600)
    assert origin.name.startswith("sqlite:///calls.db#query-")
    (sources, *_) = record_of(service, "audit", SourceAudit).items
    assert "database, 600 rows" in sources.evidence[0]


def test_a_folder_is_noticed_when_a_file_is_added(tmp_path):
    """What was made of it is stale then."""
    root = tmp_path / "calls"
    service = drafted(root)
    (root / "days").mkdir()
    calls().head(300).write_csv(root / "days" / "1.csv")
    calls().tail(300).write_csv(root / "days" / "2.csv")
    with_source(service, "path: days")
    to_phase_2(service)
    assert record_of(service, "snapshot", Snapshot).origins[0].files == 2
    assert service.status().phases[1].state == "done"
    calls(60).write_csv(root / "days" / "3.csv")
    assert service.status().phases[1].state == "stale"


def test_a_password_in_the_contract_stops_everything(tmp_path):
    """With its line, and without showing it."""
    service = drafted(tmp_path / "calls")
    with_source(service, 'url: "postgresql://reader:s3cret@db/calls", table: calls')
    with pytest.raises(ContractInvalid, match="holds a password") as caught:
        service.run()
    assert "s3cret" not in str(caught.value)
