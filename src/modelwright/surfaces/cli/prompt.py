"""Prompts: questions to the person at the terminal, which Ctrl-C leaves at once."""

import signal
from collections.abc import Sequence

import click

from modelwright.kernel.errors import nearest
from modelwright.surfaces.cli.console import console, escape

__all__ = ["ask", "ask_one_of"]


def ask(question: str, *, default: str = "") -> str:
    """Ask for words; Enter takes the default, and without one the question is repeated.

    Args:
        question: What is asked.
        default: What Enter means; empty when it means nothing.
    """
    # Polars lets interrupted system calls go on, so that Ctrl-C would wait for Enter; this undoes it.
    signal.siginterrupt(signal.SIGINT, True)
    return str(click.prompt(question, default=default or None)).strip()


def ask_one_of(
    question: str, options: Sequence[str], *, default: str = "", open_ended: bool = False, indent: str = ""
) -> str:
    """Ask until the answer is one of the options, or begins exactly one of them.

    Args:
        question: What is asked.
        options: What can be answered.
        default: What Enter means; empty when it means nothing.
        open_ended: Whether other words are answers too.
        indent: What stands before the question and before a correction.
    """
    listed = ", ".join(options)
    while True:
        said = ask(f"{indent}{question} ({listed})", default=default)
        meant = [option for option in options if said and option.startswith(said.lower())]
        if said in options:
            return said
        if len(meant) == 1:
            return meant[0]
        if open_ended and said:
            return said
        close = nearest(said, options)
        hint = f" Did you mean '{close}'?" if close else ""
        console().print(f"{indent}'{escape(said)}' is not one of: {listed}.{hint}")
