"""Versions of S3 objects: the ETag before reading and after it, so that a change is noticed."""

import hashlib
import hmac
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import quote, urlsplit

__all__ = ["object_version", "signed_headers"]

SECONDS = 20.0
"""How long a store may take to answer."""

NOTHING = hashlib.sha256(b"").hexdigest()
"""Digest of the empty body of every request here."""


def _hmac(key: bytes, text: str) -> bytes:
    return hmac.new(key, text.encode("utf-8"), hashlib.sha256).digest()


def signed_headers(url: str, options: Mapping[str, str | int], *, at: datetime) -> dict[str, str]:
    """Return the headers of a HEAD request, signed by AWS Signature Version 4.

    Args:
        url: The address, its path escaped, without parameters.
        options: How the store is reached, as `storage_options` gives it.
        at: The moment of signing.

    Examples:
        >>> options = {"aws_access_key_id": "a", "aws_secret_access_key": "b", "aws_region": "eu-west-1"}
        >>> signed_headers("https://s3/b/k", options, at=datetime(2026, 1, 2, tzinfo=UTC))["x-amz-date"]
        '20260102T000000Z'
    """
    parts, stamp = urlsplit(url), at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
    headers = {"host": parts.netloc, "x-amz-content-sha256": NOTHING, "x-amz-date": stamp}
    if options.get("aws_session_token"):
        headers["x-amz-security-token"] = str(options["aws_session_token"])
    names = ";".join(sorted(headers))
    lines = "".join(f"{name}:{headers[name]}\n" for name in sorted(headers))
    asked = f"HEAD\n{parts.path}\n\n{lines}\n{names}\n{NOTHING}"
    scope = f"{stamp[:8]}/{options.get('aws_region', 'us-east-1')}/s3/aws4_request"
    digest = hashlib.sha256(asked.encode("utf-8")).hexdigest()
    key = b"AWS4" + str(options["aws_secret_access_key"]).encode("utf-8")
    for part in scope.split("/"):
        key = _hmac(key, part)
    signature = _hmac(key, f"AWS4-HMAC-SHA256\n{stamp}\n{scope}\n{digest}").hex()
    credential = f"Credential={options['aws_access_key_id']}/{scope}"
    headers["authorization"] = f"AWS4-HMAC-SHA256 {credential}, SignedHeaders={names}, Signature={signature}"
    return headers


def object_version(path: str, options: Mapping[str, str | int]) -> str | None:
    """Return the ETag and the time of change of one S3 object; None when the store does not tell.

    Args:
        path: `s3://bucket/key`.
        options: How the store is reached, as `storage_options` gives it.

    Examples:
        >>> object_version("gs://bucket/key", {}) is None
        True
    """
    scheme, _, rest = path.partition("://")
    if scheme != "s3" or not {"aws_access_key_id", "aws_secret_access_key"} <= options.keys():
        return None
    region = options.get("aws_region", "us-east-1")
    base = str(options.get("aws_endpoint_url") or f"https://s3.{region}.amazonaws.com").rstrip("/")
    if not base.startswith(("http://", "https://")):
        return None
    url = f"{base}/{quote(rest)}"
    headers = signed_headers(url, options, at=datetime.now(UTC))
    asked = urllib.request.Request(url, method="HEAD", headers=headers)  # noqa: S310 - http or https alone, see above
    try:
        with urllib.request.urlopen(asked, timeout=SECONDS) as answer:  # noqa: S310 - as above
            told = (answer.headers["ETag"], answer.headers["Last-Modified"])
    except (urllib.error.URLError, OSError):
        # Reading itself tells what is wrong with the store.
        return None
    return " ".join(part for part in told if part) or None
