"""Settings: environment and one file, read once into one frozen record.

Every variable is listed in docs/rooms/settings.md. A setting in the environment wins over the file.
"""

import os
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from getpass import getuser
from pathlib import Path

from modelwright.authority.actor import Actor, ActorKind
from modelwright.kernel.errors import Fault, UserFault, nearest

__all__ = ["SETTINGS", "Settings", "read_settings", "settings_here"]

SETTINGS: Mapping[str, str] = {
    "MODELWRIGHT_HOME": "Folder outside all projects for identities, seal keys and settings.toml.",
    "MODELWRIGHT_ACTOR": "Who acts: a name, or `agent:NAME` for a coding agent (which can never approve).",
    "MODELWRIGHT_ROLE": "The role the actor acts in, such as `owner`.",
    "MODELWRIGHT_LEDGER": "Where the ledger lies: empty for a file in the project, or `postgresql://...`.",
    "MODELWRIGHT_THREADS": "Threads a training may use; default: the machine's cores, at most 8.",
    "MODELWRIGHT_TRACKING_URI": "Where runs are mirrored when the contract asks for MLflow.",
    "MODELWRIGHT_FEATURE_STORE": "Where online features lie: empty for a file in the project, or `redis://...`.",
    "MODELWRIGHT_SCORER": "Scorer on another machine, `https://...`; empty for a process on this one.",
    "MODELWRIGHT_SCORER_TOKEN": "Token that the scorer asks for; also what `scorer serve` asks of clients.",
    "MODELWRIGHT_SCORER_CA": "Certificates to trust when the scorer's is not by a known authority.",
    "MODELWRIGHT_TOKEN": "Token that clients must send to endpoints that change state.",
    "MODELWRIGHT_WEBHOOK_URL": "Where notices are posted: https, or http on this machine.",
    "MODELWRIGHT_WEBHOOK_SECRET_FILE": "File with the secret that notices are signed with (mode 600).",
    "MODELWRIGHT_MAIL_SERVER": "Where notices are handed in as e-mail: a host, or host:port.",
    "MODELWRIGHT_MAIL_FROM": "The address that e-mails come from.",
    "MODELWRIGHT_MAIL_TO": "Who gets e-mails, separated by commas.",
    "MODELWRIGHT_MAIL_USER": "Who hands e-mails in, where the server asks.",
    "MODELWRIGHT_MAIL_PASSWORD_FILE": "File with the password for the mail server (mode 600).",
    "MODELWRIGHT_MAIL_CA_FILE": "Certificates to trust when the mail server's is not by a known authority.",
}
"""Every setting and what it is for; the names in settings.toml are these without the prefix, lower case."""

STORED = {name.removeprefix("MODELWRIGHT_").lower(): name for name in SETTINGS if name != "MODELWRIGHT_HOME"}
"""What settings.toml may hold; the home folder is where that file is looked for, so it cannot name it."""

MOST_THREADS = 8
"""More threads than this gain nothing on the tables a laptop holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What the surroundings say.

    Examples:
        >>> read_settings({"MODELWRIGHT_ACTOR": "agent:helper", "HOME": "/nowhere"}).actor.kind.value
        'agent'
    """

    home: Path
    """Folder outside all projects: identities, seal keys, settings.toml."""
    actor: Actor
    """Who acts."""
    named: bool
    """Whether the actor was named, and is not just the account of the operating system."""
    threads: int
    """Threads a training may use."""
    tracking_uri: str
    """Where runs are mirrored; empty for the mirror's own default."""
    token: str = field(repr=False)
    """Token for endpoints that change state; empty makes the server draw one."""
    scorer: str
    """Scorer on another machine; empty for a process on this one."""
    feature_store: str = field(repr=False)
    """Where online features lie, `redis://...`; empty for a file in each project. It may hold a password."""
    scorer_token: str = field(repr=False)
    """Token that the scorer asks for."""
    scorer_ca: str
    """File of certificates to trust for the scorer; empty for the machine's own authorities."""
    ledger: str = field(repr=False)
    """Where ledgers lie, `postgresql://...`; empty for a file in each project. It may hold a password."""
    notices: Mapping[str, str] = field(repr=False)
    """What is set about notices: names of settings without their prefix, in lower case; nothing unset."""
    variables: Mapping[str, str] = field(repr=False)
    """The environment to start child processes with."""


