"""The snapshot: immutable, content-addressed, with the test labels sealed."""

import time
from pathlib import Path

import polars as pl
import pytest
from tests.data.tables import CALLS, calls, contract_of

from modelwright.data.seal import KEY_BYTES, Seal
from modelwright.data.snapshot import ROW_ID, Snapshot, part, take
from modelwright.data.source import read_sources, read_table, source_digests
from modelwright.kernel.errors import DataInvalid, IntegrityBroken, UnknownName
from modelwright.ledger.artifacts import ArtifactStore

SEAL = Seal(bytes(KEY_BYTES))
EXAMPLES = Path(__file__).parents[2] / "examples" / "data"


@pytest.fixture
def store(tmp_path):
    """An empty artifact store."""
    return ArtifactStore(tmp_path / "artifacts")


def test_the_parts_are_the_whole(store):
    """Every row in one part, under its place in the source, with all columns kept."""
    table = calls()
    snapshot = take(table, contract_of(CALLS), store=store, seal=SEAL)
    parts = {name: part(snapshot, name, store=store) for name in ("train", "validation", "test")}
    assert (
        {name: frame.height for name, frame in parts.items()}
        == snapshot.rows
        == {
            "train": 36,
            "validation": 12,
            "test": 12,
        }
    )
    labels = SEAL.open(store.get(snapshot.sealed_labels))
    whole = pl.concat(
        [parts["train"], parts["validation"], parts["test"].join(labels, on=ROW_ID)], how="diagonal"
    ).sort(ROW_ID)
    assert whole.select(table.columns).equals(table)
    assert whole[ROW_ID].to_list() == list(range(60))
    assert snapshot.columns == ("age", "job", "y")


def test_the_test_part_holds_no_label(store):
    """Neither as a column nor anywhere in the store outside the seal."""
    snapshot = take(calls(), contract_of(CALLS), store=store, seal=SEAL)
    assert part(snapshot, "test", store=store).columns == [ROW_ID, "age", "job"]


def test_the_same_table_gives_the_same_snapshot(store, tmp_path):
    """Taking it again changes nothing; the record comes back as it was stored."""
    first = take(calls(), contract_of(CALLS), store=store, seal=SEAL)
    files = sorted(path.name for path in store.root.rglob("*") if path.is_file())
    assert take(calls(), contract_of(CALLS), store=store, seal=SEAL) == first
    assert sorted(path.name for path in store.root.rglob("*") if path.is_file()) == files
    elsewhere = ArtifactStore(tmp_path / "elsewhere")
    assert take(calls(), contract_of(CALLS), store=elsewhere, seal=SEAL).digest == first.digest
    assert store.get_record(store.put_record(first), Snapshot) == first


@pytest.mark.parametrize(
    "other",
    [
        lambda: (calls(seed=8), contract_of(CALLS)),
        lambda: (calls().with_columns(pl.col("y").reverse()), contract_of(CALLS)),
        lambda: (calls(), contract_of(CALLS, split={"seed": 8})),
        lambda: (calls(), contract_of({**CALLS, "age": {"type": "number"}})),
    ],
)
def test_another_value_or_contract_gives_another_digest(other, store):
    """One changed cell, label or agreement is another snapshot."""
    first = take(calls(), contract_of(CALLS), store=store, seal=SEAL)
    table, contract = other()
    assert take(table, contract, store=store, seal=SEAL).digest != first.digest


def test_a_snapshot_interrupted_half_way_is_completed_by_taking_it_again(store):
    """Whatever was left behind."""
    first = take(calls(), contract_of(CALLS), store=store, seal=SEAL)
    store.path(first.parts["validation"]).unlink()
    store.path(first.parts["train"]).write_bytes(b"half")
    assert take(calls(), contract_of(CALLS), store=store, seal=SEAL) == first
    assert part(first, "train", store=store).height == 36


