"""Where online features lie: a file, or Redis, by one setting."""

import pytest

from modelwright.adapters.feature_store_place import open_feature_store
from modelwright.adapters.redis_feature_store import RedisFeatureStore
from modelwright.adapters.sqlite_feature_store import SqliteFeatureStore
from modelwright.kernel.errors import UserFault


def test_without_a_url_features_lie_in_the_project(tmp_path):
    """Nothing is made before it is used."""
    file = tmp_path / "features.db"
    assert isinstance(open_feature_store("", file=file, prefix="t"), SqliteFeatureStore)
    assert not file.exists()


def test_a_url_of_redis_opens_redis(tmp_path):
    """The first question opens the connection."""
    store = open_feature_store("redis://127.0.0.1:1/0", file=tmp_path / "f.db", prefix="t")
    assert isinstance(store, RedisFeatureStore)
    store.close()


def test_another_url_is_told_without_its_password(tmp_path):
    """The message says what may stand there."""
    with pytest.raises(UserFault, match="no feature store") as raised:
        open_feature_store("mysql://lead:s3cret@host/db", file=tmp_path / "f.db", prefix="t")
    assert "s3cret" not in str(raised.value)
