"""Settings: environment and file, read once, every fault told."""

import pytest

from modelwright.kernel.errors import UserFault
from modelwright.settings import SETTINGS, read_settings


@pytest.fixture
def home(tmp_path):
    """A home folder and the environment that names it."""
    return tmp_path, {"HOME": str(tmp_path), "MODELWRIGHT_HOME": str(tmp_path)}


def written(folder, text):
    """Write settings.toml."""
    (folder / "settings.toml").write_text(text, encoding="utf-8")


def test_without_anything_there_are_defaults(tmp_path):
    """The person at the machine, its cores, a folder in their home."""
    settings = read_settings({"HOME": str(tmp_path)})
    assert settings.home == tmp_path / ".local" / "share" / "modelwright"
    assert settings.actor.kind.value == "person"
    assert settings.actor.name
    assert 1 <= settings.threads <= 8
    assert (settings.tracking_uri, settings.token) == ("", "")


def test_the_data_folder_of_the_desktop_is_respected(tmp_path):
    """XDG Base Directory Specification."""
    settings = read_settings({"HOME": str(tmp_path), "XDG_DATA_HOME": str(tmp_path / "data")})
    assert settings.home == tmp_path / "data" / "modelwright"


def test_a_home_may_be_written_with_a_tilde(tmp_path, monkeypatch):
    """As in every shell."""
    monkeypatch.setenv("HOME", str(tmp_path))
    assert read_settings({"HOME": str(tmp_path), "MODELWRIGHT_HOME": "~/keys"}).home == tmp_path / "keys"


@pytest.mark.parametrize(
    ("said", "kind", "name"),
    [
        ("lead", "person", "lead"),
        ("agent:coder", "agent", "coder"),
        ("service:nightly", "service", "nightly"),
        ("person:lead", "person", "lead"),
        ("agent:", "agent", "agent"),
        ("AGENT:coder", "agent", "coder"),
        (" Agent : coder", "agent", "coder"),
    ],
)
def test_the_actor_says_what_it_is(home, said, kind, name):
    """Agents and services name themselves; everybody else is a person."""
    _, env = home
    actor = read_settings({**env, "MODELWRIGHT_ACTOR": said, "MODELWRIGHT_ROLE": "owner"}).actor
    assert (actor.kind.value, actor.name, actor.role) == (kind, name, "owner")


def test_a_kind_of_actor_that_there_is_not_is_refused(home):
    """Spelled wrongly, an agent would pass for a person."""
    _, env = home
    with pytest.raises(UserFault, match="did you mean 'agent:coder'"):
        read_settings({**env, "MODELWRIGHT_ACTOR": "agnet:coder"})


def test_the_file_is_read_and_the_environment_wins(home):
    """A project's machine sets the rule, a single call may differ."""
    folder, env = home
    written(folder, 'actor = "lead"\nrole = "owner"\nthreads = 2\ntoken = "secret"\n')
    settings = read_settings({**env, "MODELWRIGHT_THREADS": "1"})
    assert (settings.actor.name, settings.actor.role, settings.threads) == ("lead", "owner", 1)
    assert settings.token == "secret"


def test_all_faults_of_the_file_are_told_together(home):
    """Unknown names with the nearest, values that are none."""
    folder, env = home
    written(folder, 'actr = "lead"\nxyzzy = 1\nrole = true\n\n[threads]\nmost = 2\n')
    with pytest.raises(UserFault) as caught:
        read_settings(env)
    told = str(caught.value)
    assert "4 faults" in told
    assert "did you mean 'actor'?" in told
    assert "'role' is neither text nor a whole number" in told


def test_the_file_cannot_say_where_it_lies(home):
    """It is looked for in the home folder, so it cannot name that folder."""
    folder, env = home
    written(folder, 'home = "/elsewhere"\n')
    with pytest.raises(UserFault, match="unknown setting 'home'"):
        read_settings(env)


@pytest.mark.parametrize("data", [b"actor = ", b'actor = "\xff"'])
def test_a_file_that_is_no_toml_is_a_fault_of_yours(home, data):
    """With the way out."""
    folder, env = home
    (folder / "settings.toml").write_bytes(data)
    with pytest.raises(UserFault, match="is not valid TOML"):
        read_settings(env)


@pytest.mark.parametrize("threads", ["0", "-1", "many", "1.5", "²"])
def test_a_number_of_threads_is_a_whole_number(home, threads):
    """What was found is told."""
    with pytest.raises(UserFault, match="whole number of threads") as caught:
        read_settings({**home[1], "MODELWRIGHT_THREADS": threads})
    assert caught.value.found == threads


def test_secrets_are_not_shown_with_the_record(home):
    """Records end up in logs."""
    settings = read_settings({**home[1], "MODELWRIGHT_TOKEN": "0p3n"})
    assert settings.token == "0p3n"
    assert "0p3n" not in repr(settings)


def test_every_setting_says_what_it_is_for():
    """The list is printed in the documentation."""
    assert all(text.endswith(".") for text in SETTINGS.values())
