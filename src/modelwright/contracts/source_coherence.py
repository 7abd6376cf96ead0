"""Coherence of sources: each lies in one place, names no password, and can be read without writing."""

import re
from collections.abc import Iterator

from modelwright.contracts.incoherence import Incoherence, Path, Values, suggestion
from modelwright.contracts.source import masked_url

__all__ = ["DATABASES", "OBJECT_STORES", "SOURCE_RULES"]

DATABASES = ("postgresql", "postgres", "mysql", "sqlite", "duckdb")
"""Schemes of databases that are read."""

OBJECT_STORES = ("s3", "gs", "az", "lakefs")
"""Schemes of object stores that are read."""

DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
PASSWORD_FROM = re.compile(r"env:[A-Za-z_][A-Za-z0-9_]*|file:.+")
PASSWORD = re.compile(r"(?i)^[^:/?]*://[^@/]*:[^@]+@|[?&;](?:password|passwd|pwd)=")
"""A password in a URL: between user and host, or among the parameters."""
COMMENT = re.compile(r"--[^\n]*\n|/\*.*?\*/", re.DOTALL)
READING = ("select", "with", "values", "table", "from", "(")
"""How a statement that only reads may begin."""
INTO_FILE = re.compile(r"\binto\s+(?:outfile|dumpfile)\b")
"""A SELECT that writes all the same."""
LAKES = ("delta", "iceberg")


def _place(values: Values, index: int) -> Iterator[Incoherence]:
    here: Path = ("data", "sources", index)
    path, url = values.text(*here, "path"), values.text(*here, "url")
    if not path and not url:
        yield Incoherence(
            path=here, what="the source lies nowhere", cure="write `path:` for files or `url:` for a database"
        )
    if path and url:
        yield Incoherence(
            path=(*here, "url"), what="the source lies in two places", cure="keep either `path` or `url`"
        )
    for key, written, known, kind in (
        ("path", path, OBJECT_STORES, "object store"),
        ("url", url, DATABASES, "database"),
    ):
        scheme, mark, _ = written.partition("://")
        if (mark or key == "url") and written and scheme.lower() not in known:
            shown = f"'{scheme}://'" if mark else f"'{masked_url(written)[:40]}'"
            yield Incoherence(
                path=(*here, key),
                what=f"{shown} names no {kind} that can be read",
                cure=suggestion(scheme, known, f"use {', '.join(f'{name}://' for name in known)}"),
            )
        if PASSWORD.search(written):
            yield Incoherence(
                path=(*here, key),
                what=f"{masked_url(written)[:80]} holds a password, and contracts are shown and kept",
                cure="take it out, change it where it was seen, and write `password_from: env:NAME`",
            )


def _asked(values: Values, index: int) -> Iterator[Incoherence]:
    here: Path = ("data", "sources", index)
    url, table, query = (values.text(*here, key) for key in ("url", "table", "query"))
    if url and bool(table) == bool(query):
        yield Incoherence(
            path=(*here, "query" if query else "url"),
            what="a database is asked for one table: " + ("both are named" if table else "none is named"),
            cure="write either `table: NAME` or `query: SELECT ...`",
        )
    if not url:
        for key in ("table", "query", "password_from"):
            if values.text(*here, key):
                yield Incoherence(
                    path=(*here, key), what=f"`{key}` is for databases", cure="write `url:`, or take it out"
                )
    bare = COMMENT.sub("", query).strip().lower()
    if bare and (not bare.startswith(READING) or INTO_FILE.search(bare)):
        yield Incoherence(
            path=(*here, "query"),
            what=f"'{query[:40]}' is not a query that reads",
            cure="write one SELECT; sources are never written to",
        )
    password_from = values.text(*here, "password_from")
    if password_from and not PASSWORD_FROM.fullmatch(password_from):
        yield Incoherence(
            path=(*here, "password_from"),
            what="`password_from` says where a password lies, never what it is",
            cure="write env:NAME for a variable of the environment, or file:PATH for a file of one line",
        )


def _form(values: Values, index: int) -> Iterator[Incoherence]:
    here: Path = ("data", "sources", index)
    path = values.text(*here, "path").lower()
    kind = values.text(*here, "format") or "auto"
    if values.text(*here, "sheet") and kind != "excel" and not path.endswith((".xlsx", ".xlsm", ".xls")):
        yield Incoherence(path=(*here, "sheet"), what="`sheet` is for Excel workbooks", cure="take it out")
    if values.text(*here, "as_of") and kind not in LAKES:
        yield Incoherence(
            path=(*here, "as_of"),
            what="`as_of` pins a version of a Delta or Iceberg table",
            cure="write `format: delta` or `format: iceberg`, or pin files by their `digest`",
        )
    written = values.text(*here, "digest")
    if written and not DIGEST.fullmatch(written):
        yield Incoherence(
            path=(*here, "digest"),
            what=f"'{written[:40]}' is not a digest",
            cure="write sha256: and 64 hex digits, or null",
        )


def _sources(values: Values) -> Iterator[Incoherence]:
    for index in range(len(values.items("data", "sources"))):
        yield from _place(values, index)
        yield from _asked(values, index)
        yield from _form(values, index)


def _twice(values: Values) -> Iterator[Incoherence]:
    seen: set[tuple[str, ...]] = set()
    for index in range(len(values.items("data", "sources"))):
        here: Path = ("data", "sources", index)
        same = tuple(values.text(*here, key) for key in ("path", "url", "table", "query", "as_of", "sheet"))
        if any(same) and same in seen:
            yield Incoherence(
                path=here, what="the same source is listed twice", cure="its rows would count twice: drop one"
            )
        seen.add(same)


SOURCE_RULES = (_sources, _twice)
"""The rules, in the order they speak."""
