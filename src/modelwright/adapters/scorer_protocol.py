"""What a remote scorer and its clients agree on: paths, headers, limits, and the words of a refusal."""

import ipaddress
from collections.abc import Mapping
from dataclasses import dataclass

from modelwright.kernel.errors import UserFault

__all__ = [
    "ARTIFACTS",
    "KEY",
    "LEAST_TOKEN",
    "MOST_BYTES",
    "PROTOCOL",
    "QUESTIONS",
    "VERSION_HEADER",
    "PublicKey",
    "check_token",
    "is_loopback",
    "words",
]

PROTOCOL = "1"
"""The version of everything here; a scorer and a client of unequal versions do not talk."""

VERSION_HEADER = "Modelwright-Scorer"
"""The header that names it, in both directions."""

KEY = "/v1/key"
"""GET: the public key that labels are sealed with."""

ARTIFACTS = "/v1/artifacts/"
"""HEAD and PUT, followed by a digest: the test part without labels, and the sealed labels."""

QUESTIONS = "/v1/questions"
"""POST: a question as for the scoring process; its reply comes back."""

MOST_BYTES = 512 << 20
"""Longest body of a request."""

LEAST_TOKEN = 16
"""Fewest characters of a token."""

STATUSES: Mapping[int, str] = {
    400: "the request cannot be read",
    401: "the token is not the scorer's",
    404: "there is nothing at this address",
    405: "this address does not take that method",
    408: "the request did not arrive in time",
    413: "the request is too long",
    422: "the bytes are not what their digest says",
    426: "scorer and client are of different versions",
    500: "the scorer failed",
    507: "the scorer's disk is full or read-only",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicKey:
    """What a scorer says about itself.

    Examples:
        >>> PublicKey(protocol="1", public_key="00", seal_id="aa").protocol
        '1'
    """

    protocol: str
    """The version it talks."""
    public_key: str
    """Its X25519 public key in hexadecimal digits."""
    seal_id: str
    """The public name of that key."""


def words(status: int) -> str:
    """Say what a status means.

    Examples:
        >>> words(401)
        "the token is not the scorer's"
    """
    return STATUSES.get(status, f"status {status}")


def is_loopback(host: str) -> bool:
    """Whether a host is this machine itself, by its name or number.

    Examples:
        >>> is_loopback("127.0.0.1"), is_loopback("localhost"), is_loopback("scorer.example")
        (True, True, False)
    """
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def check_token(token: str) -> str:
    """Return a token that can be sent and is not easily guessed.

    Raises:
        UserFault: When it is too short or cannot stand in a header.

    Examples:
        >>> check_token(" 0123456789abcdef ")
        '0123456789abcdef'
    """
    token = token.strip()
    if len(token) < LEAST_TOKEN or not (token.isascii() and token.isprintable() and " " not in token):
        raise UserFault(
            "the scorer's token cannot be used",
            why="who guesses it can ask the sealed labels and use up the looks",
            next_step=f"use {LEAST_TOKEN} or more letters and digits, such as `openssl rand -hex 24` prints",
            found=f"{len(token)} characters",
        )
    return token
