"""E-mail: notices over SMTP, encrypted before anything is said, unless the server is this machine."""

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass, field
from email.message import EmailMessage

from modelwright.kernel.errors import ServiceFailed, UserFault
from modelwright.workflow.notice import Notice

__all__ = ["MailServer", "Mailer"]

TIMEOUT = 3.0
"""Seconds the server may take for one answer."""
LOOPBACK = ("127.0.0.1", "::1", "localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class MailServer:
    """Where mail is handed in, and as whom.

    Examples:
        >>> "password" in repr(MailServer(host="mail.example.com", password="secret"))
        False
    """

    host: str
    """The server's name."""
    port: int = 587
    """Its port for submission, RFC 6409."""
    user: str = ""
    """Who hands in; empty where no one asks."""
    password: str = field(default="", repr=False)
    """The password; read from a file, never written down."""
    ca_file: str = ""
    """Certificates to trust beside the system's; empty for those alone."""

    @property
    def local(self) -> bool:
        """Whether it is this machine, so that nothing leaves it in the clear."""
        return self.host in LOOPBACK


def _one_line(text: str) -> str:
    """Keep a header one header: line breaks in names would begin another one."""
    return " ".join(text.split())


class Mailer:
    """Sends notices as plain text.

    Args:
        server: Where they are handed in.
        sender: The address they come from.
        recipients: Who gets them.

    Raises:
        UserFault: When an address is missing or breaks a line.

    Examples:
        >>> Mailer(
        ...     MailServer(host="localhost"), sender="ml@example.com", recipients=["lead@example.com"]
        ... ).name
        'e-mail'
    """

    def __init__(self, server: MailServer, *, sender: str, recipients: Sequence[str]) -> None:
        """Keep the addresses."""
        bad = [each for each in (sender, *recipients) if "@" not in each or each != _one_line(each)]
        if not recipients or bad:
            raise UserFault(
                "the addresses for notices cannot be used",
                found=", ".join(bad) or "nobody to write to",
                expected="name@host, several separated by commas",
                next_step="set MODELWRIGHT_MAIL_FROM and MODELWRIGHT_MAIL_TO",
            )
        self._server = server
        self._sender = sender
        self._recipients = tuple(recipients)

    @property
    def name(self) -> str:
        """What it is called in the ledger."""
        return "e-mail"

    def send(self, notice: Notice) -> None:
        """Hand one notice in.

        Raises:
            ServiceFailed: When the server did not take it, or would have taken it only in the clear.
        """
        try:
            with smtplib.SMTP(self._server.host, self._server.port, timeout=TIMEOUT) as line:
                self._secure(line)
                if self._server.user:
                    line.login(self._server.user, self._server.password)
                line.send_message(self._message(notice), self._sender, self._recipients)
        except smtplib.SMTPAuthenticationError as error:
            raise self._failed("the server does not know this user or password") from error
        except (OSError, smtplib.SMTPException, ssl.SSLError) as error:
            raise self._failed(type(error).__name__) from error

    def _secure(self, line: smtplib.SMTP) -> None:
        line.ehlo()
        if line.has_extn("starttls"):
            line.starttls(context=ssl.create_default_context(cafile=self._server.ca_file or None))
            line.ehlo()
        elif not self._server.local or self._server.user:
            raise self._failed("the server offers no encryption (STARTTLS)")

    def _failed(self, why: str) -> ServiceFailed:
        return ServiceFailed(
            f"the e-mail was not taken: {why}",
            why="nobody was told",
            next_step="see whether the server in MODELWRIGHT_MAIL_SERVER answers",
        )

    def _message(self, notice: Notice) -> EmailMessage:
        message = EmailMessage()
        message["From"] = self._sender
        message["To"] = ", ".join(self._recipients)
        message["Subject"] = f"[modelwright] {_one_line(notice.title)}"
        message["Date"] = notice.at
        message["Message-ID"] = f"<{notice.key.removeprefix('sha256:')}@modelwright>"
        message["Auto-Submitted"] = "auto-generated"
        lines = [notice.text, "", f"Next: {notice.next_step}"]
        if notice.deadline is not None:
            lines += ["", f"An answer counts until {notice.deadline:%Y-%m-%d %H:%M} UTC; no answer is a no."]
        message.set_content("\n".join(lines))
        return message
