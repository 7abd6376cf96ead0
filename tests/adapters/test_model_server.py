"""The model server as a program: its faults have words and exit codes in the same process too."""

import signal

import pytest

from modelwright.adapters.model_server import main


@pytest.fixture(autouse=True)
def signals():
    """The handlers of this process as they were."""
    before = signal.getsignal(signal.SIGTERM)
    yield
    signal.signal(signal.SIGTERM, before)


def test_settings_that_do_not_fit_end_with_the_code_of_tampered_evidence(tmp_path, capsys):
    """The missing field is named."""
    path = tmp_path / "settings.json"
    path.write_text('{"host": "127.0.0.1"}')
    assert main([str(path)]) == 7
    assert "missing required field `roster`" in capsys.readouterr().err


def test_settings_that_are_not_there_are_told(tmp_path, capsys):
    """As a fault of the world, without a traceback."""
    assert main([str(tmp_path / "none.json")]) == 3
    assert "none.json" in capsys.readouterr().err
