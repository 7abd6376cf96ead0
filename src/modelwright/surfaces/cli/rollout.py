"""`modelwright rollout`: start, watch, rehearse or take back a rollout."""

import time

import click

from modelwright.kernel.digest import plain
from modelwright.kernel.errors import ExitCode
from modelwright.surfaces.cli.console import console, escape, show_json
from modelwright.surfaces.cli.door import json_option, service
from modelwright.surfaces.cli.lazy import LazyGroup
from modelwright.surfaces.cli.operate import tell_broken_glass
from modelwright.workflow.service import Service
from modelwright.workflow.spans import emergency_of

__all__ = ["approve", "back", "drill", "rollout", "show", "start", "watch"]

HERE = "modelwright.surfaces.cli.rollout"

rollout = LazyGroup(
    "rollout",
    commands_by_name={
        "start": ("Rollout", f"{HERE}:start", "Give a version its first share of the traffic."),
        "approve": ("Rollout", f"{HERE}:approve", "Allow the running rollout to go beyond its first step."),
        "watch": ("Rollout", f"{HERE}:watch", "Judge and move the running rollout until it ends."),
        "status": ("Rollout", f"{HERE}:show", "Show where the last rollout stands."),
        "back": ("Rollout", f"{HERE}:back", "Send all traffic back in one step."),
        "drill": ("Rollout", f"{HERE}:drill", "Rehearse: a bad challenger must be found and taken back."),
    },
    about="Start, watch, drill or take back a rollout.",
)


@click.command()
@click.argument("version")
@click.option("--break-glass", is_flag=True, help="Let it out although a gate or an approval is missing.")
@click.option("--reason", default="", help="Why it cannot wait, with --break-glass.")
@click.option("--for", "length", default="24h", show_default=True, help="How long a broken glass holds.")
@json_option
@click.pass_context
def start(
    context: click.Context, *, version: str, break_glass: bool, reason: str, length: str, as_json: bool
) -> None:
    """Give VERSION its first share of the traffic; gates, certificate and approval are demanded.

    --break-glass covers gates and approvals that are missing, for a time; when it ends, no further step is
    taken.
    """
    door = service(context)
    if break_glass:
        door.consent.break_glass(version, reason=reason, length=emergency_of(length))
        tell_broken_glass(door, version)
    state = door.start_rollout(version)
    if as_json:
        show_json(state)
        return
    console().print(f"[bold green]✔[/] {version} receives {state.share:.0%} of the traffic")
    console().print("[bold cyan]→[/] modelwright rollout watch")


@click.command()
@click.argument("version")
@click.option("--reason", required=True, help="Why it may go on.")
@json_option
@click.pass_context
def approve(context: click.Context, *, version: str, reason: str, as_json: bool) -> None:
    """Allow the running rollout of VERSION to go beyond its first step; enterprise mode asks two people."""
    entry = service(context).approve_rollout(version, reason=reason)
    if as_json:
        show_json(entry)
        return
    console().print(
        f"[bold green]✔[/] the rollout of {version} is approved by {escape(entry.actor.label)} "
        f"(ledger entry {entry.sequence})"
    )


@click.command()
@click.option("--seconds", default=0.0, help="Stop watching after so many seconds; 0 watches until it ends.")
@json_option
@click.pass_context
def watch(context: click.Context, *, seconds: float, as_json: bool) -> int:
    """Judge and move the running rollout until it ends; Ctrl-C stops watching, not the rollout."""
    return _watch(service(context), seconds=seconds, as_json=as_json)


def _watch(door: Service, *, seconds: float, as_json: bool) -> int:
    until = time.monotonic() + seconds if seconds else None

    def wait(pause: float) -> bool:
        if until is not None and time.monotonic() >= until:
            return True
        time.sleep(pause)
        return False

    state = door.watch_rollout(wait)
    if as_json:
        show_json(plain(state))
    elif state is None:
        console().print("No rollout has been started.")
    else:
        console().print(f"{state.challenger}: {state.phase}, {state.share:.0%} of the traffic")
    return int(ExitCode.NOT_PASSED if state is not None and state.phase == "rolled back" else ExitCode.OK)


@click.command("status")
@json_option
@click.pass_context
def show(context: click.Context, *, as_json: bool) -> None:
    """Show where the last rollout stands."""
    state = service(context).rollout_state()
    if as_json:
        show_json(plain(state))
    elif state is None:
        console().print("No rollout has been started.")
    else:
        held = f"; {state.held}" if state.held else ""
        console().print(
            f"{state.challenger} against {state.champion}: {state.phase}, step {state.step + 1}{held}"
        )


@click.command()
@click.option("--to", default=None, help="The version to go back to; the one before when left out.")
@click.option("--reason", required=True, help="Why.")
@json_option
@click.pass_context
def back(context: click.Context, *, to: str | None, reason: str, as_json: bool) -> None:
    """Send all traffic back in one step, without retraining."""
    target = service(context).roll_back(to=to, reason=reason)
    if as_json:
        show_json(target)
    else:
        console().print(f"[bold green]✔[/] {target.version} answers again ({target.bundle_digest[7:19]})")


@click.command()
@json_option
@click.pass_context
def drill(context: click.Context, *, as_json: bool) -> None:
    """Pack a bad version and give it the first share of live traffic; `watch` must take it back."""
    door = service(context)
    version = door.make_drill()
    state = door.start_rollout(version.version, drill=True)
    if as_json:
        show_json(state)
        return
    console().print(
        f"[bold green]✔[/] {version.version} receives {state.share:.0%} of the traffic, as a drill"
    )
    console().print("[bold cyan]→[/] modelwright rollout watch")
