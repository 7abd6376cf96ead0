"""The feature store in Redis, by URL: shared by many servers, one round trip a look-up."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Protocol

from modelwright.contracts.source import masked_url
from modelwright.features.online_codec import decode_row, encode_row, key_text, microseconds, moment_at
from modelwright.features.store import EntityKey, OnlineRow
from modelwright.kernel.errors import MissingExtra, ServiceFailed, UserFault

__all__ = ["RedisFeatureStore"]

PUT = """
for place = 1, #ARGV, 2 do
    local before = redis.call('HGET', KEYS[1], ARGV[place])
    local now = ARGV[place + 1]
    if not before or string.sub(before, 1, 20) <= string.sub(now, 1, 20) then
        redis.call('HSET', KEYS[1], ARGV[place], now)
    end
end
"""
"""Keeps rows that are not older than what is there; Redis runs a script whole and alone."""

SORTABLE = 1 << 63
"""Added to microseconds: none is negative then, and twenty digits sort as numbers do."""

BATCH = 500
"""Rows a script gets at a time; Redis answers nobody else meanwhile."""

PATIENCE = 2.0
"""Seconds to wait for an answer."""


class _Client(Protocol):
    """What is used of a Redis client."""

    def hget(self, name: str, key: str) -> object: ...

    def eval(self, script: str, numkeys: int, *keys_and_args: str | bytes) -> object: ...

    def close(self) -> None: ...


def _sortable(moment: datetime) -> bytes:
    return b"%020d" % (microseconds(moment) + SORTABLE)


class RedisFeatureStore:
    """A feature store behind a URL.

    Args:
        url: `redis://`, `rediss://` or `unix://`; the password may stand in it and is shown nowhere.
        prefix: The keys of a project start with it.

    Raises:
        MissingExtra: When the extra `redis` is not installed.
        UserFault: When the URL is none.

    Examples:
        >>> RedisFeatureStore.__name__
        'RedisFeatureStore'
    """

    def __init__(self, url: str, *, prefix: str) -> None:
        """Settle where it lies; the first question opens the connection."""
        try:
            # The extra `redis`: only who keeps features there needs its client.
            import redis
        except ImportError as error:
            raise MissingExtra.needed("redis", "keeping features in Redis") from error
        self._place = masked_url(url)
        self._faults = (redis.RedisError, OSError)
        self._prefix = prefix
        try:
            client: _Client = redis.Redis.from_url(
                url, socket_timeout=PATIENCE, socket_connect_timeout=PATIENCE
            )
        except ValueError as error:
            raise UserFault(
                f"{self._place} is no address of a Redis server",
                next_step="write it such as redis://host:6379/0",
            ) from error
        self._client = client

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except self._faults as error:
            raise ServiceFailed(
                f"the feature store {self._place} does not answer: {type(error).__name__}",
                why="features that cannot be looked up are unknown, and rows without them get the fallback",
                next_step="check that the server runs and lets this machine in",
            ) from error

    def _key(self, view: str) -> str:
        return f"{self._prefix}:features:{view}"

    def put(self, view: str, rows: Sequence[OnlineRow]) -> None:
        """Keep rows.

        Raises:
            ServiceFailed: When the server does not answer; some rows may have been kept.
        """
        for start in range(0, len(rows), BATCH):
            told: list[str | bytes] = []
            for row in rows[start : start + BATCH]:
                told += [key_text(row.entity), _sortable(row.as_of) + encode_row(row)]
            with self._told():
                self._client.eval(PUT, 1, self._key(view), *told)

    def get(self, view: str, entity: EntityKey) -> OnlineRow | None:
        """Return the row of an entity; None when it has none.

        Raises:
            ServiceFailed: When the server does not answer.
            IntegrityBroken: When what is stored is no row.
        """
        with self._told():
            found = self._client.hget(self._key(view), key_text(entity))
        return decode_row(entity, found[20:]) if isinstance(found, bytes) else None

    def stamp(self, view: str, as_of: datetime) -> None:
        """Say that all rows of a view are as of this moment; an earlier moment changes nothing.

        Raises:
            ServiceFailed: When the server does not answer.
        """
        with self._told():
            self._client.eval(PUT, 1, f"{self._prefix}:stamps", view, _sortable(as_of))

    def stamped(self, view: str) -> datetime | None:
        """Return the moment all rows of a view are of; None when it was never complete.

        Raises:
            ServiceFailed: When the server does not answer.
        """
        with self._told():
            found = self._client.hget(f"{self._prefix}:stamps", view)
        return moment_at(int(found) - SORTABLE) if isinstance(found, bytes) else None

    def close(self) -> None:
        """Close the connection."""
        with self._told():
            self._client.close()
