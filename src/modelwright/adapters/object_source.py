"""Objects in S3, Google Cloud Storage and Azure, read by Polars itself; lakeFS through its S3 gateway."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import PurePosixPath

import polars as pl

from modelwright.adapters.object_version import object_version
from modelwright.data.formats import ENDINGS
from modelwright.data.source_files import partition_of
from modelwright.kernel.errors import DataInvalid, Fault, ServiceFailed, UnknownName, UserFault

__all__ = ["ObjectTable", "is_listing", "read_objects", "storage_options"]

PREFIXES = ("AWS_", "GOOGLE_", "AZURE_")
"""Variables of the environment that say how object stores are reached, by the names their own tools use."""

FILE = "\x00file"
"""The column that says which object a row came from, while it is read."""

ATTEMPTS = 2
"""How often a request is tried again."""

DENIED = re.compile(
    r"(?i)AccessDenied|Forbidden|InvalidAccessKey|SignatureDoesNotMatch|Unauthenticated|\b40[13]\b"
)
MISSING = re.compile(r"(?i)NoSuchKey|NoSuchBucket|not found|expanded paths were empty|\b404\b")
SECRETS = re.compile(r"(?i)(signature|credential|token|secret|key)=[^&\s]+")


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ObjectTable:
    """What was read from a store.

    Examples:
        >>> ObjectTable(frame=pl.DataFrame({"a": [1]}), files=1).files
        1
    """

    frame: pl.DataFrame
    """The rows, in the order of the objects' names."""
    files: int
    """How many objects they came from."""


def storage_options(variables: Mapping[str, str]) -> dict[str, str | int]:
    """Return how object stores are reached, out of the environment.

    Args:
        variables: The environment; variables that begin with AWS_, GOOGLE_ or AZURE_ count.

    Examples:
        >>> storage_options({"AWS_REGION": "eu-west-1", "HOME": "/"})
        {'max_retries': 2, 'aws_region': 'eu-west-1'}
    """
    found: dict[str, str | int] = {"max_retries": ATTEMPTS}
    found |= {
        name.lower(): value
        for name, value in sorted(variables.items())
        if name.startswith(PREFIXES) and value
    }
    endpoint = str(found.get("aws_endpoint_url", ""))
    if endpoint.startswith("http://"):
        found.setdefault("aws_allow_http", "true")
    if endpoint:
        # A stand-in or an on-premise store has no regions, and signing asks for one.
        found.setdefault("aws_region", "us-east-1")
    return found


def is_listing(path: str) -> bool:
    """Say whether a path names several objects: a pattern, or a folder by a slash at its end.

    Examples:
        >>> [is_listing(path) for path in ("s3://b/a.csv", "s3://b/", "s3://b/*.csv")]
        [False, True, True]
    """
    return path.endswith("/") or bool(re.search(r"[*?\[]", path))


def read_objects(
    path: str,
    *,
    format: str,  # noqa: A002 - the contract's own word
    options: Mapping[str, str | int],
    name: str,
) -> ObjectTable:
    """Read an object, or all objects of a folder or pattern, as one table.

    Args:
        path: `s3://bucket/key`, `gs://` or `az://`; a folder ends in a slash.
        format: `csv`, `parquet`, `jsonl`, `arrow`, or `auto` to go by the ending.
        options: How the store is reached, as `storage_options` gives it.
        name: What messages call it.

    Raises:
        DataInvalid: When nothing is there, it cannot be read, the objects do not agree, or an object of S3
            is changed while it is read.
        UserFault: When the store lets nobody in.
        ServiceFailed: When the store does not answer.

    Examples:
        >>> read_objects.__name__
        'read_objects'
    """
    kind = _kind(path, format)
    before = None if is_listing(path) else object_version(path, options)
    pattern = f"{path}**/*" if path.endswith("/") and kind != "parquet" else path
    try:
        frame = SCANNERS[kind](pattern, dict(options)).collect()
    except (pl.exceptions.PolarsError, OSError, ValueError) as error:
        _demand_same(before, path, options, name)
        raise _told(error, name) from error
    _demand_same(before, path, options, name)
    if not frame.height:
        raise DataInvalid(f"{name} holds no rows", why="without rows there is nothing to learn from")
    files = frame[FILE]
    table = _with_partitions(frame.drop(FILE), files, name)
    return ObjectTable(frame=table, files=files.n_unique())


