"""Notifying: once an occasion, by every carrier, never in the way, and on the record either way."""

from dataclasses import replace
from threading import Event

import pytest
from tests.workflow.projects import drafted

from modelwright.kernel.errors import ServiceFailed
from modelwright.workflow.notifying import tell_people


class Carrier:
    """A carrier that keeps what it carries, or fails."""

    def __init__(self, name="pigeon", *, fails=False, hangs=False):
        self.name = name
        self.fails = fails
        self.hangs = hangs
        self.carried = []

    def send(self, notice):
        """Carry, fail or hang."""
        if self.hangs:
            Event().wait(30)
        if self.fails:
            raise ServiceFailed("the pigeon is lost")
        self.carried.append(notice)


def with_carriers(service, *carriers):
    """The service with these carriers."""
    return type(service)(replace(service.ports, notifiers=lambda: carriers))


def sent(service):
    """What the ledger says of notices."""
    return [entry.body for entry in service.entries() if entry.kind == "notice.sent"]


@pytest.fixture
def project(tmp_path):
    """A drafted project."""
    return drafted(tmp_path / "calls")


def test_people_are_told_once_that_an_answer_is_waited_for(project):
    """Running again tells nobody again; what is shown anew is a new occasion."""
    pigeon = Carrier()
    service = with_carriers(project, pigeon)
    service.run()
    service.run()
    (notice,) = pigeon.carried
    assert (notice.kind, notice.subject) == ("approval requested", "phase:1")
    assert notice.title == "calls: approval requested (phase:1)"
    assert sent(service)[0]["carried"] == ["pigeon"]
    contract = service.ports.project.contract_file
    contract.write_text(contract.read_text().replace("campaign lead", "somebody else"))
    service.run()
    assert len(pigeon.carried) == 2


def test_a_carrier_that_fails_or_hangs_stops_nothing(project):
    """The failure is on the record, and the other carrier is not asked twice when it is tried again."""
    good, bad, slow = Carrier(), Carrier("crow", fails=True), Carrier("snail", hangs=True)
    service = with_carriers(project, good, bad, slow)
    said = {"subject": "rollout:v2", "text": "v2 was taken back", "next_step": "look", "occasion": "1"}
    tell_people(service.ports, "rolled back", **said)
    (entry,) = sent(service)
    assert entry["carried"] == ["pigeon"]
    assert entry["failed"] == {"crow": "the pigeon is lost", "snail": "no answer within 6 s"}
    bad.fails = False
    again = with_carriers(project, good, bad)
    tell_people(again.ports, "rolled back", **said)
    assert len(good.carried) == 1
    assert len(bad.carried) == 1
    tell_people(again.ports, "rolled back", **said)
    assert len(sent(again)) == 2


def test_where_nothing_is_set_up_nothing_is_written(project):
    """No carrier, no entry."""
    tell_people(project.ports, "rolled back", subject="rollout:v2", text="", next_step="", occasion="1")
    project.run()
    assert sent(project) == []
