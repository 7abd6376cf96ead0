"""`modelwright init`: draft a contract from a table, asking only what the data cannot tell."""

import sys
from pathlib import Path

import click

from modelwright.kernel.errors import Fault, UserFault, nearest
from modelwright.surfaces.cli.console import console, show_json
from modelwright.surfaces.cli.door import json_option, service

__all__ = ["init"]


@click.command()
@click.argument("name")
@click.option(
    "--data", required=True, type=click.Path(path_type=Path), help="The table: CSV, Parquet, JSONL, Arrow."
)
@click.option("--target", required=True, help="The column to predict.")
@click.option("--mode", default="quick", show_default=True, help="quick, standard or enterprise.")
@click.option("--answer", "answers", multiple=True, metavar="KEY=VALUE", help="Answer a question beforehand.")
@click.option("--yes", is_flag=True, help="Take the defaults; each is recorded as an assumption.")
@click.option("--force", is_flag=True, help="Start over where there is a contract already.")
@json_option
@click.pass_context
def init(  # noqa: PLR0913, PLR0917 - click hands over one argument an option
    context: click.Context,
    name: str,
    data: Path,
    target: str,
    mode: str,
    answers: tuple[str, ...],
    yes: bool,  # noqa: FBT001 - a flag
    force: bool,  # noqa: FBT001 - a flag
    as_json: bool,  # noqa: FBT001 - a flag
) -> None:
    r"""Draft contract.yaml for NAME from a table.

    \b
    Example:
        modelwright init calls --data bank_marketing.parquet --target y
    """
    door = service(context)
    questions = door.questions(data, target=target)
    given = _given(answers, [question.key for question in questions])
    interactive = sys.stdin.isatty() and not yes and not as_json
    if interactive:
        out = console()
        out.print(
            f"[dim]{len(questions) - len(given)} questions the data cannot answer; Enter takes the default.[/dim]"
        )
        for question in questions:
            if question.key in given:
                continue
            out.print(f"\n[bold]{question.text}[/bold]\n[dim]{question.why}[/dim]")
            if question.options:
                out.print(f"[dim]one of: {', '.join(question.options)}[/dim]")
            given[question.key] = str(click.prompt(question.key, default=question.default))
    drafted = door.init(name, data=data, target=target, mode=mode, answers=given, force=force)
    if as_json:
        show_json(drafted)
        return
    out = console()
    out.print(f"[bold green]✔[/] contract.yaml drafted ({drafted.digest[7:19]})")
    for assumption in drafted.assumptions:
        out.print(f"  [yellow]?[/] assumed: {assumption}")
    out.print("[bold cyan]→[/] Read contract.yaml, change what is wrong, then: modelwright run")


def _given(answers: tuple[str, ...], known: list[str]) -> dict[str, str]:
    given: dict[str, str] = {}
    faults: list[Fault] = []
    for answer in answers:
        key, separator, value = answer.partition("=")
        if not separator:
            faults.append(Fault(answer, "not of the form KEY=VALUE"))
        elif key not in known:
            close = nearest(key, known)
            faults.append(
                Fault(key, "no such question", next_step=f"did you mean '{close}'?" if close else "")
            )
        else:
            given[key] = value
    if faults:
        raise UserFault("answers that fit no question", faults=faults, expected=", ".join(known))
    return given
