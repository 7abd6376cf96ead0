"""Commands for people: approve, reject, request changes. An agent may type them; it is refused."""

import click

from modelwright.kernel.errors import UserFault
from modelwright.surfaces.cli.console import console, escape, show_json
from modelwright.surfaces.cli.door import json_option, program, root_of, service

__all__ = ["approve", "reject", "request_changes"]


@click.command()
@click.argument("phase", type=int)
@click.option("--choose", default=None, help="Phase 4: the design (baseline, pragmatic or frontier).")
@click.option(
    "--risk", "risks", multiple=True, metavar="ID=ACTION", help="Phase 3: accept, modify or block a risk."
)
@click.option("--fix", default=None, help="Phase 10: all, none, or finding ids separated by commas.")
@click.option("--reason", default="confirmed as shown", show_default=True, help="Why.")
@json_option
@click.pass_context
def approve(
    context: click.Context,
    *,
    phase: int,
    choose: str | None,
    risks: tuple[str, ...],
    fix: str | None,
    reason: str,
    as_json: bool,
) -> None:
    """Answer PHASE with yes, and make its choice.

    \b
    Examples:
        modelwright approve 3 --risk LEAK-TIMING:duration=modify --reason "known only after the call"
        modelwright approve 4 --choose pragmatic --reason "within latency, 0.01 AUC of frontier"
    """  # noqa: D301 - click reads the backspace as: do not fold
    choices: dict[str, str] = {}
    for risk in risks:
        name, separator, action = risk.rpartition("=")
        if not separator:
            raise UserFault(
                f"'{risk}' is not of the form ID=ACTION", next_step="--risk LEAK-TIMING:duration=modify"
            )
        choices[name] = action
    choices |= {key: value for key, value in (("design", choose), ("fix", fix)) if value is not None}
    entry = service(context).approve(phase, choices=choices, reason=reason)
    if as_json:
        show_json(entry)
        return
    console().print(
        f"[bold green]✔[/] phase {phase} approved by {entry.actor.label} (ledger entry {entry.sequence})"
    )
    console().print(f"[bold cyan]→[/] {escape(program(root_of(context)))} run")


@click.command()
@click.argument("phase", type=int)
@click.option("--reason", required=True, help="What is wrong.")
@json_option
@click.pass_context
def reject(context: click.Context, *, phase: int, reason: str, as_json: bool) -> None:
    """Answer PHASE with no."""
    entry = service(context).refuse(phase, reason=reason)
    if as_json:
        show_json(entry)
        return
    console().print(
        f"[bold red]✘[/] phase {phase} rejected by {entry.actor.label} (ledger entry {entry.sequence})"
    )


@click.command("request-changes")
@click.argument("phase", type=int)
@click.option("--reason", required=True, help="What to change.")
@json_option
@click.pass_context
def request_changes(context: click.Context, *, phase: int, reason: str, as_json: bool) -> None:
    """Ask for changes to what PHASE shows."""
    entry = service(context).request_changes(phase, reason=reason)
    if as_json:
        show_json(entry)
        return
    console().print(f"[bold yellow]●[/] changes to phase {phase} asked for by {entry.actor.label}")
