"""Versions of objects: signed as the store's own tools sign, and a change while reading is noticed."""

from contextlib import contextmanager
from datetime import UTC, datetime

import pytest
from botocore.auth import S3SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from tests.adapters.object_store import BUCKET, ObjectStore
from tests.data.tables import calls

from modelwright.adapters.object_source import read_objects, storage_options
from modelwright.adapters.object_version import object_version, signed_headers
from modelwright.kernel.errors import DataInvalid


@pytest.fixture(scope="module")
def store():
    """A server of the S3 protocol."""
    running = ObjectStore()
    yield running
    running.stop()


@contextmanager
def meddled(store, change):
    """Have something done once, as soon as an object has been read."""
    server = store.server._server  # noqa: SLF001 - the stand-in has no other door
    plain, left = server.app, [change]

    def app(environ, start):
        body = b"".join(plain(environ, start))
        if environ["REQUEST_METHOD"] == "GET" and left:
            left.pop()()
        return [body]

    server.app = app
    yield
    server.app = plain


@pytest.mark.parametrize("token", ["", "session"])
def test_requests_are_signed_as_by_the_stores_own_tools(token):
    """Held against botocore's signer."""
    url = "https://s3.eu-west-1.amazonaws.com/bucket/a%20b/calls.parquet"
    options = {"aws_access_key_id": "k", "aws_secret_access_key": "s", "aws_region": "eu-west-1"}
    options |= {"aws_session_token": token} if token else {}
    asked = AWSRequest(method="HEAD", url=url)
    S3SigV4Auth(Credentials("k", "s", token or None), "s3", "eu-west-1").add_auth(asked)
    at = datetime.strptime(asked.headers["X-Amz-Date"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    assert signed_headers(url, options, at=at)["authorization"] == asked.headers["Authorization"]


def test_an_object_that_changes_while_it_is_read_is_told(store):
    """Rows of two states make a table that never was; read again it is whole."""
    store.put("live/calls.csv", calls())
    options = storage_options(store.variables)
    path = f"s3://{BUCKET}/live/calls.csv"
    with (
        meddled(store, lambda: store.put("live/calls.csv", calls(61))),
        pytest.raises(DataInvalid, match="was changed while it was read"),
    ):
        read_objects(path, format="auto", options=options, name="calls")
    table = read_objects(path, format="auto", options=options, name="calls")
    assert table.frame.height == 61


def test_a_version_changes_with_the_object_and_is_unknown_where_nobody_tells(store):
    """Another store, no keys, no object, nobody there."""
    options = storage_options(store.variables)
    path = f"s3://{BUCKET}/version/calls.csv"
    store.put("version/calls.csv", calls())
    before = object_version(path, options)
    assert before == object_version(path, options)
    store.put("version/calls.csv", calls(61))
    assert object_version(path, options) not in {before, None}
    for other, given in (
        ("az://c/calls.csv", options),
        (path, {}),
        (f"s3://{BUCKET}/gone.csv", options),
        (path, {**options, "aws_endpoint_url": "http://127.0.0.1:1"}),
        (path, {**options, "aws_endpoint_url": "ftp://x"}),
    ):
        assert object_version(other, given) is None
