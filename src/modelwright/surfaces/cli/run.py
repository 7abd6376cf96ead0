"""`modelwright run` and `modelwright status`."""

from collections.abc import Mapping

import click

from modelwright.kernel.errors import ExitCode
from modelwright.surfaces.cli.console import console, show, show_json
from modelwright.surfaces.cli.door import json_option, present, service
from modelwright.workflow.highlights import highlight
from modelwright.workflow.phases import Phase, announcement

__all__ = ["run", "status"]


class Teller:
    """Tells a run as it goes: the announcement, then what the phase found."""

    def __init__(self, *, quiet: bool) -> None:
        """Keep whether to show only announcements."""
        self.quiet = quiet

    def __call__(self, what: str, phase: Phase, outputs: Mapping[str, object]) -> None:
        """Show one event."""
        out = console()
        if what == "kept":
            out.print(f"[dim]Phase {phase.number} of 12: {phase.name} is up to date[/dim]")
        elif what == "announce":
            out.print(f"\n[bold]{announcement(phase.number)}[/bold]")
        elif what == "done" and not self.quiet:
            document = highlight(phase, outputs)
            if document is not None:
                show(document)


def _silent(what: str, phase: Phase, outputs: Mapping[str, object]) -> None:
    del what, phase, outputs


@click.command()
@click.argument("request", required=False, default="")
@click.option("--until", default=12, show_default=True, help="Stop after this phase.")
@click.option(
    "--phase", "only", type=int, default=None, help="Run only this phase; refused while it is locked."
)
@click.option("--capsule", "capsule", default=None, metavar="SLUG", help="Start from .phase0/capsules/SLUG.")
@click.option("--quiet", is_flag=True, help="Show only the announcements.")
@json_option
@click.pass_context
def run(
    context: click.Context,
    request: str,
    until: int,
    only: int | None,
    capsule: str | None,
    quiet: bool,  # noqa: FBT001 - a flag
    as_json: bool,  # noqa: FBT001 - a flag
) -> int:
    """Advance phase by phase; stop where a person must decide.

    REQUEST is the task in your own words; the contract's goal stands in when it is left out.
    Phases that are up to date are kept, so a run that was stopped goes on where it was.
    """
    door = service(context)
    listener = _silent if as_json else Teller(quiet=quiet)
    result = door.run(listener=listener, until=until, only=only, capsule=capsule, request=request)
    if as_json:
        show_json(result)
    elif result.ended == "waiting":
        console().print(f"\n[bold yellow]●[/] A person must decide after phase {result.phase}.")
        console().print(result.message, markup=False)
        console().print(f"[dim]The page: {door.page_of(result.phase)}[/dim]")
    else:
        console().print(f"\n[bold green]✔[/] {result.message}")
    if result.ended == "waiting":
        return int(ExitCode.WAITING)
    return int(ExitCode.NOT_PASSED if door.verdict_passed() is False else ExitCode.OK)


@click.command()
@json_option
@click.pass_context
def status(context: click.Context, as_json: bool) -> None:  # noqa: FBT001 - a flag
    """Show the twelve phases and the next step."""
    present(service(context).status(), as_json=as_json)