def settings_here() -> Settings:
    """Read settings from the environment of this process; the only place that looks at it.

    Examples:
        >>> settings_here().threads >= 1
        True
    """
    return read_settings(os.environ)


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Read settings from environment variables and `settings.toml` in the home folder.

    Args:
        environ: The environment.

    Raises:
        UserFault: When the file is not TOML, holds unknown names, or a number is none.

    Examples:
        >>> read_settings(
        ...     {"MODELWRIGHT_ACTOR": "lead", "MODELWRIGHT_THREADS": "2", "HOME": "/nowhere"}
        ... ).threads
        2
    """
    user_home = Path(environ.get("HOME") or Path.home())
    data_home = Path(environ.get("XDG_DATA_HOME") or user_home / ".local" / "share")
    home = Path(environ.get("MODELWRIGHT_HOME") or data_home / "modelwright").expanduser()
    stored = _file(home / "settings.toml")

    def get(name: str) -> str:
        return environ.get(name) or stored.get(name.removeprefix("MODELWRIGHT_").lower(), "")

    return Settings(
        home=home,
        actor=_actor(get("MODELWRIGHT_ACTOR"), get("MODELWRIGHT_ROLE")),
        named=bool(get("MODELWRIGHT_ACTOR")),
        threads=_threads(get("MODELWRIGHT_THREADS")),
        tracking_uri=get("MODELWRIGHT_TRACKING_URI"),
        token=get("MODELWRIGHT_TOKEN"),
        feature_store=get("MODELWRIGHT_FEATURE_STORE"),
        scorer=get("MODELWRIGHT_SCORER"),
        scorer_token=get("MODELWRIGHT_SCORER_TOKEN"),
        scorer_ca=get("MODELWRIGHT_SCORER_CA"),
        notices={
            stored_name: get(name)
            for stored_name, name in STORED.items()
            if stored_name.startswith(("webhook_", "mail_")) and get(name)
        },
        ledger=get("MODELWRIGHT_LEDGER"),
        variables=dict(environ),
    )


def _file(path: Path) -> dict[str, str]:
    if not path.is_file():
        return {}
    try:
        loaded = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserFault(
            f"{path.name} is not valid TOML: {error}", next_step=f"mend or remove {path}"
        ) from error
    except OSError as error:
        raise UserFault(
            f"{path.name} cannot be read: {error.strerror}", next_step=f"make {path} readable, or remove it"
        ) from error
    faults = [fault for key, value in loaded.items() for fault in _faults(path, key, value)]
    if faults:
        raise UserFault("settings.toml does not fit", faults=faults, expected=", ".join(sorted(STORED)))
    return {key: str(value) for key, value in loaded.items()}


def _faults(path: Path, key: str, value: object) -> Iterator[Fault]:
    if key not in STORED:
        close = nearest(key, STORED)
        hint = f"did you mean '{close}'?" if close else "see the page about settings"
        yield Fault(path.name, f"unknown setting '{key}'", next_step=hint)
    elif isinstance(value, bool) or not isinstance(value, str | int):
        yield Fault(
            path.name, f"'{key}' is neither text nor a whole number", next_step=f'write {key} = "..."'
        )


def _actor(text: str, role: str) -> Actor:
    said, separator, name = text.partition(":")
    if not separator:
        return Actor(kind=ActorKind.PERSON, name=text or _user(), role=role)
    kind = said.strip().casefold()
    if kind not in {member.value for member in ActorKind}:
        close = nearest(kind, [member.value for member in ActorKind])
        raise UserFault(
            f"MODELWRIGHT_ACTOR names no kind of actor: '{said}'",
            why="an agent whose kind is spelled wrongly would pass for a person",
            expected="person, service or agent before the ':'",
            next_step=f"did you mean '{close}:{name}'?" if close else f"set it to person:{name}",
        )
    return Actor(kind=ActorKind(kind), name=name.strip() or kind, role=role)


def _user() -> str:
    try:
        return getuser()
    except (OSError, KeyError):
        return "unknown"


def _threads(text: str) -> int:
    if not text:
        return max(1, min(os.cpu_count() or 1, MOST_THREADS))
    if not (text.isascii() and text.isdigit() and int(text) >= 1):
        raise UserFault(
            "MODELWRIGHT_THREADS is not a whole number of threads",
            found=text,
            expected="1 or more",
            next_step="unset it to use the machine's cores",
        )
    return int(text)
