"""Sources: where a table lies — a file, a folder, an object store, a table of a lake, or a database."""

import re
from typing import Literal

from modelwright.contracts.section import Section
from modelwright.kernel.digest import digest_of, short

__all__ = ["Source", "SourceFormat", "masked_url"]

SourceFormat = Literal["auto", "csv", "parquet", "jsonl", "arrow", "excel", "delta", "iceberg"]
"""What a path may hold."""

SECRET_KEYS = re.compile(r"(?i)((?:password|passwd|pwd|secret|token|key|sig|signature)=)[^&;\s]*")
"""Parameters of a URL whose values are never shown."""

MASK = r"\1***"
"""What is shown of them."""


def masked_url(url: str) -> str:
    """Return a URL as it may be shown: who and where, without passwords.

    Examples:
        >>> masked_url("postgresql://reader:s3cret@db:5432/models?sslpassword=x")
        'postgresql://reader:***@db:5432/models?sslpassword=***'
        >>> masked_url("sqlite:///data/calls.db")
        'sqlite:///data/calls.db'
    """
    head, mark, rest = url.partition("://")
    address, question, asked = rest.partition("?")
    # The last @ ends the password, for a password that was not escaped may hold an @ or a slash itself.
    who, at, where = address.rpartition("@")
    user, colon, _ = who.partition(":")
    shown = f"{user}{':***' if colon else ''}{at}{where}"
    return f"{head}{mark}{shown}{question}{SECRET_KEYS.sub(MASK, asked)}" if mark else url


class Source(Section):
    """One table and where it lies.

    Examples:
        >>> Source(path="data/calls.parquet").format
        'auto'
        >>> Source(url="postgresql://reader:x@db/models", table="calls").name
        'postgresql://reader:***@db/models#calls'
    """

    path: str = ""
    """A file, a folder, a pattern such as `calls/*.parquet`, or an object: `s3://`, `gs://`, `az://`,
    `lakefs://`; relative paths start from the project."""
    format: SourceFormat = "auto"
    """The format of the path; `auto` reads it from the ending."""
    sheet: str = ""
    """The sheet of an Excel workbook; empty takes the first."""
    url: str = ""
    """A database instead of a path: `postgresql://`, `mysql://`, `sqlite:///file` or `duckdb:///file`; a
    password never stands here."""
    table: str = ""
    """The table or view of the database that is read whole; either this or `query`."""
    query: str = ""
    """The one SELECT that gives the table; it runs in a transaction that cannot write."""
    password_from: str = ""
    """Where the password of the database comes from: `env:NAME` or `file:PATH`."""
    as_of: str = ""
    """The version of a Delta table, the snapshot id of an Iceberg table, or the moment, that is read; empty
    reads the newest and records it."""
    description: str = ""
    """What the table is and where it came from."""
    digest: str | None = None
    """Expected SHA-256 of the file, the folder or the rows (`sha256:...`); null accepts what is found and
    records it."""

    @property
    def name(self) -> str:
        """What the source is called wherever it is shown: its path, or its URL without passwords."""
        if not self.url:
            return masked_url(self.path) + (f"@{self.as_of}" if self.as_of else "")
        asked = self.table or (f"query-{short(digest_of(self.query))}" if self.query else "")
        return f"{masked_url(self.url)}#{asked}"

    @property
    def remote(self) -> bool:
        """Whether it is no file of this machine, but a database, an object, or a table of a lake."""
        return bool(self.scheme) or self.format in {"delta", "iceberg"}

    @property
    def scheme(self) -> str:
        """The scheme of URL or path, such as `postgresql` or `s3`; empty for a path on this machine."""
        head, mark, _ = (self.url or self.path).partition("://")
        return head.lower() if mark else ""
