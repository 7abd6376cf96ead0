"""OpenLineage: a lineage as the events that catalogues such as Marquez or DataHub read.

Two runs are told, each with a START and a COMPLETE event as the specification asks: `snapshot` reads the
sources, `features` makes the matrix. Their ids follow from digests, so that telling the same twice is telling
it once. Nothing is sent anywhere: the events are JSON, one a line.
"""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from uuid import UUID

from modelwright._version import __version__
from modelwright.data.lineage import Ancestor, ColumnLineage, Lineage
from modelwright.kernel.digest import Json

__all__ = ["PRODUCER", "events_of"]

PRODUCER = f"urn:modelwright:{__version__}"
"""Who tells."""

SPEC = "https://openlineage.io/spec"
EVENT = f"{SPEC}/2-0-2/OpenLineage.json#/$defs/RunEvent"
FACETS: Mapping[str, str] = {
    "schema": f"{SPEC}/facets/1-1-1/SchemaDatasetFacet.json#/$defs/SchemaDatasetFacet",
    "version": f"{SPEC}/facets/1-0-1/DatasetVersionDatasetFacet.json#/$defs/DatasetVersionDatasetFacet",
    "columnLineage": f"{SPEC}/facets/1-2-0/ColumnLineageDatasetFacet.json#/$defs/ColumnLineageDatasetFacet",
}
"""The facets that are told, and the version of the specification each is by."""

RELATIONS: Mapping[str, tuple[str, str]] = {
    "identity": ("DIRECT", "IDENTITY"),
    "transformation": ("DIRECT", "TRANSFORMATION"),
    "aggregation": ("DIRECT", "AGGREGATION"),
    "join": ("INDIRECT", "JOIN"),
}
"""What the specification calls the relation of a column to one it is made of."""


def _facet(name: str, **fields: Json) -> dict[str, Json]:
    return {"_producer": PRODUCER, "_schemaURL": FACETS[name], **fields}


def _place(source: str) -> tuple[str, str]:
    """Return namespace and name of a source, by the naming rules of the specification."""
    scheme, mark, rest = source.partition("://")
    if not mark:
        return "file", source
    host, _, path = rest.partition("/")
    host = host.rpartition("@")[2]
    return f"{scheme}://{host}", path.replace("#", ".") or host


def _dataset(namespace: str, name: str, facets: Mapping[str, Json]) -> dict[str, Json]:
    return {"namespace": namespace, "name": name, "facets": dict(facets)}


def _schema(names: Sequence[str]) -> dict[str, Json]:
    fields: list[Json] = [{"name": name} for name in names]
    return _facet("schema", fields=fields)


def _fields(columns: Sequence[ColumnLineage], snapshot: tuple[str, str]) -> dict[str, Json]:
    made: dict[str, Json] = {}
    for column in columns:
        inputs: list[Json] = [_field(one, column.how, snapshot) for one in column.inputs]
        made[column.name] = {"inputFields": inputs}
    return _facet("columnLineage", fields=made)


def _field(ancestor: Ancestor, how: str, snapshot: tuple[str, str]) -> Json:
    namespace, name = _place(ancestor.source) if ancestor.source else snapshot
    kind, subtype = RELATIONS[ancestor.relation]
    told: Json = {"type": kind, "subtype": subtype, "description": how, "masking": False}
    return {"namespace": namespace, "name": name, "field": ancestor.column, "transformations": [told]}


def _run(
    lineage: Lineage, job: str, at: datetime, inputs: list[Json], outputs: list[Json]
) -> Iterator[Mapping[str, Json]]:
    names = f"{lineage.snapshot_digest},{lineage.contract_digest},{job}"
    # A version 8 id holds bits of one's own: the same lineage has the same id everywhere (RFC 9562).
    bits = bytearray(sha256(names.encode("utf-8")).digest()[:16])
    bits[6], bits[8] = bits[6] & 0x0F | 0x80, bits[8] & 0x3F | 0x80
    for kind in ("START", "COMPLETE"):
        yield {
            "eventType": kind,
            "eventTime": at.astimezone(UTC).isoformat().replace("+00:00", "Z"),
            "run": {"runId": str(UUID(bytes=bytes(bits))), "facets": {}},
            "job": {"namespace": "modelwright", "name": f"{lineage.name}.{job}", "facets": {}},
            "inputs": inputs,
            "outputs": outputs if kind == "COMPLETE" else [],
            "producer": PRODUCER,
            "schemaURL": EVENT,
        }


def events_of(lineage: Lineage, *, at: datetime) -> tuple[Mapping[str, Json], ...]:
    """Return a lineage as OpenLineage run events.

    Args:
        lineage: What is told.
        at: When it is told.

    Examples:
        >>> column = ColumnLineage(name="a", inputs=(Ancestor(source="a.csv", column="a"),), how="number")
        >>> lineage = Lineage(
        ...     name="m", contract_digest="c", snapshot_digest="s", sources={"a.csv": "d"}, columns=(column,)
        ... )
        >>> [event["eventType"] for event in events_of(lineage, at=datetime(2026, 1, 1, tzinfo=UTC))]
        ['START', 'COMPLETE']
    """
    snapshot = ("modelwright", f"{lineage.name}.snapshot")
    read: dict[str, list[str]] = {name: [] for name in lineage.sources}
    for column in lineage.columns:
        for one in column.inputs:
            read.setdefault(one.source, []).append(one.column)
    sources: list[Json] = [
        _dataset(
            *_place(name),
            {
                "schema": _schema(tuple(dict.fromkeys(columns))),
                **_versioned(lineage.sources.get(name, "")),
            },
        )
        for name, columns in read.items()
    ]
    table = _dataset(
        *snapshot,
        {
            "schema": _schema([column.name for column in lineage.columns]),
            "columnLineage": _fields(lineage.columns, snapshot),
            **_versioned(lineage.snapshot_digest),
        },
    )
    events = list(_run(lineage, "snapshot", at, sources, [table]))
    if lineage.features:
        matrix = _dataset(
            "modelwright",
            f"{lineage.name}.matrix",
            {
                "schema": _schema([feature.name for feature in lineage.features]),
                "columnLineage": _fields(lineage.features, snapshot),
            },
        )
        told = _dataset(*snapshot, _versioned(lineage.snapshot_digest))
        events += _run(lineage, "features", at, [told], [matrix])
    return tuple(events)


def _versioned(digest: str) -> dict[str, Json]:
    return {"version": _facet("version", datasetVersion=digest)} if digest else {}
