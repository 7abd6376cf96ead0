"""Traffic is bounded and stays on this machine."""

import socket

import pytest

from modelwright.kernel.errors import ServiceFailed, UserFault
from modelwright.workflow.traffic import send


def test_no_traffic_is_sent_to_another_machine():
    """Refused before anything is opened."""
    with pytest.raises(UserFault, match="not this machine"):
        list(send("http://example.org:80", [{}], prefix="r"))


def test_more_than_the_most_requests_are_refused_as_a_whole():
    """Load stops by itself."""
    with pytest.raises(UserFault, match="too many requests"):
        list(send("http://127.0.0.1:1", [{}] * 50_001, prefix="r"))


def test_a_server_that_does_not_answer_is_told_as_such():
    """A free port, where nobody listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(ServiceFailed, match="did not answer"):
        list(send(f"http://127.0.0.1:{port}", [{}], prefix="r"))
