"""Reading an HTTP request: headers, body and JSON, each within limits, each fault with its status."""

import asyncio
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

import msgspec

from modelwright.serving.problem import RequestRefused

__all__ = [
    "Receive",
    "RequestLimits",
    "Scope",
    "Send",
    "decoded",
    "header",
    "listed",
    "read_body",
    "request_name",
]

# ASGI itself types these as Any: what is in them depends on the kind of message.
Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

NAME = re.compile(rb"[A-Za-z0-9._:-]{1,128}")
"""What a request may be called by its client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestLimits:
    """How much a request may ask of us.

    Examples:
        >>> RequestLimits().max_rows
        1000
    """

    max_body_bytes: int = 1 << 20
    """Longest body read."""
    max_rows: int = 1000
    """Most rows, or labels, in one request."""
    body_seconds: float = 10.0
    """How long a client may take to send the body."""


def header(scope: Scope, name: bytes) -> bytes | None:
    """Return a header's value, None when it is not there.

    Examples:
        >>> header({"headers": [(b"x-request-id", b"r1")]}, b"x-request-id")
        b'r1'
    """
    for key, value in scope["headers"]:
        if key == name:
            return bytes(value)
    return None


def request_name(scope: Scope) -> str | None:
    """Return the client's name for the request, None when it gave none.

    Raises:
        RequestRefused: When the name could not be kept and sent back as it is.

    Examples:
        >>> request_name({"headers": [(b"x-request-id", b"order-7")]})
        'order-7'
    """
    given = header(scope, b"x-request-id")
    if given is None:
        return None
    if NAME.fullmatch(given) is None:
        raise RequestRefused(
            400,
            "request-id-invalid",
            "X-Request-Id cannot be used",
            "Send 1 to 128 letters, digits, '.', '_', ':' or '-', or leave the header out.",
        )
    return given.decode("ascii")


def _check_content(scope: Scope) -> None:
    kind = header(scope, b"content-type") or b""
    if kind.split(b";", 1)[0].strip().lower() != b"application/json":
        raise RequestRefused(
            415,
            "content-type-unsupported",
            "Content type not supported",
            f"Send application/json instead of '{kind[:60].decode('latin-1')}'.",
            headers=((b"accept-post", b"application/json"),),
        )
    coding = (header(scope, b"content-encoding") or b"identity").strip().lower()
    if coding != b"identity":
        raise RequestRefused(
            415,
            "content-encoding-unsupported",
            "Content encoding not supported",
            "Send the body as it is, not compressed.",
            headers=((b"accept-encoding", b"identity"),),
        )


def _too_long(limit: int) -> RequestRefused:
    return RequestRefused(
        413,
        "body-too-long",
        "Request too long",
        f"At most {limit} bytes are read; send fewer rows at a time.",
    )


async def read_body(scope: Scope, receive: Receive, limits: RequestLimits) -> bytes:
    """Return the body of a JSON request.

    Raises:
        RequestRefused: When it is no JSON by its header, compressed, too long, or does not arrive in time.

    Examples:
        >>> async def receive():
        ...     return {"type": "http.request", "body": b"{}", "more_body": False}
        >>> scope = {"headers": [(b"content-type", b"application/json")]}
        >>> asyncio.run(read_body(scope, receive, RequestLimits()))
        b'{}'
    """
    _check_content(scope)
    length = header(scope, b"content-length")
    if length is not None and length.isdigit() and int(length[:20]) > limits.max_body_bytes:
        raise _too_long(limits.max_body_bytes)
    try:
        async with asyncio.timeout(limits.body_seconds):
            return await _read(receive, limits.max_body_bytes)
    except TimeoutError as error:
        raise RequestRefused(
            408,
            "body-too-slow",
            "Request too slow",
            f"The body did not arrive within {limits.body_seconds:g} s.",
        ) from error


async def _read(receive: Receive, most: int) -> bytes:
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise RequestRefused(
                400, "body-cut", "Request cut", "The client left before the body was complete."
            )
        part = message.get("body", b"")
        size += len(part)
        if size > most:
            raise _too_long(most)
        parts.append(part)
        if not message.get("more_body", False):
            return parts[0] if len(parts) == 1 else b"".join(parts)


def decoded(body: bytes) -> object:
    """Return what a JSON body holds.

    Raises:
        RequestRefused: When it is not JSON, or nested deeper than anyone needs.

    Examples:
        >>> decoded(b'{"rows": []}')
        {'rows': []}
    """
    try:
        value: object = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        hint = " NaN and Infinity are no JSON: send null for a value that is not known."
        told = hint if b"NaN" in body or b"Infinity" in body else ""
        raise RequestRefused(
            400, "json-malformed", "Body is not JSON", f"{str(error)[:200]}.{told}"
        ) from error
    except RecursionError as error:
        raise RequestRefused(
            400, "json-too-deep", "JSON nested too deep", "A row is one object of names and values."
        ) from error
    return value


def listed(value: object, key: str, limits: RequestLimits) -> list[object]:
    """Return the list under a key of a decoded body.

    Raises:
        RequestRefused: When it is not there, is no list, is empty or too long, or stands beside other keys.

    Examples:
        >>> listed({"rows": [1]}, "rows", RequestLimits())
        [1]
    """
    shape = f'Send {{"{key}": [...]}}.'
    if not isinstance(value, dict) or not isinstance(value.get(key), list):
        raise RequestRefused(
            422, "body-shape", "Body has another shape", f"There is no list '{key}'. {shape}"
        )
    more = sorted(str(name)[:60] for name in value if name != key)
    if more:
        told = f"Unknown keys: {', '.join(more[:10])}. {shape}"
        raise RequestRefused(422, "body-shape", "Body has another shape", told)
    items: list[object] = value[key]
    if not items:
        raise RequestRefused(422, "nothing-asked", "Nothing was asked", f"The list '{key}' is empty.")
    if len(items) > limits.max_rows:
        raise RequestRefused(
            413,
            "too-many-rows",
            "Too many rows",
            f"{len(items)} {key}, at most {limits.max_rows} in one request; use batch scoring for tables.",
        )
    return items
