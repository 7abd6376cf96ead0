"""Wiring: one service out of a folder and the settings, with real adapters behind every port."""

import pytest

from modelwright.authority.actor import Actor, ActorKind
from modelwright.kernel.errors import ProjectBusy, UserFault
from modelwright.settings import read_settings
from modelwright.wiring import build_service, open_project


@pytest.fixture
def settings(tmp_path):
    """Settings that keep to the scratch folder."""
    return read_settings({"HOME": str(tmp_path), "MODELWRIGHT_ACTOR": "lead", "MODELWRIGHT_THREADS": "1"})


def test_a_folder_is_opened_with_the_settings_of_the_environment(tmp_path, monkeypatch):
    """As the command line does; a path may be text, and nothing is written by looking."""
    monkeypatch.setenv("MODELWRIGHT_ACTOR", "agent:coder")
    service = open_project(str(tmp_path))
    assert service.entries() == ()
    assert service.ports.actor.kind is ActorKind.AGENT
    assert list(tmp_path.iterdir()) == []


def test_an_actor_handed_in_wins(tmp_path, settings):
    """A server acts as a service, whoever started it."""
    actor = Actor(kind=ActorKind.SERVICE, name="nightly")
    assert build_service(tmp_path, settings).ports.actor.name == "lead"
    assert build_service(tmp_path, settings, actor=actor).ports.actor is actor


def test_two_services_of_one_folder_cannot_write_at_once(tmp_path, settings):
    """The lock is of the folder, not of the process's memory; let go, it can be taken again."""
    first, second = build_service(tmp_path, settings), build_service(tmp_path, settings)
    with first.ports.lock(), pytest.raises(ProjectBusy), second.ports.lock():
        pass
    with second.ports.lock():
        pass


def test_the_seal_belongs_to_the_ledger_and_lies_outside_the_project(tmp_path, settings):
    """Moved or renamed, a project keeps its key; without a ledger there is nothing to name it by."""
    root = tmp_path / "calls"
    service = build_service(root, settings)
    with pytest.raises(UserFault, match="has no ledger"):
        service.ports.seal()
    service.ports.ledger.append("project.started", {"name": "calls"}, actor=service.ports.actor)
    key = service.ports.seal().seal_id
    moved = root.rename(tmp_path / "moved")
    assert build_service(moved, settings).ports.seal().seal_id == key
    assert [path for path in settings.home.rglob("*") if path.is_file()]
    assert not list(moved.rglob("*key*"))


def test_every_port_has_its_adapter(tmp_path, settings):
    """What a phase asks for first is there: clock, scorer, environment."""
    ports = build_service(tmp_path, settings).ports
    assert ports.clock.now().tzinfo is not None
    assert ports.scorer() is not None
    assert "polars" in ports.environment().packages
    assert ports.threads == 1
    ports.progress.say("nothing")
