"""`modelwright completion`: a shell completion script."""

import click
from click.shell_completion import get_completion_class

from modelwright.kernel.errors import UnknownName

__all__ = ["completion"]

SHELLS = ("bash", "zsh", "fish")


@click.command()
@click.argument("shell")
@click.option("--json", "as_json", is_flag=True, help="Print the script as a JSON string.")
@click.pass_context
def completion(context: click.Context, *, shell: str, as_json: bool) -> None:
    """Print the completion script for SHELL (bash, zsh or fish).

    \b
    Example:
        modelwright completion bash >> ~/.bashrc
    """  # noqa: D301 - click reads the backspace as: do not fold
    kind = get_completion_class(shell)
    if shell not in SHELLS or kind is None:
        raise UnknownName.among("shell", shell, SHELLS)
    script = kind(context.find_root().command, {}, "modelwright", "_MODELWRIGHT_COMPLETE").source().strip()
    if as_json:
        from modelwright.surfaces.cli.console import show_json

        show_json({"shell": shell, "script": script})
    else:
        click.echo(script)
