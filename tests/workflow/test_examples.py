"""The examples, typed as their pages say, from a bare file to a served model, on a part of their rows."""

import re
import shlex

import polars as pl
import pytest
from tests.surfaces.terminal import environment

from modelwright.kernel.errors import ExitCode
from modelwright.risk.register import RiskList
from modelwright.surfaces.cli.main import main
from modelwright.wiring import open_project
from modelwright.workflow.demonstration import open_world, serve_champion
from modelwright.workflow.traffic import send

WAITS = {ExitCode.OK, ExitCode.WAITING}
"""How `run` ends where all is well."""


@pytest.fixture
def desk(tmp_path, monkeypatch):
    """An empty folder to type in, and a home that nobody lives in."""
    for name, value in environment(tmp_path).items():
        monkeypatch.setenv(name, value)
    (tmp_path / "desk" / "examples" / "data").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "desk")
    return tmp_path / "desk"


def commands(page):
    """The commands of a page, word by word."""
    (block,) = re.findall(r"```console\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    return [shlex.split(line) for line in block.replace("\\\n", " ").splitlines()]


def type_in(page):
    """Type the commands of a page but for the last one, which serves until it is stopped."""
    *typed, last = commands(page)
    for program, *words in typed:
        assert program == "modelwright"
        assert main(words) in (WAITS if "run" in words else {ExitCode.OK}), words
    assert last[-1] == "serve"


def risks(service):
    """The names of the risks on the last risk list."""
    completion = service.look().history.completions[3]
    listed = service.ports.store.get_record(completion.outputs["risks"], RiskList)
    return {risk.id for risk in listed.risks}


def answers(service):
    """What the server says to a few rows it has not seen."""
    with serve_champion(service) as server:
        return list(send(server.url, open_world(service).slice(0, 10).rows, prefix="asked"))


def test_bike_sharing_reaches_a_served_model_without_its_leak(desk, pytestconfig):
    """Every twelfth hour, in the order of time: the sum is found and taken out, the split is temporal."""
    examples = pytestconfig.rootpath / "examples"
    table = pl.read_parquet(examples / "data" / "bike_sharing_hourly.parquet").gather_every(12)
    table.write_parquet(desk / "examples" / "data" / "bike_sharing_hourly.parquet")
    type_in(examples / "bike_sharing" / "README.md")
    service = open_project("bikes")
    assert "TARGET-SUM:casual+registered" in risks(service)
    assert service.check().contract.data.split.policy == "temporal"
    assert service.verify().outcome.allows
    assert pl.read_parquet(desk / "scored.parquet").height == table.height
    assert [item.status for item in answers(service)] == [200] * 10


def test_letters_reach_a_served_model_of_26_classes(desk, pytestconfig):
    """Every twentieth letter, and some of them twice: repeated rows are left out."""
    examples = pytestconfig.rootpath / "examples"
    table = pl.read_parquet(examples / "data" / "letter_recognition.parquet").gather_every(20)
    pl.concat([table, table.head(150)]).write_parquet(
        desk / "examples" / "data" / "letter_recognition.parquet"
    )
    type_in(examples / "letters" / "README.md")
    service = open_project("letters")
    assert service.check().contract.data.duplicates == "drop"
    assert "DUPLICATE" not in risks(service)
    assert service.verify().outcome.allows
    letters = {item.prediction for item in answers(service)}
    assert letters <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZ")
