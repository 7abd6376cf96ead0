"""Commands that operate a model: promote, serve, score, labels, monitor."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from modelwright.kernel.errors import ExitCode
from modelwright.surfaces.cli.console import console, escape, show_json
from modelwright.surfaces.cli.door import json_option, present, program, root_of, service
from modelwright.workflow.spans import emergency_of

if TYPE_CHECKING:  # only named in signatures
    from modelwright.workflow.service import Service

__all__ = ["labels", "monitor", "promote", "score", "serve", "tell_broken_glass"]


@click.command()
@click.argument("version")
@click.option("--reason", required=True, help="Why it shall be the champion.")
@click.option("--now", is_flag=True, help="Take over at once, without a rollout.")
@click.option("--break-glass", is_flag=True, help="Let it out although a gate or an approval is missing.")
@click.option("--for", "length", default="24h", show_default=True, help="How long a broken glass holds.")
@json_option
@click.pass_context
def promote(
    context: click.Context,
    *,
    version: str,
    reason: str,
    now: bool,
    break_glass: bool,
    length: str,
    as_json: bool,
) -> None:
    """Approve VERSION for production, when verdict, certificate and the policy's people allow it.

    The first version becomes the champion at once. A later one takes over by a rollout, step by step, unless
    --now says otherwise; the ledger then says that there was none.

    --break-glass is for the night when something must go out anyway: it covers gates and approvals that are
    missing, for a time, and never another bundle, another contract or a missing certificate. It is told to
    everybody.
    """
    door = service(context)
    if break_glass:
        span = emergency_of(length)
        entry = door.consent.break_glass(version, reason=reason, length=span, at_once=now)
        tell_broken_glass(door, version)
    else:
        entry = door.promote(version, reason=reason, at_once=now)
    if as_json:
        show_json(entry)
        return
    if entry.kind in {"approval.given", "override.given"}:
        console().print(f"[bold green]✔[/] {version} is approved (ledger entry {entry.sequence})")
        console().print(f"[bold cyan]→[/] {escape(program(root_of(context)))} rollout start {version}")
        return
    console().print(f"[bold green]✔[/] {version} is the champion (ledger entry {entry.sequence})")
    console().print(f"[bold cyan]→[/] {escape(program(root_of(context)))} serve")


def tell_broken_glass(door: "Service", version: str) -> None:
    """Say loudly what a broken glass means.

    Args:
        door: The service of the project.
        version: The version that was let out.
    """
    out = console(stderr=True)
    for item in door.consent.follow_ups():
        if item.override.version == version and not item.closed:
            out.print(f"[bold red]![/] {escape(item.told)}")
    out.print("[bold red]![/] it stands in the ledger and every report until: modelwright follow-up close")


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8080, show_default=True, help="Port to listen on; 0 takes a free one.")
@json_option
@click.pass_context
def serve(context: click.Context, *, host: str, port: int, as_json: bool) -> None:
    """Serve the champion over HTTP until stopped with Ctrl-C."""
    plan = service(context).serve_plan(host=host, port=port)
    if as_json:
        show_json({"url": f"http://{plan.host}:{plan.port}", "version": plan.version})
    else:
        out = console(stderr=True)
        out.print(f"[bold]{plan.name} {plan.version}[/bold] on http://{plan.host}:{plan.port}")
        out.print("  POST /v1/predict   GET /healthz /readyz /metrics /v1/models   Ctrl-C stops")
    try:
        plan.run()
    except KeyboardInterrupt:  # the way a server ends; it has answered what it had accepted
        console(stderr=True).print("stopped; every answer that was given is in the log")


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@click.argument("target", type=click.Path(path_type=Path))
@json_option
@click.pass_context
def score(context: click.Context, *, source: Path, target: Path, as_json: bool) -> None:
    """Score the table SOURCE with the champion and write the answers to TARGET (Parquet).

    Features of feature tables that SOURCE leaves out are joined as of each row's time, or as of now.
    """
    result = service(context).score(source, target)
    if as_json:
        show_json(result)
    else:
        told = f"{result.rows:,} rows scored into {target}"
        console().print(
            f"[bold green]✔[/] {told}: {result.refused:,} refused, {result.fallbacks:,} by the fallback"
        )
        if result.joined:
            console().print(f"{len(result.joined)} features joined from feature tables, as of {result.as_of}")


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
@json_option
@click.pass_context
def labels(context: click.Context, *, source: Path, as_json: bool) -> None:
    """Hand in labels that arrived late: a table SOURCE with the columns request_id and label."""
    told = service(context).add_labels(source)
    if as_json:
        show_json(told)
        return
    console().print(f"[bold green]✔[/] {told.added:,} new labels")
    if told.unmatched:
        console().print(f"[bold yellow]?[/] {told.unmatched:,} rows belong to no answer of this project")


@click.command()
@click.option("--rows", type=int, default=None, help="Judge windows of so many answers, not of time.")
@json_option
@click.pass_context
def monitor(context: click.Context, *, rows: int | None, as_json: bool) -> int:
    """Judge what was served: drift, late labels, budget, alerts."""
    record = service(context).monitor(rows=rows)
    present(record, as_json=as_json)
    return int(ExitCode.OK if not record.alerts else ExitCode.NOT_PASSED)
