"""The command line's entry: global options, one place where errors become messages and exit codes."""

import json
import os
import sys
from pathlib import Path

# LightGBM's OpenMP runtime spins while it waits, which costs an order of magnitude beside a busy
# neighbour; it reads this only while it loads, so it has to be said before anything imports it.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

import click

from modelwright._version import __version__
from modelwright.kernel.errors import ExitCode, ModelwrightError
from modelwright.surfaces.cli.layout import harmless
from modelwright.surfaces.cli.lazy import LazyGroup
from modelwright.surfaces.cli.table import COMMANDS

__all__ = ["cli", "main"]

EPILOG = (
    "Exit codes: 0 done, 1 a gate or check did not pass, 2 your input, 3 the surroundings, 4 our defect, "
    "5 a person must decide, 6 locked or refused, 7 tampered evidence, 8 another run is at work, "
    "130 interrupted."
)

cli = LazyGroup(
    "modelwright",
    commands_by_name=COMMANDS,
    about=(
        "From a table and a decision to a monitored production model, with evidence.\n\n"
        "A run walks twelve phases and stops where a person must decide. Start with\n\n"
        "    modelwright init NAME --data FILE --target COLUMN\n\n"
        "    modelwright run\n\n"
        "or watch the whole life of a model on real data: modelwright demo"
    ),
)
cli.epilog = EPILOG
cli.context_settings = {"max_content_width": 100}


def _keep_root(context: click.Context, _: click.Parameter, value: Path) -> None:
    context.ensure_object(dict)["root"] = value


def _show_version(context: click.Context, _: click.Parameter, value: bool) -> None:  # noqa: FBT001 - click's
    if value:
        click.echo(f"modelwright {__version__}")
        context.exit()


cli.params += [
    click.Option(
        ["-C", "--project", "root"],
        type=click.Path(file_okay=False, path_type=Path),
        default=Path(),
        help="The project's folder; default: here.",
        expose_value=False,
        callback=_keep_root,
        is_eager=True,
    ),
    click.Option(
        ["--debug"],
        is_flag=True,
        help="Show the traceback of an error; may also stand behind the command.",
        expose_value=False,
    ),
    click.Option(
        ["--version"],
        is_flag=True,
        is_eager=True,
        expose_value=False,
        help="Show the version and exit.",
        callback=_show_version,
    ),
]


def main(arguments: list[str] | None = None, *, commands: click.Group = cli) -> int:
    """Run the command line and return the exit code.

    Args:
        arguments: The words after the program's name; the process's own when not given.
        commands: The commands there are.

    Examples:
        >>> main(["--version"])
        modelwright 0.1.0
        0
    """
    words = sys.argv[1:] if arguments is None else arguments
    debug, as_json = "--debug" in words, "--json" in words
    words = [word for word in words if word != "--debug"] or ["--help"]
    try:
        result = commands.main(args=words, prog_name="modelwright", standalone_mode=False)
    except ModelwrightError as error:
        if debug:
            _trace()
        _tell(_as_json(error) if as_json else harmless(f"modelwright: {error}"))
        return int(error.exit_code)
    except click.ClickException as error:
        error.show(sys.stderr)
        return int(ExitCode.USER_FAULT)
    except (KeyboardInterrupt, click.Abort):
        _tell(
            "modelwright: interrupted; the project is unharmed.\n"
            "Next: modelwright run goes on where it stopped."
        )
        return int(ExitCode.INTERRUPTED)
    except (OSError, MemoryError) as error:
        if debug:
            _trace()
        _tell(
            harmless(f"modelwright: the machine refused: {str(error) or 'it has no memory left'}.\n")
            + "Why it matters: the work stopped there; what was stored before is unharmed.\n"
            "Next: check the path, its permissions, free disk space and memory, and run again."
        )
        return int(ExitCode.WORLD_FAULT)
    except Exception as error:  # noqa: BLE001 - the top-level handler: even a defect ends in words
        if debug:
            _trace()
        _tell(
            f"modelwright: a defect in Modelwright: {type(error).__name__}: {error}.\n"
            "Why it matters: this should have been a message you can act on; the project is unharmed.\n"
            "Next: run again with --debug and report what it prints."
        )
        return int(ExitCode.OUR_FAULT)
    return int(result) if isinstance(result, int) else int(ExitCode.OK)


def _as_json(error: ModelwrightError) -> str:
    told = {
        "error": type(error).__name__,
        "exit_code": int(error.exit_code),
        "what": error.what,
        "why": error.why,
        "next_step": error.next_step,
        "found": error.found,
        "expected": error.expected,
        "faults": [str(fault) for fault in error.faults],
    }
    return json.dumps(told, ensure_ascii=False, indent=2)


def _trace() -> None:
    import traceback  # shown on demand alone

    traceback.print_exc()


def _tell(text: str) -> None:
    sys.stderr.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())
