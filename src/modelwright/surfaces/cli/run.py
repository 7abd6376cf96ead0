"""`modelwright run` and `modelwright status`."""

from collections.abc import Mapping

import click

from modelwright.kernel.digest import plain
from modelwright.kernel.errors import ExitCode
from modelwright.surfaces.cli.answering import answer_here, can_answer_here, command_line, tell_command
from modelwright.surfaces.cli.console import console, escape, show, show_json
from modelwright.surfaces.cli.door import json_option, present, program, root_of, service
from modelwright.workflow.asking import asked
from modelwright.workflow.engine import Advance
from modelwright.workflow.highlights import highlight
from modelwright.workflow.phases import PHASES, Phase, announcement
from modelwright.workflow.service import Service

__all__ = ["run", "status"]

JUDGED = 11
"""The phase that judges the gates: from there on their verdict decides the exit code."""


class Teller:
    """Tells a run as it goes: the announcement, then what the phase found; what is kept is told once."""

    def __init__(self, *, quiet: bool) -> None:
        """Keep whether to show only announcements."""
        self.quiet = quiet
        self._kept: list[int] = []
        self._told: set[int] = set()

    def __call__(self, what: str, phase: Phase, outputs: Mapping[str, object]) -> None:
        """Show one event."""
        if what == "kept":
            if phase.number not in self._told:
                self._kept.append(phase.number)
                self._told.add(phase.number)
            return
        self.flush()
        out = console()
        if what == "announce":
            heading, following = announcement(phase.number).splitlines()
            out.print(f"\n[bold]{heading}[/]\n[dim]{following}[/]")
            self._told.add(phase.number)
        elif not self.quiet:
            document = highlight(phase, outputs)
            if document is not None:
                out.print()
                show(document)

    def flush(self) -> None:
        """Say which phases were kept since the last time."""
        if self._kept:
            first, last = self._kept[0], self._kept[-1]
            told = f"Phase {first} is" if first == last else f"Phases {first} to {last} are"
            console().print(f"[dim]{told} up to date[/]")
            self._kept.clear()


def _silent(what: str, phase: Phase, outputs: Mapping[str, object]) -> None:
    del what, phase, outputs


@click.command()
@click.argument("request", required=False, default="")
@click.option("--until", default=len(PHASES), show_default=True, help="Stop after this phase.")
@click.option(
    "--phase", "only", type=int, default=None, help="Run only this phase; refused while it is locked."
)
@click.option("--capsule", "capsule", default=None, metavar="SLUG", help="Start from .phase0/capsules/SLUG.")
@click.option("--quiet", is_flag=True, help="Show only the announcements.")
@click.option("--no-input", is_flag=True, help="Never ask; stop with exit code 5 where a person must decide.")
@json_option
@click.pass_context
def run(
    context: click.Context,
    *,
    request: str,
    until: int,
    only: int | None,
    capsule: str | None,
    quiet: bool,
    no_input: bool,
    as_json: bool,
) -> int:
    """Advance phase by phase; stop where a person must decide.

    REQUEST is the task in your own words; the contract's goal stands in when it is left out.
    Phases that are up to date are kept, so a run that was stopped goes on where it was.
    On a terminal the question is put to you and the run goes on with your answer.

    \b
    Examples:
        modelwright run
        modelwright run --until 6
        modelwright run --phase 3 --no-input
    """  # noqa: D301 - click reads the backspace as: do not fold
    door = service(context)
    teller = None if as_json else Teller(quiet=quiet)
    asking = not as_json and not no_input and can_answer_here(door)
    while True:
        result = door.run(
            listener=teller or _silent, until=until, only=only, capsule=capsule, request=request
        )
        if teller is not None:
            teller.flush()
        if result.ended != "waiting" or not asking:
            break
        _ask(door, result)
        if not answer_here(door, asked(door.ports, result.phase), shown=result.phase in result.ran):
            break
    if as_json:
        _show_result(context, door, result)
    else:
        _tell_result(context, door, result, asking=asking)
    if result.ended == "waiting":
        return int(ExitCode.WAITING)
    judged = result.phase >= JUDGED and door.verdict_passed() is False
    return int(ExitCode.NOT_PASSED if judged else ExitCode.OK)


def _ask(door: Service, result: Advance) -> None:
    out = console()
    out.print(f"\n[bold yellow]●[/] [bold]A person must decide after phase {result.phase}.[/]")
    for line in result.message.splitlines():
        if not line.startswith("Answer with"):  # the exact command, with its choices, follows
            out.print(line, markup=False)
    out.print(f"[dim]The page: {door.page_of(result.phase)}[/]")


def _show_result(context: click.Context, door: Service, result: Advance) -> None:
    body = plain(result)
    extra: dict[str, object] = {}
    if result.ended == "waiting":
        question = asked(door.ports, result.phase)
        extra = {"asked": question, "answer_with": "\n".join(command_line(question, root=root_of(context)))}
    show_json({**(body if isinstance(body, Mapping) else {}), **extra})


def _tell_result(context: click.Context, door: Service, result: Advance, *, asking: bool) -> None:
    out = console()
    if result.ended == "waiting":
        if asking:
            out.print(f"[bold cyan]→[/] {escape(program(root_of(context)))} run asks again")
        else:
            _ask(door, result)
            tell_command(asked(door.ports, result.phase), root=root_of(context))
        return
    if result.ended == "done":
        out.print("\n[bold green]✔[/] All twelve phases are done.")
        if door.verdict_passed() is False:
            out.print(
                "[bold red]✘[/] The gates did not pass, so nothing can be promoted: modelwright report 11"
            )
        else:
            out.print(f"[bold cyan]→[/] {door.status().next_step}", markup=True)
        return
    out.print(f"\n[bold green]✔[/] Phase {result.phase} is done. {result.message}")


@click.command()
@json_option
@click.pass_context
def status(context: click.Context, *, as_json: bool) -> None:
    """Show the twelve phases and the next step."""
    present(service(context).status(), as_json=as_json)
