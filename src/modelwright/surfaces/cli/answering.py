"""Answering: what a phase asks, shown as a command to type or put to the person at the terminal."""

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from modelwright.kernel.errors import nearest
from modelwright.surfaces.cli.console import console, escape, width
from modelwright.surfaces.cli.layout import wrapped
from modelwright.workflow.asking import Asked, Choice, may_answer
from modelwright.workflow.service import Service

__all__ = ["answer_here", "can_answer_here", "command_line", "tell_command"]

AS_SHOWN = "confirmed as shown"
"""The reason that is recorded when a person gives none."""
LATER = "later"


def can_answer_here(door: Service) -> bool:
    """Say whether a person sits at a terminal: both input and output are one, and the actor is a person.

    Args:
        door: The service of the project.
    """
    return sys.stdin.isatty() and sys.stdout.isatty() and may_answer(door.ports)


def command_line(asked: Asked, *, root: Path) -> list[str]:
    """Return the command that answers as proposed, as lines ready to paste into a shell.

    Examples:
        >>> command_line(Asked(phase=1, question="Right?", explicit=False), root=Path("my calls"))
        ["modelwright -C 'my calls' approve 1"]
    """
    start = ["modelwright", *(() if root == Path() else ("-C", str(root))), *asked.words[:2]]
    flags = [shlex.join(choice.words) for choice in asked.choices]
    if len(flags) <= 1:
        return [" ".join([shlex.join(start), *flags])]
    lines = [shlex.join(start), *(f"  {flag}" for flag in flags)]
    return [*(f"{line} \\" for line in lines[:-1]), lines[-1]]


def tell_command(asked: Asked, *, root: Path) -> None:
    """Print the command that answers as proposed.

    Args:
        asked: What the phase asks.
        root: The project's folder as it was given.
    """
    out = console()
    lead = "Answer with" if not asked.choices else "As proposed"
    out.print(f"{lead}:")
    for line in command_line(asked, root=root):
        out.print(f"  {line}", markup=False)
    if asked.lesser:
        out.print(f"[dim]{asked.lesser} lesser risks are then answered as the page proposes.[/]")
    no = f"modelwright reject {asked.phase}, or request-changes {asked.phase}"
    out.print(f"[dim]Otherwise: {no}, with --reason.[/]")


def answer_here(door: Service, asked: Asked) -> bool:
    """Put the question to the person at the terminal and record the answer.

    Returns:
        Whether the run may go on: not when the answer was no, or later.
    """
    out = console()
    chosen: dict[str, str] = {}
    if len(asked.choices) == 1:
        picked = _pick(asked.choices[0])
        if picked == LATER:
            return False
        chosen[asked.choices[0].key] = picked
    else:
        said = _one_of(
            "Answer now?" if asked.choices else "Is it so?",
            ("yes", "no", LATER),
            "" if asked.explicit else "yes",
        )
        if said == LATER:
            return False
        if said == "no":
            reason = str(click.prompt("What is wrong"))
            entry = door.refuse(asked.phase, reason=reason)
            out.print(f"[bold red]✘[/] phase {asked.phase} rejected (ledger entry {entry.sequence})")
            return False
        for choice in asked.choices:
            chosen[choice.key] = _decide(choice)
        if asked.lesser:
            out.print(f"[dim]{asked.lesser} lesser risks are answered as the page proposes.[/]")
    reason = str(click.prompt("Why", default=AS_SHOWN))
    entry = door.approve(asked.phase, choices=chosen, reason=reason)
    who = escape(entry.actor.label)
    out.print(f"[bold green]✔[/] phase {asked.phase} approved by {who} (ledger entry {entry.sequence})")
    return True


def _pick(choice: Choice) -> str:
    """Choose one of a few, or put it off."""
    return _one_of("Your choice?", (*choice.options, LATER), choice.proposed, open_ended=choice.open_ended)


def _decide(choice: Choice) -> str:
    out = console()
    out.print(f"\n[bold]{escape(choice.key)}[/]")
    for line in wrapped(choice.text, width() - 2):
        out.print(f"  {line}", markup=False)
    return _one_of("  What shall happen?", choice.options, choice.proposed)


def _one_of(question: str, options: Sequence[str], proposed: str, *, open_ended: bool = False) -> str:
    """Ask until the answer is one of the options, or starts exactly one of them."""
    listed = ", ".join(options)
    while True:
        said = str(
            click.prompt(
                f"{question} ({listed})",
                default=proposed or None,
                prompt_suffix=" " if not proposed else ": ",
            )
        ).strip()
        meant = [option for option in options if said and option.startswith(said.lower())]
        if said in options or len(meant) == 1:
            return said if said in options else meant[0]
        if open_ended and said:
            return said
        close = nearest(said, options)
        console().print(
            f"  '{escape(said)}' is not one of: {listed}." + (f" Did you mean '{close}'?" if close else "")
        )
