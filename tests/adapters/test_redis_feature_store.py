"""The feature store in Redis, against a real server: every promise, and what a lost server tells."""

import itertools

import pytest
from tests.adapters.redis_server import ABSENT, RedisServer
from tools.services import redis_server

from modelwright.adapters.redis_feature_store import RedisFeatureStore
from modelwright.kernel.errors import IntegrityBroken, ServiceFailed, UserFault
from modelwright.testing.feature_store_suite import FEATURE_STORE_PROMISES

pytestmark = pytest.mark.redis

NUMBERS = itertools.count(1)


@pytest.fixture(scope="module")
def server():
    """A running server; without Redis these tests fail and say what to install."""
    program = redis_server()
    if program is None:
        pytest.fail(ABSENT, pytrace=False)
    running = RedisServer(program)
    try:
        running.start()
        yield running
    finally:
        running.remove()


@pytest.fixture
def opened(server):
    """Opens stores of one project, and closes them."""
    stores, prefix = [], f"t{next(NUMBERS)}"

    def open_store():
        stores.append(RedisFeatureStore(server.url, prefix=prefix))
        return stores[-1]

    yield open_store
    for store in stores:
        store.close()


@pytest.mark.parametrize("promise", FEATURE_STORE_PROMISES, ids=lambda promise: promise.__name__)
def test_redis_keeps(promise, opened):
    """What every feature store promises."""
    promise(opened)


def test_projects_do_not_share_rows(server, opened):
    """The prefix keeps them apart."""
    mine, other = opened(), RedisFeatureStore(server.url, prefix="other")
    try:
        FEATURE_STORE_PROMISES[4](lambda: mine)
        assert other.get("calls", ("1",)) is None
    finally:
        other.close()


def test_a_row_that_is_none_is_told(server):
    """Bytes written by somebody else are no features."""
    import redis

    store = RedisFeatureStore(server.url, prefix="spoiled")
    client = redis.Redis.from_url(server.url)
    client.hset("spoiled:features:calls", '["a"]', b"0" * 20 + b"garbage")
    client.close()
    with pytest.raises(IntegrityBroken, match="cannot be read"):
        store.get("calls", ("a",))
    store.close()


def test_a_server_that_is_not_there_is_told_without_its_password():
    """Who looks up gets a fault of the world, and nobody sees the password."""
    store = RedisFeatureStore("redis://lead:s3cret@127.0.0.1:1/0", prefix="t")
    with pytest.raises(ServiceFailed, match="does not answer") as raised:
        store.get("calls", ("a",))
    assert "s3cret" not in str(raised.value)
    store.close()


def test_a_url_that_is_none_is_told():
    """The cure shows how one looks."""
    with pytest.raises(UserFault, match="no address of a Redis server"):
        RedisFeatureStore("http://somewhere", prefix="t")
