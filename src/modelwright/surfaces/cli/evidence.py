"""Commands that show evidence: reports, versions, verification, reproduction, review."""

from pathlib import Path

import click

from modelwright.kernel.digest import short
from modelwright.kernel.document import Table
from modelwright.kernel.errors import ExitCode, UserFault
from modelwright.kernel.outcome import Outcome, Status
from modelwright.surfaces.cli.console import console, show_json, show_table
from modelwright.surfaces.cli.door import json_option, present, service

__all__ = [
    "report",
    "reproduce",
    "review",
    "verify",
    "versions",
]

MARKS = {"passed": "[bold green]✔[/]", "failed": "[bold red]✘[/]", "unknown": "[bold yellow]?[/]"}


def _code(outcome: Outcome) -> int:
    return int(ExitCode.OK if outcome.allows else ExitCode.NOT_PASSED)


@click.command()
@click.argument("phase", type=int, required=False)
@json_option
@click.pass_context
def report(context: click.Context, *, phase: int | None, as_json: bool) -> None:
    """Say where the page of PHASE lies; without PHASE write the one-page summary of the whole run."""
    door = service(context)
    path = door.summary() if phase is None else door.page_of(phase)
    if not path.exists():
        raise UserFault(f"phase {phase} has no page yet", next_step="modelwright run")
    if as_json:
        show_json({"page": str(path)})
    else:
        click.echo(str(path))


@click.command()
@json_option
@click.pass_context
def versions(context: click.Context, *, as_json: bool) -> None:
    """List model versions and their standing."""
    listed = service(context).versions()
    if as_json:
        show_json(listed)
        return
    if not listed:
        console().print("No version yet. Next: modelwright run")
        return
    rows = tuple(
        (each.version, each.standing, each.verdict_status, short(each.bundle_digest)) for each in listed
    )
    show_table(Table(columns=("version", "standing", "gates", "bundle"), rows=rows))


@click.command()
@click.argument("bundle", type=click.Path(path_type=Path), required=False)
@click.option("--again", is_flag=True, help="Also take the snapshot and assess the risks again.")
@json_option
@click.pass_context
def verify(context: click.Context, *, bundle: Path | None, again: bool, as_json: bool) -> int:
    """Walk the chain of evidence: ledger, contract, artifacts, snapshot, bundles; and BUNDLE when given."""
    record = service(context).verify(bundle, again=again)
    present(record, as_json=as_json)
    if record.outcome.allows:
        return int(ExitCode.OK)
    broken = any(link.status is Status.FAILED for link in record.links)
    return int(ExitCode.TAMPERED if broken else ExitCode.NOT_PASSED)


@click.command()
@json_option
@click.pass_context
def reproduce(context: click.Context, *, as_json: bool) -> int:
    """Retrain from the stored snapshot with the recorded seed and compare with the record."""
    record = service(context).reproduce()
    present(record, as_json=as_json)
    return _code(record.outcome)


@click.command()
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path))
@json_option
@click.pass_context
def review(context: click.Context, *, paths: tuple[Path, ...], as_json: bool) -> int:
    """Review the Python files and notebooks below PATHS (default: the project); no contract is needed."""
    record = service(context).review(paths)
    present(record, as_json=as_json)
    return int(ExitCode.OK if record.decision != "BLOCK" else ExitCode.NOT_PASSED)
