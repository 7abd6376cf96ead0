"""Commands about what is let through: `waive`, `waivers` and `follow-up`."""

import click

from modelwright.kernel.document import Table
from modelwright.kernel.errors import UserFault
from modelwright.surfaces.cli.console import console, escape, show_json, show_table
from modelwright.surfaces.cli.door import json_option, program, root_of, service
from modelwright.surfaces.cli.lazy import LazyGroup

__all__ = ["close", "follow_up", "listing", "waive", "waivers"]

HERE = "modelwright.surfaces.cli.waivers"

follow_up = LazyGroup(
    "follow-up",
    commands_by_name={
        "list": ("Follow-ups", f"{HERE}:listing", "List what broken glasses left behind."),
        "close": ("Follow-ups", f"{HERE}:close", "Answer for a glass that was broken."),
    },
    about="What was let out by a broken glass stays open in every report until somebody answers for it.",
)


@click.command()
@click.argument("finding", metavar="RISK_ID")
@click.option("--reason", required=True, help="Why it may stand; or why it may no more, with --revoke.")
@click.option("--until", default="", metavar="DAY", help="The day it ends, such as 2027-01-31.")
@click.option("--revoke", is_flag=True, help="Take the waiver back: the finding blocks again at once.")
@json_option
@click.pass_context
def waive(
    context: click.Context, *, finding: str, reason: str, until: str, revoke: bool, as_json: bool
) -> None:
    """Let a finding that blocks stand, in your name, until a day.

    A risk that blocks, or a question of the checklist: RISK_ID is what report 3 and report 10 call it. In
    quick mode the end may be left out and is then 90 days away; elsewhere it is asked for.

    \b
    Examples:
        modelwright waive LEAK-TIMING:balance --reason "known by then" --until 2027-01-31
        modelwright waive LEAK-TIMING:balance --reason "it is a leak after all" --revoke
    """  # noqa: D301 - click reads the backspace as: do not fold
    desk = service(context).consent
    if revoke and until:
        raise UserFault(
            "a waiver is either given until a day or revoked", next_step="leave out one of the two"
        )
    entry = (
        desk.revoke_waiver(finding, reason=reason)
        if revoke
        else desk.waive(finding, reason=reason, until=until)
    )
    if as_json:
        show_json(entry)
        return
    done = "blocks again" if revoke else f"is waived until {str(entry.body['until'])[:16]} UTC"
    who = f"by {escape(entry.actor.label)} (ledger entry {entry.sequence})"
    console().print(f"[bold yellow]●[/] {escape(finding)} {done}, {who}")
    console().print(f"[bold cyan]→[/] {escape(program(root_of(context)))} run")


@click.command()
@json_option
@click.pass_context
def waivers(context: click.Context, *, as_json: bool) -> None:
    """List every waiver: who let what stand, why, until when, and what became of it."""
    lines = service(context).consent.waivers()
    if as_json:
        show_json(lines)
        return
    if not lines:
        console().print("Nothing was waived.")
        return
    rows = tuple(
        (
            line.waiver.finding,
            line.state,
            f"{line.waiver.until:%Y-%m-%d %H:%M}",
            line.waiver.actor.label,
            line.waiver.reason + (f" (answer to {line.waiver.origin})" if line.waiver.origin else ""),
        )
        for line in lines
    )
    show_table(Table(columns=("finding", "state", "until (UTC)", "by", "why"), rows=rows))


@click.command("list")
@json_option
@click.pass_context
def listing(context: click.Context, *, as_json: bool) -> None:
    """List what broken glasses left behind, open ones first."""
    found = sorted(service(context).consent.follow_ups(), key=lambda item: bool(item.closed))
    if as_json:
        show_json(found)
        return
    if not found:
        console().print("No glass was broken.")
    for item in found:
        mark = "[bold green]✔[/]" if item.closed else "[bold yellow]●[/]"
        console().print(f"{mark} {escape(item.told)}" + (f"; {escape(item.closed)}" if item.closed else ""))


@click.command()
@click.argument("follow_up", metavar="FOLLOW_UP", required=False, default="")
@click.option("--reason", required=True, help="What was found and done since.")
@json_option
@click.pass_context
def close(context: click.Context, *, follow_up: str, reason: str, as_json: bool) -> None:
    """Answer for a glass that was broken; FOLLOW_UP may be left out when only one is open."""
    entry = service(context).consent.close_follow_up(follow_up, reason=reason)
    if as_json:
        show_json(entry)
        return
    who = f"by {escape(entry.actor.label)} (ledger entry {entry.sequence})"
    console().print(f"[bold green]✔[/] answered {who}")