def _demand_same(before: str | None, path: str, options: Mapping[str, str | int], name: str) -> None:
    """Refuse an object that is another one now; where the store did not tell its version, nothing is said."""
    if before is not None and object_version(path, options) not in {before, None}:
        raise DataInvalid(
            f"{name} was changed while it was read",
            why="rows of two states make a table that never was",
            next_step="run again when nobody writes it",
        )


def _kind(path: str, format: str) -> str:  # noqa: A002 - the contract's own word
    suffix = PurePosixPath(path.partition("://")[2]).suffix.lower()
    kind = ENDINGS.get(suffix, "") if format == "auto" else format
    if not kind and path.endswith("/"):
        kind = "parquet"
    if kind not in SCANNERS:
        raise UnknownName.among(
            "format of objects", kind or suffix or path, SCANNERS, why="it tells how to read"
        )
    return kind


def _told(error: Exception, name: str) -> Exception:
    said = SECRETS.sub(r"\1=***", " ".join(str(error).split()))[:240]
    if DENIED.search(said):
        cure = "check the AWS_, GOOGLE_ or AZURE_ variables of the environment, and the rights they give"
        return UserFault(f"{name} lets nobody in: {said}", why="the source cannot be read", next_step=cure)
    if MISSING.search(said) or isinstance(error, FileNotFoundError):
        cure = "check bucket and key; a folder ends in a slash"
        return DataInvalid(
            f"there is nothing at {name}: {said}", why="there is nothing to read", next_step=cure
        )
    if isinstance(error, OSError):
        cure = "check the network and the endpoint, then run again; nothing was kept"
        return ServiceFailed(
            f"{name} does not answer: {said}", why="a table is whole or none", next_step=cure
        )
    return DataInvalid(
        f"{name} cannot be read: {said}",
        why="a table that is read in part is a wrong table",
        next_step="check the format of the objects, and that all of them have the same columns",
    )


def _with_partitions(frame: pl.DataFrame, files: pl.Series, name: str) -> pl.DataFrame:
    told = {file: partition_of(str(file)) for file in files.unique(maintain_order=True).to_list()}
    keys = list(dict.fromkeys(key for pairs in told.values() for key in pairs))
    faults = [
        Fault(f"partition {key}", "some objects lie in no such folder", next_step="lay them out alike")
        for key in keys
        if any(key not in pairs for pairs in told.values())
    ]
    if faults:
        raise DataInvalid(f"the objects of {name} do not agree", why="a source is one table", faults=faults)
    for key in keys:
        if key in frame.columns:
            continue
        values = files.replace_strict(
            {file: pairs[key] for file, pairs in told.items()}, return_dtype=pl.String
        )
        numbers = values.cast(pl.Int64, strict=False)
        whole = numbers.null_count() == values.null_count() and bool(
            (numbers.cast(pl.String) == values).all()
        )
        frame = frame.with_columns((numbers if whole else values).alias(key))
    return frame


def _csv(path: str, options: dict[str, str | int]) -> pl.LazyFrame:
    first = pl.scan_csv(
        path,
        separator="\x01",
        quote_char=None,
        has_header=False,
        n_rows=1,
        infer_schema=False,
        storage_options=options,
        credential_provider=None,
    ).collect()
    header = str(first.row(0)[0]) if first.height else ""
    separator = max([",", ";", "\t", "|"], key=header.count)
    return pl.scan_csv(
        path,
        separator=separator,
        infer_schema_length=None,
        include_file_paths=FILE,
        storage_options=options,
        credential_provider=None,
    )


def _parquet(path: str, options: dict[str, str | int]) -> pl.LazyFrame:
    return pl.scan_parquet(
        path,
        hive_partitioning=False,
        include_file_paths=FILE,
        storage_options=options,
        credential_provider=None,
    )


def _jsonl(path: str, options: dict[str, str | int]) -> pl.LazyFrame:
    return pl.scan_ndjson(
        path,
        infer_schema_length=None,
        include_file_paths=FILE,
        storage_options=options,
        credential_provider=None,
    )


def _arrow(path: str, options: dict[str, str | int]) -> pl.LazyFrame:
    return pl.scan_ipc(
        path,
        hive_partitioning=False,
        include_file_paths=FILE,
        storage_options=options,
        credential_provider=None,
    )


SCANNERS: Mapping[str, Callable[[str, dict[str, str | int]], pl.LazyFrame]] = {
    "csv": _csv,
    "parquet": _parquet,
    "jsonl": _jsonl,
    "arrow": _arrow,
}
"""Format to what reads it from a store."""
