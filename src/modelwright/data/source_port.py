"""The port to tables that are no files of this machine: databases, object stores and lakes."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import polars as pl

from modelwright.contracts.source import Source
from modelwright.data.source_origin import Origin
from modelwright.kernel.errors import UserFault

__all__ = ["Delivery", "NoConnector", "SourceConnector", "is_remote"]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Delivery:
    """One table that was fetched, whole.

    Examples:
        >>> origin = Origin(name="lake/calls", kind="delta", digest="sha256:0", version="3")
        >>> Delivery(frame=pl.DataFrame({"a": [1]}), origin=origin).origin.version
        '3'
    """

    frame: pl.DataFrame
    """The rows, in an order that does not change between readings."""
    origin: Origin
    """Where they came from, in which version."""
    notes: tuple[str, ...] = ()
    """What a person should know about how they came."""


class SourceConnector(Protocol):
    """Fetches tables that are no files of this machine.

    What holds for every connector: it never writes; tables of one database are read in one transaction that
    cannot write, so that they belong together; a table comes whole or an error is raised; passwords are in no
    message and in no origin. It may be called again at any time.

    Examples:
        >>> def rows(connector: SourceConnector, source: Source) -> int:
        ...     return connector.fetch([source], key=())[0].frame.height
    """

    def fetch(self, sources: Sequence[Source], *, key: tuple[str, ...]) -> tuple[Delivery, ...]:
        """Fetch these sources, in order.

        Args:
            sources: What to fetch.
            key: The primary key, by which rows without an order of their own are sorted.

        Raises:
            UserFault: When a source cannot be meant, is not there, or lets nobody in.
            WorldFault: When it does not answer, or the connection is lost on the way.
        """
        ...


class NoConnector:
    """Stands where no connector was given: files of this machine are read, nothing else.

    Examples:
        >>> NoConnector().fetch([Source(path="s3://bucket/calls.parquet")], key=())
        Traceback (most recent call last):
        ...
        modelwright.kernel.errors.UserFault: s3://bucket/calls.parquet is no file of this machine...
    """

    def fetch(self, sources: Sequence[Source], *, key: tuple[str, ...]) -> tuple[Delivery, ...]:  # noqa: ARG002 - the port's signature
        """Refuse.

        Raises:
            UserFault: Always.
        """
        raise UserFault(
            f"{sources[0].name} is no file of this machine",
            why="databases, object stores and lakes are reached through a connector",
            next_step="read it in a project (`modelwright run`), or hand a connector to the reader",
        )


def is_remote(source: Source) -> bool:
    """Say whether a source needs a connector: a database, an object store, or a table of a lake.

    Examples:
        >>> [is_remote(Source(path=path)) for path in ("calls.csv", "s3://bucket/calls.csv")]
        [False, True]
    """
    return source.remote