def test_one_changed_byte_of_a_part_is_found(store):
    """Evidence that can be edited is no evidence."""
    snapshot = take(calls(), contract_of(CALLS), store=store, seal=SEAL)
    path = store.path(snapshot.parts["train"])
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    with pytest.raises(IntegrityBroken, match="changed after it was stored"):
        part(snapshot, "train", store=store)


def test_an_unknown_part_is_answered_with_the_nearest(store):
    """A typing error is put right at once."""
    snapshot = take(calls(), contract_of(CALLS), store=store, seal=SEAL)
    with pytest.raises(UnknownName, match="did you mean 'train'"):
        part(snapshot, "trian", store=store)


def test_columns_kept_out_are_in_no_artifact(store):
    """Where they say which rows belong together, codes say it in their place."""
    columns = {**CALLS, "who": {"type": "text", "role": "group", "keep_out": True}}
    table = calls().with_columns(who=pl.format("person {}", pl.int_range(60) // 3))
    split = {"policy": "group", "group": "who"}
    snapshot = take(table, contract_of(columns, split=split), store=store, seal=SEAL)
    train = part(snapshot, "train", store=store)
    assert train["who"].n_unique() == train.height // 3
    assert train.select(pl.col("row_id").n_unique().over("who") == 3).to_series().all()
    assert all(b"person" not in path.read_bytes() for path in store.root.rglob("*") if path.is_file())


def test_the_prior_knows_nothing_of_the_test_part(store):
    """Shares and median are those of the training rows."""
    columns = {"age": {"type": "integer"}, "y": {"type": "number", "role": "target"}}
    table = pl.DataFrame({"age": range(100), "y": [1.0, 2.0] * 30 + [1000.0] * 40})
    split = {"policy": "temporal", "order": "rows"}
    snapshot = take(table, contract_of(columns, task="regression", split=split), store=store, seal=SEAL)
    assert snapshot.target.prior == (1.5,)


def test_a_table_that_does_not_fit_the_contract_is_refused(store):
    """All faults at once, and nothing is stored."""
    with pytest.raises(DataInvalid) as caught:
        take(calls().drop("job").with_columns(row_id=1), contract_of(CALLS), store=store, seal=SEAL)
    told = str(caught.value)
    assert "column job: named in the contract, not in the data" in told
    assert "column row_id: this name is used" in told
    assert not store.root.exists()


def test_a_snapshot_reads_as_a_document(store):
    """Parts with their share, and by which key the labels are sealed."""
    snapshot = take(
        calls(), contract_of(CALLS), store=store, seal=SEAL, source_digests={"a.csv": "sha256:" + "0" * 64}
    )
    text = snapshot.document().to_markdown()
    assert "| train | 36 | 60.0% |" in text
    assert f"sealed with key {SEAL.seal_id}" in text


def test_a_table_without_the_target_is_refused(store):
    """Before anything else is looked at."""
    with pytest.raises(DataInvalid, match="column y: named in the contract"):
        take(calls().drop("y"), contract_of(CALLS), store=store, seal=SEAL)


def test_the_bank_data_is_no_matter_of_minutes(store):
    """41,188 rows and 21 columns take about a second of processor time."""
    table = read_table(EXAMPLES / "bank_marketing.parquet")
    kinds = {name: "number" if dtype.is_numeric() else "category" for name, dtype in table.schema.items()}
    columns = {
        name: {"type": kind, "role": "target" if name == "y" else "feature"} for name, kind in kinds.items()
    }
    contract = contract_of(columns, sources=[{"path": "bank_marketing.parquet"}])
    start = time.process_time()
    frame = read_sources(contract, root=EXAMPLES)
    digests = source_digests(contract, root=EXAMPLES)
    snapshot = take(frame, contract, store=store, seal=SEAL, source_digests=digests)
    assert time.process_time() - start < 15
    assert snapshot.source_digests["bank_marketing.parquet"].startswith("sha256:")
    assert sum(snapshot.rows.values()) == 41_188
