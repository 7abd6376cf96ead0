"""A webhook: notices as signed JSON over HTTPS, tried a few times and given up in seconds."""

import hashlib
import hmac
import http.client
import ssl
from collections.abc import Callable
from pathlib import Path
from threading import Event
from urllib.parse import urlsplit

from modelwright.kernel.digest import canonical_json
from modelwright.kernel.errors import ServiceFailed, UserFault
from modelwright.workflow.notice import Notice

__all__ = ["SIGNATURE", "Webhook", "sign", "webhook_of"]

SIGNATURE = "X-Modelwright-Signature-256"
"""The header with the HMAC of the body, spelled `sha256=` and 64 hexadecimal digits, as GitHub's is."""
TIMEOUT = 1.5
"""Seconds one try may take."""
PAUSES = (0.1, 0.3)
"""Seconds before each further try."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")
LEAST_SECRET = 16


def sign(secret: bytes, body: bytes) -> str:
    """Return what stands in the header: HMAC-SHA256 over the body, RFC 2104.

    Examples:
        >>> sign(b"0123456789abcdef", b"{}")[:11]
        'sha256=f91e'
    """
    return "sha256=" + hmac.new(secret, body, hashlib.sha256).hexdigest()


def _wait(seconds: float) -> None:
    Event().wait(seconds)


class Webhook:
    """Sends notices to one address.

    The body is canonical JSON; its `key` is the same for each try, so that a receiver can drop doubles, and
    `at` says how old it is. Redirects are not followed: they would carry the notice where nobody wanted it.

    Args:
        url: Where to; HTTPS, or HTTP on this machine.
        secret: What the body is signed with.
        context: How a server proves itself; the system's roots when not given.
        wait: Waits between tries.

    Raises:
        UserFault: When the address is neither HTTPS nor this machine's, or names a user.

    Examples:
        >>> Webhook("https://chat.example.com/hook", secret=b"0123456789abcdef").name
        'webhook'
    """

    def __init__(
        self,
        url: str,
        *,
        secret: bytes,
        context: ssl.SSLContext | None = None,
        wait: Callable[[float], None] = _wait,
    ) -> None:
        """Take the address apart."""
        parts = urlsplit(url)
        local = parts.scheme == "http" and parts.hostname in LOOPBACK
        if not parts.hostname or parts.username or not (parts.scheme == "https" or local):
            raise UserFault(
                "the address for notices cannot be used",
                why="a notice tells what waits for a decision; it goes nowhere in the clear",
                expected="https://..., or http:// on this machine; no user in it",
                next_step="set MODELWRIGHT_WEBHOOK_URL",
            )
        self._host, self._port, self._secure = parts.hostname, parts.port, parts.scheme == "https"
        self._path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._secret = secret
        self._context = context
        self._wait = wait

    @property
    def name(self) -> str:
        """What it is called in the ledger."""
        return "webhook"

    def send(self, notice: Notice) -> None:
        """Post one notice, again where the other side may recover.

        Raises:
            ServiceFailed: When no try was answered with success.
        """
        body = canonical_json({"key": notice.key, "title": notice.title, "notice": notice})
        why = ""
        for pause in (0.0, *PAUSES):
            if pause:
                self._wait(pause)
            try:
                status = self._post(body, notice.key)
            except (OSError, http.client.HTTPException, ValueError) as error:
                why = f"{type(error).__name__}"
                continue
            if 200 <= status < 300:
                return
            why = f"answered {status}"
            if status < 500 and status not in {408, 425, 429}:
                break
        raise ServiceFailed(
            f"the webhook was not reached: {why}",
            why="nobody was told",
            next_step="see whether the address in MODELWRIGHT_WEBHOOK_URL answers",
        )

    def _post(self, body: bytes, key: str) -> int:
        if self._secure:
            context = self._context or ssl.create_default_context()
            line: http.client.HTTPConnection = http.client.HTTPSConnection(
                self._host, self._port, timeout=TIMEOUT, context=context
            )
        else:
            line = http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT)
        try:
            headers = {
                "Content-Type": "application/json",
                "User-Agent": "modelwright",
                "X-Modelwright-Delivery": key,
                SIGNATURE: sign(self._secret, body),
            }
            line.request("POST", self._path, body=body, headers=headers)
            return line.getresponse().status
        finally:
            line.close()


def webhook_of(url: str, *, secret_file: str) -> Webhook:
    """Build the webhook that settings name.

    Args:
        url: Where to.
        secret_file: The file that holds the secret bodies are signed with.

    Raises:
        UserFault: When the file is missing, readable by others, or its secret is too short.
    """
    return Webhook(url, secret=read_secret(secret_file, setting="MODELWRIGHT_WEBHOOK_SECRET_FILE"))


def read_secret(name: str, *, setting: str) -> bytes:
    """Return a secret out of a file that only its owner can read.

    Args:
        name: The file.
        setting: The setting that names it, for the message.

    Raises:
        UserFault: When there is no such file, others can read it, or it holds too little.
    """
    path = Path(name)
    try:
        mode = path.stat().st_mode
        secret = path.read_bytes().strip()
    except OSError as error:
        raise UserFault(
            f"{setting} names no file that can be read ({error.strerror or 'unreadable'})",
            why="a notice nobody can tell from a forged one is worth nothing",
            next_step=f"write the secret into a file of your own, and name it in {setting}",
        ) from error
    if mode & 0o077:
        raise UserFault(
            f"others can read the file {setting} names",
            why="whoever knows the secret can forge what it proves",
            found=oct(mode & 0o777),
            expected="0o600",
            next_step=f"chmod 600 {path}",
        )
    if len(secret) < LEAST_SECRET and setting.endswith("SECRET_FILE"):
        raise UserFault(
            f"the secret {setting} names is too short",
            why="a short one can be guessed",
            found=f"{len(secret)} bytes",
            expected=f"{LEAST_SECRET} or more",
            next_step="write 32 random bytes in hexadecimal",
        )
    return secret
