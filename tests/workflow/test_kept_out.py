"""Columns marked `keep_out`: whatever was run, their values are found in nothing that was kept."""

import io
import zipfile

import polars as pl
import pytest
from tests.workflow.conftest import walk
from tests.workflow.projects import calls, drafted

from modelwright.workflow.demonstration import serve_champion
from modelwright.workflow.traffic import send

SECRETS = ("zqmail", "zqbadge", "918273645")
"""What stands in each value of a column that is kept out, and nowhere else."""


def secret_calls(rows=600):
    """The table of calls with an address for each row, a badge of few values, an account number."""
    return calls(rows).with_columns(
        email=pl.Series([f"zqmail{row}@example.org" for row in range(rows)]),
        badge=pl.Series([f"zqbadge {'abc'[row % 3]}" for row in range(rows)]),
        account=pl.Series([918273645000 + row // 2 for row in range(rows)]),
    )


def keep_out(contract_file, *names):
    """Mark columns by hand, as a person would in an editor, with what the draft wrote of them taken out."""
    lines = contract_file.read_text(encoding="utf-8").splitlines()
    for name in names:
        (place,) = [number for number, line in enumerate(lines) if line.startswith(f"    {name}: {{")]
        kind = lines[place].split("type: ")[1].split(",")[0]
        lines[place] = f"    {name}: {{type: {kind}, role: context, keep_out: true, reason: not for a model}}"
    text = "\n".join(lines).replace("slices: [badge, job]", "slices: [job]")
    contract_file.write_text(text + "\n", encoding="utf-8")


def tables_in(name, data):
    """What compressed formats hold, as text."""
    if data[:4] == b"PAR1":
        yield name, pl.read_parquet(io.BytesIO(data)).write_csv().encode()
    elif data[:2] == b"PK":
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for member in archive.namelist():
                yield from tables_in(f"{name}!{member}", archive.read(member))
    else:
        yield name, data


def leaks_under(folder, *, besides=()):
    """Every file that holds a value of a column that is kept out, with the value."""
    return sorted(
        f"{name}: {secret}"
        for path in folder.rglob("*")
        if path.is_file() and path not in besides
        for name, data in tables_in(str(path.relative_to(folder)), path.read_bytes())
        for secret in SECRETS
        if secret.encode() in data
    )


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """A project with three columns kept out that went through all phases and answered requests."""
    root = tmp_path_factory.mktemp("kept") / "calls"
    service = drafted(root, table=secret_calls())
    keep_out(root / "contract.yaml", "badge", "account")
    walk(service)
    service.promote("v1", reason="gates and certificate passed")
    rows = secret_calls(40).drop("bought", "seconds").to_dicts()
    with serve_champion(service) as server:
        wrong = {**rows[0], "account": "zqbadge"}
        answered = [sent.status for sent in send(server.url, [*rows, wrong], prefix="asked")]
    assert answered == [200] * len(rows) + [422]
    service.monitor()
    service.summary()
    return service


def test_no_value_of_a_kept_out_column_is_in_the_project(lived):
    """Snapshot, reports, bundle, ledger, logs and pages, the table itself apart."""
    root = lived.ports.project.root
    assert leaks_under(root, besides={root / "calls.parquet"}) == []


def test_the_grep_would_find_a_leak(tmp_path):
    """In a table, in an archive, and in text."""
    secret_calls(2).write_parquet(tmp_path / "a.parquet")
    with zipfile.ZipFile(tmp_path / "b.mwb", "w") as archive:
        archive.writestr("c.txt", "zqmail")
    in_table = [f"a.parquet: {secret}" for secret in sorted(SECRETS)]
    assert leaks_under(tmp_path) == [*in_table, "b.mwb!c.txt: zqmail"]
