"""Carriers: the webhook and the mailer that settings name."""

from collections.abc import Mapping

from modelwright.adapters.mail import Mailer, MailServer
from modelwright.adapters.webhook import read_secret, webhook_of
from modelwright.kernel.errors import UserFault
from modelwright.workflow.notice import Notifier

__all__ = ["carriers_of"]

SUBMISSION = 587
"""The port for handing mail in, RFC 6409."""


def carriers_of(notices: Mapping[str, str]) -> tuple[Notifier, ...]:
    """Build every carrier that is set up.

    Args:
        notices: Settings about notices, such as `webhook_url` and `mail_server`.

    Raises:
        UserFault: When one is set up by half, or its secret cannot be read.

    Examples:
        >>> carriers_of({})
        ()
    """
    carriers: list[Notifier] = []
    if "webhook_url" in notices:
        carriers.append(
            webhook_of(notices["webhook_url"], secret_file=_needed(notices, "webhook_secret_file"))
        )
    if "mail_server" in notices:
        carriers.append(_mailer(notices))
    return tuple(carriers)


def _needed(notices: Mapping[str, str], name: str) -> str:
    if name not in notices:
        raise UserFault(
            "notices are set up by half",
            why="people would wait for what never comes",
            next_step=f"set MODELWRIGHT_{name.upper()} too",
        )
    return notices[name]


def _mailer(notices: Mapping[str, str]) -> Mailer:
    host, _, port = notices["mail_server"].rpartition(":")
    if not host:
        host, port = port, str(SUBMISSION)
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise UserFault(
            "MODELWRIGHT_MAIL_SERVER is no server",
            found=notices["mail_server"],
            expected="a host such as mail.example.com, or host:port",
        )
    password = ""
    if "mail_user" in notices:
        name = _needed(notices, "mail_password_file")
        password = read_secret(name, setting="MODELWRIGHT_MAIL_PASSWORD_FILE").decode("utf-8")
    server = MailServer(
        host=host,
        port=int(port),
        user=notices.get("mail_user", ""),
        password=password,
        ca_file=notices.get("mail_ca_file", ""),
    )
    recipients = [each.strip() for each in _needed(notices, "mail_to").split(",") if each.strip()]
    return Mailer(server, sender=_needed(notices, "mail_from"), recipients=recipients)
