"""Commands around features: bring them to the online store, look them up, check them, trace columns."""

import json
from datetime import UTC, datetime

import click

from modelwright.kernel.digest import plain
from modelwright.kernel.errors import ExitCode
from modelwright.kernel.outcome import Status
from modelwright.surfaces.cli.console import console, show_json
from modelwright.surfaces.cli.door import json_option, present, service
from modelwright.surfaces.cli.lazy import LazyGroup

__all__ = ["check", "features", "get", "lineage", "materialise"]

MOMENT = click.DateTime(["%Y-%m-%d", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"])


@click.command()
@click.option("--at", type=MOMENT, default=None, help="The moment, in UTC; now when not given.")
@json_option
@click.pass_context
def materialise(context: click.Context, *, at: datetime | None, as_json: bool) -> None:
    """Bring the features of every feature table to the online store, as of one moment."""
    moment = None if at is None else at.replace(tzinfo=UTC)
    present(service(context).features.materialise(at=moment), as_json=as_json)


@click.command()
@click.argument("table")
@click.argument("key", nargs=-1, required=True)
@json_option
@click.pass_context
def get(context: click.Context, *, table: str, key: tuple[str, ...], as_json: bool) -> int:
    """Look up what feature TABLE has online for the entity with this KEY."""
    found = service(context).features.look_up(table, key)
    if as_json:
        show_json(found)
    else:
        told = "never materialised" if found.as_of is None else f"as of {found.as_of:%Y-%m-%d %H:%M:%S} UTC"
        console().print(f"{found.status.value}: {told}", markup=False)
        for name, value in found.values.items():
            console().print(f"  {name}: {value}", markup=False)
    return int(ExitCode.OK if found.status is Status.PASSED else ExitCode.NOT_PASSED)


@click.command()
@json_option
@click.pass_context
def check(context: click.Context, *, as_json: bool) -> int:
    """Judge whether online features are young enough, and equal to what the tables give."""
    record = service(context).features.check()
    present(record, as_json=as_json)
    return int(ExitCode.OK if record.outcome.allows else ExitCode.NOT_PASSED)


HERE = "modelwright.surfaces.cli.features"

features = LazyGroup(
    "features",
    commands_by_name={
        "materialise": ("Features", f"{HERE}:materialise", "Bring feature tables to the online store."),
        "get": ("Features", f"{HERE}:get", "Look one entity up."),
        "check": ("Features", f"{HERE}:check", "Judge freshness, and online against offline."),
    },
    about="Bring features to the online store, look them up, check them.",
)


@click.command()
@click.option("--events", is_flag=True, help="Print OpenLineage events instead, one JSON object a line.")
@json_option
@click.pass_context
def lineage(context: click.Context, *, events: bool, as_json: bool) -> None:
    """Trace every column of the matrix back to columns of the sources."""
    desk = service(context).features
    if events:
        for event in desk.lineage_events():
            click.echo(json.dumps(plain(event), ensure_ascii=False))
        return
    present(desk.lineage(), as_json=as_json)
