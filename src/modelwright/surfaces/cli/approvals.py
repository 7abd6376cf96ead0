"""`modelwright approvals`: what waits for an answer, asked for, carried elsewhere as a file, and taken in."""

from pathlib import Path

import click

from modelwright.kernel.document import Table
from modelwright.kernel.errors import UserFault
from modelwright.surfaces.cli.console import console, escape, show_json, show_table
from modelwright.surfaces.cli.door import json_option, program, root_of, service
from modelwright.surfaces.cli.lazy import LazyGroup

__all__ = ["answer", "approvals", "ask_for", "export", "import_answer", "listing"]

HERE = "modelwright.surfaces.cli.approvals"

approvals = LazyGroup(
    "approvals",
    commands_by_name={
        "list": ("Approvals", f"{HERE}:listing", "List what waits for an answer, and what was asked."),
        "request": ("Approvals", f"{HERE}:ask_for", "Ask people for an approval, with a deadline."),
        "export": ("Approvals", f"{HERE}:export", "Write a request into a file, to be answered elsewhere."),
        "answer": (
            "Approvals",
            f"{HERE}:answer",
            "Answer a request from a file, signed, without the project.",
        ),
        "import": ("Approvals", f"{HERE}:import_answer", "Take an answer from a file into the ledger."),
    },
    about="Requests for approval. Anybody may ask and carry; only people with a key answer.",
)


@click.command("list")
@json_option
@click.pass_context
def listing(context: click.Context, *, as_json: bool) -> None:
    """List what waits for an answer, and what became of what was asked."""
    lines = service(context).consent.requests()
    if as_json:
        show_json(lines)
        return
    if not lines:
        console().print("Nothing waits for an answer.")
        return
    rows = tuple(
        (
            line.subject,
            line.state,
            f"{line.deadline:%Y-%m-%d %H:%M}" if line.deadline else "",
            line.asked_by,
            line.question,
        )
        for line in lines
    )
    show_table(Table(columns=("subject", "state", "until (UTC)", "asked by", "question"), rows=rows))


@click.command("request")
@click.argument("subject")
@click.option("--within", default="7d", show_default=True, help="How long an answer is waited for.")
@json_option
@click.pass_context
def ask_for(context: click.Context, *, subject: str, within: str, as_json: bool) -> None:
    """Ask people to answer for SUBJECT, such as phase:6 or promotion:v1; no answer in time is a no."""
    from modelwright.workflow.spans import span_of

    entry = service(context).consent.request(subject, length=span_of(within))
    if as_json:
        show_json(entry)
        return
    until = str(entry.body["deadline"])[:16]
    console().print(f"[bold yellow]●[/] {escape(subject)} is asked for until {until} UTC")
    console().print(
        f"[bold cyan]→[/] {escape(program(root_of(context)))} approvals export {escape(subject)} "
        "--out request.json"
    )


@click.command()
@click.argument("subject")
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Where the request goes."
)
@json_option
@click.pass_context
def export(context: click.Context, *, subject: str, out: Path, as_json: bool) -> None:
    """Write the request about SUBJECT into a file, asking first where nobody has asked."""
    request = service(context).consent.export_request(subject, out)
    if as_json:
        show_json(request)
        return
    console().print(f"[bold green]✔[/] {escape(str(out))}: {escape(request.question)}")
    console().print(
        "[bold cyan]→[/] modelwright approvals answer request.json --out answer.json --reason ..."
    )


@click.command()
@click.argument("request", type=click.Path(path_type=Path, dir_okay=False))
@click.option(
    "--out", required=True, type=click.Path(path_type=Path, dir_okay=False), help="Where the answer goes."
)
@click.option(
    "--decision",
    type=click.Choice(["approve", "reject", "request-changes"]),
    default="approve",
    show_default=True,
    help="The answer.",
)
@click.option("--reason", required=True, help="Why.")
@click.option(
    "--choose",
    "chosen",
    multiple=True,
    metavar="NAME=VALUE",
    help="A choice; what is left out is as proposed.",
)
@json_option
@click.pass_context
def answer(
    context: click.Context,
    *,
    request: Path,
    out: Path,
    decision: str,
    reason: str,
    chosen: tuple[str, ...],
    as_json: bool,
) -> None:
    """Answer the REQUEST in a file; nothing is needed but the file and your identity.

    \b
    Examples:
        modelwright approvals answer request.json --out answer.json --reason "read it, agreed"
        modelwright approvals answer request.json --out answer.json --choose design=pragmatic --reason "fast"
    """  # noqa: D301 - click reads the backspace as: do not fold
    choices: dict[str, str] = {}
    for text in chosen:
        name, separator, value = text.rpartition("=")
        if not separator:
            raise UserFault(f"'{text}' is not of the form NAME=VALUE", next_step="--choose design=pragmatic")
        choices[name] = value
    asked = service(context).consent.answer_request(
        request, out, decision=decision, reason=reason, choices=choices
    )
    if as_json:
        show_json({"subject": asked.subject, "decision": decision, "answer": str(out)})
        return
    console().print(f"[bold green]✔[/] {escape(asked.subject)}: {decision}, signed in {escape(str(out))}")
    console().print("[bold cyan]→[/] in the project: modelwright approvals import answer.json")


@click.command("import")
@click.argument("answer", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@click.pass_context
def import_answer(context: click.Context, *, answer: Path, as_json: bool) -> None:
    """Take the ANSWER in a file into the ledger; what would not count is refused."""
    entry = service(context).consent.import_answer(answer)
    if as_json:
        show_json(entry)
        return
    what = escape(str(entry.body.get("subject") or f"{entry.body.get('version')} is the champion"))
    console().print(f"[bold green]✔[/] {what} (ledger entry {entry.sequence})")
    console().print(f"[bold cyan]→[/] {escape(program(root_of(context)))} approvals list")
