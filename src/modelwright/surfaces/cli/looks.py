"""Commands about sealed labels: who looked, and serving a scorer to other machines."""

from pathlib import Path

import click

from modelwright.kernel.errors import UserFault
from modelwright.surfaces.cli.console import console, show_json
from modelwright.surfaces.cli.door import json_option, service
from modelwright.surfaces.cli.lazy import LazyGroup

__all__ = ["looks", "scorer", "serve_scorer"]

SETTING = "MODELWRIGHT_SCORER_TOKEN"


@click.command()
@json_option
@click.pass_context
def looks(context: click.Context, *, as_json: bool) -> None:
    """List who asked the sealed labels, when, at what, what was answered, and how many looks are left."""
    told = service(context).looks()
    if as_json:
        show_json(told)
        return
    if not told.looks:
        console().print("Nobody has looked at the sealed labels.")
        return
    for item in told.looks:
        line = f"{item.number:>3}  {item.at:%Y-%m-%d %H:%M:%S}  {item.actor}  {item.purpose}"
        console().print(line, markup=False)
        certain = "" if item.level is None else f" (intervals at {100 * item.level:.6g} %)"
        console().print(f"     {item.state}: {item.answer or 'nothing'}{certain}", markup=False)
    console().print(told.told, markup=False)


@click.command("serve")
@click.option(
    "--home",
    type=click.Path(path_type=Path),
    required=True,
    help="The scorer's own folder: its key, its book of looks, what it was handed.",
)
@click.option("--host", default="127.0.0.1", show_default=True, help="Address to listen on.")
@click.option("--port", default=8443, show_default=True, help="Port to listen on; 0 takes a free one.")
@click.option("--cert", type=click.Path(path_type=Path), help="Certificate chain (PEM).")
@click.option("--key", type=click.Path(path_type=Path), help="The certificate's private key (PEM).")
@click.option(
    "--token-file", type=click.Path(path_type=Path), help=f"File with the token; else {SETTING} is read."
)
@json_option
def serve_scorer(
    *,
    home: Path,
    host: str,
    port: int,
    cert: Path | None,
    key: Path | None,
    token_file: Path | None,
    as_json: bool,
) -> None:
    """Serve sealed scoring over HTTPS until stopped with Ctrl-C; no project is needed here.

    Other machines name it in MODELWRIGHT_SCORER. Without --cert it listens on this machine alone.
    """
    from modelwright.settings import settings_here
    from modelwright.wiring import serve_scorer as serve

    token = settings_here().scorer_token if token_file is None else _token(token_file)

    def listening(url: str, seal_id: str) -> None:
        if as_json:
            show_json({"url": url, "seal_id": seal_id})
        else:
            console(stderr=True).print(f"scorer {seal_id} on {url}   Ctrl-C stops", markup=False)

    try:
        serve(home, token=token, host=host, port=port, certificate=cert, private_key=key, listening=listening)
    except KeyboardInterrupt:  # the way a server ends; it has answered what it had accepted
        console(stderr=True).print("stopped; every look that was answered is in the book")


def _token(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserFault(
            f"the token in {path.name} cannot be read",
            why="a scorer without a token would answer anybody",
            next_step=f"write it there, or set {SETTING}",
        ) from error


scorer = LazyGroup(
    "scorer",
    commands_by_name={
        "serve": (
            "Scorer",
            "modelwright.surfaces.cli.looks:serve_scorer",
            "Serve sealed scoring to other machines over HTTPS.",
        ),
    },
    about="Run a scorer of sealed labels for other machines.",
)
