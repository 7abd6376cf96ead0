"""Where online features lie: in a file of the project, or in Redis by URL."""

from pathlib import Path

from modelwright.adapters.redis_feature_store import RedisFeatureStore
from modelwright.adapters.sqlite_feature_store import SqliteFeatureStore
from modelwright.contracts.source import masked_url
from modelwright.features.store import FeatureStore
from modelwright.kernel.errors import UserFault

__all__ = ["open_feature_store"]

SCHEMES = ("redis://", "rediss://", "unix://")
"""How a URL of Redis begins."""


def open_feature_store(url: str, *, file: Path, prefix: str) -> FeatureStore:
    """Open the feature store of a project.

    Args:
        url: `redis://`, `rediss://` or `unix://`; empty for the file.
        file: Where the embedded store lies.
        prefix: What the keys of this project start with in Redis.

    Raises:
        UserFault: When the URL is of something else.
        MissingExtra: When Redis is asked for and its client is not installed.

    Examples:
        >>> open_feature_store("ftp://host", file=Path("features.db"), prefix="calls")
        Traceback (most recent call last):
        modelwright.kernel.errors.UserFault: ftp://host is no feature store that can be opened...
    """
    if not url:
        return SqliteFeatureStore(file)
    if not url.startswith(SCHEMES):
        raise UserFault(
            f"{masked_url(url)} is no feature store that can be opened",
            why="features that cannot be looked up are unknown",
            next_step="set MODELWRIGHT_FEATURE_STORE to redis://HOST:6379/0, or leave it empty for a file",
        )
    return RedisFeatureStore(url, prefix=prefix)
