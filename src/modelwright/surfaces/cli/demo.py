"""`modelwright demo`: the whole life of a model on real data, told while it happens."""

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelwright.kernel.errors import ExitCode, UserFault
from modelwright.surfaces.cli.console import console, escape, show, show_json
from modelwright.surfaces.cli.door import json_option
from modelwright.surfaces.cli.run import Teller

if TYPE_CHECKING:  # named in signatures; loaded when the demonstration starts
    from modelwright.workflow.service import Service

__all__ = ["demo"]

DATA = Path("examples") / "data" / "bank_marketing.parquet"
"""UCI Bank Marketing, as it lies in the repository."""

REQUESTS = 800
"""Requests of each kind of traffic."""


def _chapter(number: int, title: str) -> None:
    console().print(f"\n[bold cyan]{number}[/] [bold]{title}[/]")


def _typed(text: str) -> None:
    console().print(f"[dim]$[/] [cyan]{text}[/]")


def _open(folder: Path) -> "Service":
    from modelwright.settings import read_settings
    from modelwright.surfaces.cli.progress import TerminalProgress
    from modelwright.wiring import build_service

    variables = {**os.environ, "MODELWRIGHT_HOME": str(folder / "home"), "MODELWRIGHT_ACTOR": "demonstration"}
    project = folder / "calls"
    project.mkdir(parents=True, exist_ok=True)
    return build_service(project, read_settings(variables), progress=TerminalProgress())


@click.command()
@click.option(
    "--data", default=DATA, type=click.Path(path_type=Path), show_default=True, help="The demo table."
)
@click.option(
    "--out", default=Path("demo-out"), type=click.Path(path_type=Path), show_default=True, help="Folder."
)
@click.option("--fresh", is_flag=True, help="Start over; otherwise phases that are up to date are kept.")
@json_option
def demo(*, data: Path, out: Path, fresh: bool, as_json: bool) -> int:
    """Watch the whole life of a model on real data: framed, trained, judged, served, rolled back, monitored.

    Everything happens on this machine. The answers a person would give are given by an actor named
    `demonstration`, and say so in the ledger.
    """
    if not data.is_file():
        raise UserFault(
            f"there is no {data}",
            why="the demonstration runs on real data",
            next_step="run it from the repository, or point --data at bank_marketing.parquet",
        )
    if fresh and out.exists():
        import shutil

        shutil.rmtree(out)
    started = time.perf_counter()
    door = _open(out)
    _frame(door, data)
    _walk(door)
    story = _promote(door)
    _live(door)
    passed = _prove(door)
    seconds = time.perf_counter() - started
    summary = door.summary()
    if as_json:
        show_json({"summary": str(summary), "version": story, "seconds": round(seconds, 1), "proven": passed})
    out_console = console()
    out_console.print(f"\n[bold green]✔[/] the whole life of a model in {seconds:.0f} s")
    out_console.print(f"  the one-page summary   {summary}")
    out_console.print(f"  the contract           {door.ports.project.contract_file}")
    out_console.print(f"  the ledger             {door.ports.project.ledger_file}")
    out_console.print(f"  pages of the phases    {door.ports.project.reports}")
    return int(ExitCode.OK if passed else ExitCode.NOT_PASSED)


def _frame(door: "Service", data: Path) -> None:
    from modelwright.workflow.demonstration import BANK

    _chapter(1, "A table and a decision become a contract")
    _typed(f"modelwright init {BANK.name} --data {data} --target {BANK.target}")
    if door.ports.project.contract_file.exists():
        console().print("  contract.yaml is there from an earlier run and is kept")
        return
    drafted = door.init(BANK.name, data=data, target=BANK.target, mode=BANK.mode, answers=BANK.answers)
    for assumption in drafted.assumptions:
        console().print(f"  [yellow]?[/] taken for granted: {escape(assumption)}")


def _walk(door: "Service") -> None:
    from modelwright.workflow.demonstration import BANK, answer_like_a_person

    _chapter(2, "Twelve phases, stopping where a person must decide")
    listener = Teller(quiet=False)
    for _ in range(len(door.status().phases) + 1):
        result = door.run(listener=listener)
        if result.ended != "waiting":
            return
        console().print(f"\n[bold yellow]●[/] {result.message.splitlines()[0]}")
        _typed(answer_like_a_person(door, result.phase, BANK))


def _promote(door: "Service") -> str:
    _chapter(3, "Gates passed: the version becomes the champion")
    listed = [version for version in door.versions() if version.standing in {"registered", "champion"}]
    newest = listed[-1]
    if newest.standing != "champion":
        reason = "gates and certificate passed"
        _typed(f'modelwright promote {newest.version} --reason "{reason}"')
        door.promote(newest.version, reason=reason)
    console().print(f"  [bold green]✔[/] {newest.version} is the champion")
    return newest.version


def _live(door: "Service") -> None:
    from modelwright.workflow.demonstration import BANK, drift, drill_rollback, open_world, serve_champion

    _chapter(4, "Served on loopback; a bad challenger is rolled back under live traffic")
    world = open_world(door)
    with serve_champion(door) as server:
        console().print(f"  the champion answers on {server.url}")
        _typed("modelwright rollout drill")
        drilled = drill_rollback(door, server.url, world, tell=lambda line: console().print(f"  {line}"))
        ended = drilled.judgements[-1].action if drilled.judgements else "hold"
        tone = "[bold green]✔[/]" if ended == "rollback" else "[bold red]✘[/]"
        console().print(
            f"  {tone} {drilled.version} (trained on shuffled labels) took {drilled.requests} requests and "
            f"{drilled.seconds:.1f} s to be found and taken back"
        )
        _chapter(5, "The world drifts; labels arrive late; the monitor tells")
        told = drift(door, server.url, world, by=BANK.shift, count=REQUESTS, wait=time.sleep)
        console().print(f"  {told.calm} ordinary requests, then {told.shifted} from a drifted world")
        _typed(f"modelwright monitor --rows {told.shifted}")
        for alert in told.report.alerts:
            console().print(f"  [bold yellow]●[/] {alert.severity.value}: {alert.what} -> {alert.response}")
        for quality in told.report.quality[-2:]:
            console().print(f"  {quality.outcome.what}: {'; '.join(quality.outcome.evidence)}")


def _prove(door: "Service") -> bool:
    _chapter(6, "Proof: retrain and compare bit by bit; walk the evidence from bundle to contract")
    _typed("modelwright reproduce")
    again = door.reproduce()
    console().print(f"  {again.outcome.status.value}: {'; '.join(again.outcome.evidence)}")
    _typed("modelwright verify")
    record = door.verify()
    show(record.document())
    return record.outcome.allows and again.outcome.allows
