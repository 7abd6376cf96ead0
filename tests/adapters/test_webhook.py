"""The webhook: signed, tried a few times, given up in seconds, sent nowhere in the clear."""

import hashlib
import hmac
import json

import pytest
from tests.adapters.post_office import NOTICE, http_receiver

from modelwright.adapters.webhook import SIGNATURE, Webhook, webhook_of
from modelwright.kernel.errors import ServiceFailed, UserFault

SECRET = b"0123456789abcdef0123456789abcdef"


def hook(url, waited=None):
    """A webhook that does not really wait."""
    return Webhook(url, secret=SECRET, wait=(waited if waited is not None else []).append)


def test_a_notice_arrives_whole_and_its_signature_fits():
    """A receiver that knows the secret can tell it from a forged one."""
    with http_receiver() as (url, posted):
        hook(url).send(NOTICE)
    ((path, headers, body),) = posted
    assert path == "/hook?room=ml"
    assert headers[SIGNATURE] == "sha256=" + hmac.new(SECRET, body, hashlib.sha256).hexdigest()
    assert headers["X-Modelwright-Delivery"] == NOTICE.key
    told = json.loads(body)
    assert told["title"] == "calls: glass broken (promotion:v2)"
    assert told["notice"]["text"] == NOTICE.text


def test_a_server_that_stumbles_is_asked_again():
    """With the same key each time, so that doubles can be dropped."""
    waited = []
    with http_receiver(answers=(500, 503, 204)) as (url, posted):
        hook(url, waited).send(NOTICE)
    assert len(posted) == 3
    assert len({headers["X-Modelwright-Delivery"] for _, headers, _ in posted}) == 1
    assert waited == [0.1, 0.3]


@pytest.mark.parametrize(("answers", "tries"), [((500,), 3), ((403,), 1), ((429,), 3), ((302,), 1)])
def test_a_server_that_refuses_is_given_up(answers, tries):
    """A redirect is not followed; a plain no is not asked again."""
    with http_receiver(answers=answers, location="http://127.0.0.1:9/") as (url, posted):
        with pytest.raises(ServiceFailed, match=f"answered {answers[0]}") as caught:
            hook(url).send(NOTICE)
        assert len(posted) == tries
    assert "MODELWRIGHT_WEBHOOK_URL" in str(caught.value)
    assert url not in str(caught.value)


def test_nobody_at_the_other_end_is_told_in_words():
    """No traceback, and no address."""
    with http_receiver() as (url, _):
        pass
    with pytest.raises(ServiceFailed, match="not reached: ConnectionRefusedError"):
        hook(url).send(NOTICE)


def test_a_line_that_should_be_encrypted_and_is_not_fails():
    """The other side is no TLS server."""
    with http_receiver() as (url, posted), pytest.raises(ServiceFailed, match="not reached"):
        hook(url.replace("http://", "https://")).send(NOTICE)
    assert posted == []


@pytest.mark.parametrize(
    "url",
    ["http://chat.example.com/", "ftp://127.0.0.1/", "https://", "https://me@chat.example.com/", "nonsense"],
)
def test_an_address_in_the_clear_is_refused(url):
    """Notices tell what waits for a decision."""
    with pytest.raises(UserFault, match="cannot be used"):
        Webhook(url, secret=SECRET)


def test_the_secret_comes_out_of_a_file_of_its_own(tmp_path):
    """That nobody else can read, and that is long enough."""
    file = tmp_path / "secret"
    with pytest.raises(UserFault, match="no file"):
        webhook_of("https://chat.example.com", secret_file=str(file))
    file.write_bytes(SECRET)
    file.chmod(0o644)
    with pytest.raises(UserFault, match="others can read"):
        webhook_of("https://chat.example.com", secret_file=str(file))
    file.chmod(0o600)
    assert webhook_of("https://chat.example.com", secret_file=str(file)).name == "webhook"
    file.write_bytes(b"short")
    with pytest.raises(UserFault, match="too short"):
        webhook_of("https://chat.example.com", secret_file=str(file))
