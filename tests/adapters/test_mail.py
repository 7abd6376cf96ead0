"""The mailer: encrypted before anything is said, and quick to give up."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from tests.adapters.post_office import NOTICE, certificate, smtp_receiver

from modelwright.adapters.carriers import carriers_of
from modelwright.adapters.mail import Mailer, MailServer
from modelwright.kernel.errors import ServiceFailed, UserFault


def mailer(port, **server):
    """A mailer that hands in on this machine."""
    where = MailServer(host="localhost", port=port, **server)
    return Mailer(where, sender="ml@example.com", recipients=["lead@example.com", "owner@example.com"])


def test_a_notice_arrives_as_a_plain_message():
    """From, to, subject, what happened, what to do next."""
    with smtp_receiver() as (port, taken):
        mailer(port).send(replace(NOTICE, deadline=datetime(2026, 1, 8, tzinfo=UTC)))
    (mail,) = taken
    assert "<ml@example.com>" in mail["from"]
    assert len(mail["to"]) == 2
    assert "Subject: [modelwright] calls: glass broken (promotion:v2)" in mail["text"]
    assert "Auto-Submitted: auto-generated" in mail["text"]
    assert "Next: modelwright follow-up close" in mail["text"]
    assert "no answer is a no" in mail["text"]


def test_the_line_is_encrypted_before_the_password_is_said(tmp_path):
    """STARTTLS with a certificate that is checked."""
    tls = certificate(tmp_path)
    with smtp_receiver(tls=tls, user="ml", password="open sesame") as (port, taken):
        mailer(port, user="ml", password="open sesame", ca_file=str(tls[0])).send(NOTICE)
        with pytest.raises(ServiceFailed, match="user or password"):
            mailer(port, user="ml", password="wrong", ca_file=str(tls[0])).send(NOTICE)
        with pytest.raises(ServiceFailed, match="SSL"):
            mailer(port, user="ml", password="open sesame").send(NOTICE)
    assert [mail["encrypted"] for mail in taken] == [True]


def test_a_server_without_encryption_gets_no_password():
    """Not even on this machine."""
    with smtp_receiver(user="ml", password="x") as (port, taken):
        with pytest.raises(ServiceFailed, match="no encryption"):
            mailer(port, user="ml", password="x").send(NOTICE)
        assert taken == []


def test_nobody_at_the_other_end_is_told_in_words():
    """No traceback."""
    with smtp_receiver() as (port, _):
        pass
    with pytest.raises(ServiceFailed, match="not taken"):
        mailer(port).send(NOTICE)


@pytest.mark.parametrize("address", ["lead", "lead@example.com\nBcc: all@example.com", ""])
def test_an_address_that_would_break_the_headers_is_refused(address):
    """One address a name, one line a header."""
    with pytest.raises(UserFault, match="addresses"):
        Mailer(MailServer(host="localhost"), sender="ml@example.com", recipients=[address])
    with pytest.raises(UserFault, match="nobody"):
        Mailer(MailServer(host="localhost"), sender="ml@example.com", recipients=[])


def test_a_name_with_line_breaks_stays_one_header():
    """Whoever names a finding writes no headers."""
    with smtp_receiver() as (port, taken):
        mailer(port).send(replace(NOTICE, subject="x\nBcc: all@example.com"))
    assert "\nBcc:" not in taken[0]["text"]


def test_settings_name_the_carriers(tmp_path):
    """Both, either or none; what is set up by half is told."""
    secret = tmp_path / "secret"
    secret.write_text("0123456789abcdef")
    secret.chmod(0o600)
    mail = {"mail_server": "localhost:2525", "mail_from": "ml@example.com", "mail_to": "lead@example.com"}
    hook = {"webhook_url": "https://chat.example.com", "webhook_secret_file": str(secret)}
    named = [each.name for each in carriers_of({**mail, **hook})]
    assert named == ["webhook", "e-mail"]
    with_user = {**mail, "mail_server": "mail.example.com", "mail_user": "ml"}
    assert carriers_of({**with_user, "mail_password_file": str(secret)})[0].name == "e-mail"
    for half in ({"webhook_url": "https://chat.example.com"}, {"mail_server": "x"}, with_user):
        with pytest.raises(UserFault, match="by half"):
            carriers_of(half)
    with pytest.raises(UserFault, match="no server"):
        carriers_of({**mail, "mail_server": "localhost:none"})
