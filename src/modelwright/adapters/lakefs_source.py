"""lakeFS: a reference turned into the commit it stands for, so that what is read cannot change any more."""

import base64
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

from modelwright.kernel.errors import ServiceFailed, UserFault

__all__ = ["LakefsPlace", "lakefs_place"]

SECONDS = 20.0
"""How long a server may take to answer."""

LARGEST_ANSWER = 1 << 20
"""Bytes of an answer that are read."""

NEEDED = (
    "LAKECTL_SERVER_ENDPOINT_URL",
    "LAKECTL_CREDENTIALS_ACCESS_KEY_ID",
    "LAKECTL_CREDENTIALS_SECRET_ACCESS_KEY",
)
"""The variables that lakeFS' own tool reads."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LakefsPlace:
    """Where the rows of a lakeFS path lie, at one commit.

    Examples:
        >>> LakefsPlace(path="s3://repo/c1/calls.csv", commit="c1", options={}).commit
        'c1'
    """

    path: str
    """The path through the S3 gateway, with the commit in place of the branch."""
    commit: str
    """The commit."""
    options: Mapping[str, str | int]
    """How the gateway is reached."""


def lakefs_place(path: str, *, variables: Mapping[str, str]) -> LakefsPlace:
    """Return the commit that `lakefs://repository/reference/path` means now, and where its objects are.

    Args:
        path: The lakeFS path; the reference is a branch, a tag or a commit.
        variables: The environment, with the variables of lakeFS' own tool.

    Raises:
        UserFault: When the path or the environment lacks something, or the server refuses.
        ServiceFailed: When the server does not answer.

    Examples:
        >>> lakefs_place("lakefs://calls", variables={})
        Traceback (most recent call last):
        ...
        modelwright.kernel.errors.UserFault: 'lakefs://calls' is no path in lakeFS...
    """
    repository, _, rest = path.partition("://")[2].partition("/")
    reference, _, key = rest.partition("/")
    if not repository or not reference or not key:
        raise UserFault(
            f"'{path}' is no path in lakeFS",
            next_step="write lakefs://REPOSITORY/BRANCH/PATH, as lakectl does",
        )
    lacking = [name for name in NEEDED if not variables.get(name)]
    if lacking:
        raise UserFault(
            f"{path} needs {', '.join(lacking)} in the environment",
            why="they say where lakeFS is and who asks",
            next_step="set them, as for lakectl",
        )
    endpoint, user, secret = (variables[name] for name in NEEDED)
    base = endpoint.rstrip("/").removesuffix("/api/v1")
    commit = _commit(f"{base}/api/v1", repository, reference, user=user, secret=secret)
    options: dict[str, str | int] = {
        "aws_endpoint_url": base,
        "aws_access_key_id": user,
        "aws_secret_access_key": secret,
        "aws_region": "us-east-1",
        "aws_allow_http": str(base.startswith("http://")).lower(),
        "max_retries": 2,
    }
    return LakefsPlace(path=f"s3://{repository}/{commit}/{key}", commit=commit, options=options)


def _commit(api: str, repository: str, reference: str, *, user: str, secret: str) -> str:
    # The log of a reference tells its commit in every version; asked for one commit, older servers answer
    # with the name they were asked by.
    url = f"{api}/repositories/{quote(repository, safe='')}/refs/{quote(reference, safe='')}/commits?amount=1"
    if urlsplit(url).scheme not in {"http", "https"}:
        raise UserFault(f"{NEEDED[0]} is no http or https address", next_step="write https://HOST")
    token = base64.b64encode(f"{user}:{secret}".encode()).decode()
    request = urllib.request.Request(url, headers={"Authorization": f"Basic {token}"})  # noqa: S310 - http(s) only
    try:
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:  # noqa: S310 - http(s) only
            found = json.loads(answer.read(LARGEST_ANSWER))
        commit = str(found["results"][0]["id"])
    except urllib.error.HTTPError as error:
        error.close()
        raise UserFault(
            f"lakeFS has no {repository}/{reference} for this user (status {error.code})",
            why="without its commit nobody can tell later what was read",
            next_step="check repository and branch, and the credentials in the environment",
        ) from error
    except (OSError, ValueError, LookupError, TypeError) as error:
        raise ServiceFailed(
            f"lakeFS does not answer as it must: {error}",
            why="without its commit nobody can tell later what was read",
            next_step=f"check {NEEDED[0]} and run again",
        ) from error
    return commit
