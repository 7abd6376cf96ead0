"""How a server is set up: paths, limits and the contract it must hold to."""

from dataclasses import dataclass

__all__ = ["LOOPBACK", "ServerSettings"]

LOOPBACK = ("127.0.0.1", "::1", "localhost")
"""Addresses that only this machine can reach."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerSettings:
    """Everything one server needs to know.

    Examples:
        >>> ServerSettings(
        ...     roster="versions.json",
        ...     routing="routing.json",
        ...     contract_digest="sha256:0",
        ...     logs="logs",
        ...     labels="labels",
        ...     sketches="sketches",
        ...     log_key="log.key",
        ... ).host
        '127.0.0.1'
    """

    roster: str
    """File of versions and their standing; bundle paths are relative to its folder."""
    routing: str
    """File that says which version answers whom."""
    contract_digest: str
    """The contract every bundle must have been made under."""
    logs: str
    """Folder of the prediction log."""
    labels: str
    """Folder of labels that come back."""
    sketches: str
    """Folder of the counts of live inputs."""
    log_key: str
    """File of the key entities are hashed with; must lie outside of `logs`."""
    host: str = "127.0.0.1"
    """Address to listen on; any other than this machine's own needs a token."""
    port: int = 0
    """Port to listen on; 0 takes a free one."""
    state_file: str = ""
    """Where the address and the process id are written once the server listens; empty for nowhere."""
    token_file: str = ""
    """File that holds the token for labels and forced versions; empty for none."""
    parent: int = 0
    """The process it ends with, however that one ends; 0 serves until it is stopped."""
    max_body_bytes: int = 1 << 20
    """Longest request read."""
    max_rows: int = 1000
    """Most rows in a request."""
    inline_rows: int = 64
    """Requests with more rows are scored beside the event loop."""
    timeout_ms: float | None = None
    """After this time the fallback answers; None takes it from each version's contract."""
    body_seconds: float = 10.0
    """How long a client may take to send a request."""
    max_connections: int = 1000
    """Connections and requests at a time; more are answered 503."""
    poll_seconds: float = 0.1
    """How often the routing is looked at."""
    flush_ms: float = 200.0
    """How often the log is forced to the disk: what a power loss can take."""
    features_file: str = ""
    """File of the embedded feature store; empty when rows bring all their features."""
    features_prefix: str = ""
    """What the project's keys start with where the feature store is shared."""
    sketch_seconds: float = 2.0
    """How often inputs are counted: what a kill can take of the counts."""
