"""A model with feature tables, from contract to answers: one definition, equal everywhere."""
# ruff: noqa: DTZ001 - tables hold moments in UTC without a zone

import random
import shutil
from datetime import UTC, datetime, timedelta

import numpy as np
import polars as pl
import pytest
from tests.serving.services import InProcess
from tests.workflow.conftest import walk
from tests.workflow.projects import calls, drafted, service_in

from modelwright.data.asof import join_features
from modelwright.data.feature_reading import read_feature_tables, read_rows
from modelwright.data.snapshot import Snapshot, part
from modelwright.features.plan import FeaturePlan
from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.errors import DataInvalid, UnknownName, UserFault
from modelwright.kernel.outcome import Status
from modelwright.registry.bundle import load
from modelwright.serving.server import build_application
from modelwright.workflow.history import fold
from modelwright.workflow.live import server_settings

START = datetime(2026, 1, 1)
CLIENTS = 60

TABLES = """\
  feature_tables:
    - name: orders
      source: {path: orders.parquet}
      entity: [buyer]
      on: [client]
      event_time: at
      columns: [amount]
      aggregates:
        - {function: count, window: 20d}
        - {function: mean, column: amount}
      ttl: 30d
      freshness: 1d
      hypothesis: who orders often buys again
      leak: an order that follows the call
  feature_steps:
    - {make: target_mean, columns: [job], keep: true, hypothesis: trades differ, leak: rare trades}
    - {make: read, columns: [age], missing: impute, beyond: clip}
    - {make: custom, columns: [orders_count_20d, visits], name: busy, function: "signals:busy"}
"""

COLUMNS = """\
    orders_amount: {type: number}
    orders_count_20d: {type: integer}
    orders_mean_amount: {type: number}
"""

SIGNALS = """
import polars as pl


def busy(orders, visits):
    return pl.when(visits > 0).then(orders / visits)
"""


def tables():
    """Calls of clients at moments, and what the clients ordered."""
    draw = random.Random(4)
    frame = calls(rows=700).drop("seconds")
    count = frame.height
    moments = sorted(START + timedelta(minutes=draw.randrange(60 * 24 * 60)) for _ in range(count))
    frame = frame.with_columns(
        pl.Series("client", [draw.randrange(CLIENTS) for _ in range(count)]), pl.Series("called_at", moments)
    )
    orders = pl.DataFrame(
        {
            "buyer": [draw.randrange(CLIENTS) for _ in range(900)],
            "at": [START + timedelta(minutes=draw.randrange(60 * 24 * 60)) for _ in range(900)],
            "amount": [round(draw.uniform(1, 90), 2) for _ in range(900)],
        }
    )
    return frame, orders


def declared(root):
    """A project whose contract declares a feature table and steps."""
    frame, orders = tables()
    service = drafted(root, table=frame)
    orders.write_parquet(root / "orders.parquet")
    (root / "signals.py").write_text(SIGNALS)
    contract = root / "contract.yaml"
    # Few rows decide few lines: what is tested here is where features come from.
    text = (
        contract.read_text()
        .replace('    - "log_loss < prior"\n', "")
        .replace("roc_auc >= 0.6", "roc_auc >= 0.4")
    )
    text = text.replace("  feature_tables: []\n", "").replace("  feature_steps: []\n", TABLES)
    head, mark, tail = text.partition("\n  columns:\n")
    contract.write_text(head + mark + COLUMNS + tail)
    return service


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    """The project with all phases done; never changed by a test."""
    root = tmp_path_factory.mktemp("featured") / "calls"
    service = declared(root)
    assert walk(service, leaks=()).ended == "done"
    service.promote("v1", reason="gates and certificate passed")
    return root


@pytest.fixture
def featured(template, tmp_path):
    """The project, to be changed at will."""
    shutil.copytree(template, tmp_path / "calls")
    shutil.copytree(template.parent / "home", tmp_path / "home")
    return service_in(tmp_path / "calls")


def test_the_snapshot_holds_features_as_of_each_row(featured):
    """What training saw is what the tables told before each call."""
    ports = featured.ports
    snapshot = ports.store.get_record(
        fold(ports.ledger.entries()).completions[2].outputs["snapshot"], Snapshot
    )
    assert set(snapshot.source_digests) == {"calls.parquet", "orders.parquet"}
    train = part(snapshot, "train", store=ports.store)
    orders = pl.read_parquet(ports.project.root / "orders.parquet")
    for row in train.sample(25, seed=1).iter_rows(named=True):
        mine = orders.filter((pl.col("buyer") == row["client"]) & (pl.col("at") < row["called_at"])).sort(
            "at"
        )
        recent = mine.filter(pl.col("at") >= row["called_at"] - timedelta(days=20))
        assert row["orders_count_20d"] == recent.height
        assert row["orders_mean_amount"] == pytest.approx(mine["amount"].mean())


def test_one_definition_gives_equal_values_offline_online_and_in_the_server(featured):
    """The server answers a row that names its client as the pipeline answers the joined row."""
    now = datetime(2026, 2, 20, tzinfo=UTC)
    featured.features.materialise(at=now)
    ports = featured.ports
    settings = server_settings(ports)
    asked = InProcess.__new__(InProcess)
    clock = SteppingClock(now, step=timedelta(0))
    asked.application = build_application(settings, clock=clock, features=ports.feature_store())
    rows = [{"client": client, "age": 30, "visits": 3, "job": "clerk"} for client in (*range(12), 999)]
    status, _, answer = asked.ask("POST", "/v1/predict", {"rows": rows})
    assert status == 200
    served = [one["probabilities"]["yes"] for one in answer["predictions"]]
    assert not any(one["fallback"] for one in answer["predictions"])
    bundle = load(next(ports.project.bundles.glob("*.mwb")))
    spine = pl.DataFrame(rows).with_columns(pl.lit(now.replace(tzinfo=None)).alias("called_at"))
    (table,) = read_feature_tables(bundle.contract, root=ports.project.root)
    joined = join_features(spine, [(table.view, table.frame)], time="called_at")
    assert np.allclose(served, bundle.pipeline.scores(joined)[:, 1], rtol=0, atol=0)


def test_a_server_whose_features_are_too_old_gives_the_fallback(featured):
    """Two days later the copy is older than the contract allows."""
    now = datetime(2026, 2, 20, tzinfo=UTC)
    featured.features.materialise(at=now)
    asked = InProcess.__new__(InProcess)
    clock = SteppingClock(now + timedelta(days=2), step=timedelta(0))
    asked.application = build_application(
        server_settings(featured.ports), clock=clock, features=featured.ports.feature_store()
    )
    row = {"client": 3, "age": 30, "visits": 3, "job": "clerk"}
    _, _, answer = asked.ask("POST", "/v1/predict", {"rows": [row]})
    (one,) = answer["predictions"]
    assert (one["fallback"], one["fallback_reason"]) == (True, "features too old")


def scored(service, frame, name):
    """The answers to a table, in its order, and what came of the batch."""
    place = service.ports.project.root.parent
    frame.write_csv(place / f"{name}.csv")
    result = service.score(place / f"{name}.csv", place / f"{name}.parquet")
    return pl.read_parquet(place / f"{name}.parquet"), result


def test_a_batch_joins_features_as_of_each_rows_time(featured):
    """The same answers as for rows that bring what training would have seen."""
    calls_made, orders = tables()
    rows = calls_made.select("client", "called_at", "age", "visits", "job").head(40)
    told, result = scored(featured, rows, "plain")
    assert (result.refused, result.as_of) == (0, "called_at")
    assert result.joined == ("orders_amount", "orders_count_20d", "orders_mean_amount")
    bundle = load(next(featured.ports.project.bundles.glob("*.mwb")))
    (table,) = read_feature_tables(bundle.contract, root=featured.ports.project.root)
    joined = join_features(rows, [(table.view, orders)], time="called_at")
    assert np.array_equal(told["p_yes"], bundle.pipeline.scores(joined)[:, 1])
    again, brought = scored(featured, joined, "brought")
    assert brought.joined == ()
    assert again["p_yes"].to_list() == told["p_yes"].to_list()


def test_a_batch_without_times_is_scored_as_of_now(featured):
    """By the clock of the project, and says so."""
    rows = pl.DataFrame({"client": [3, 4, None], "age": 30, "visits": 3, "job": "clerk"})
    told, result = scored(featured, rows, "now")
    assert result.as_of.endswith(" UTC")
    assert told["error"].to_list() == [
        None,
        None,
        "client: empty or not readable, so that no features can be joined",
    ]


def test_a_batch_that_names_nobody_is_refused(featured):
    """There is no past to look at; part of the features is no feature table either."""
    rows = pl.DataFrame({"age": [30], "visits": [3], "job": ["clerk"]})
    with pytest.raises(DataInvalid, match="features cannot be joined"):
        scored(featured, rows, "nobody")
    with pytest.raises(DataInvalid, match="lacks columns"):
        scored(featured, rows.with_columns(orders_amount=5.0), "half")


def test_the_desk_materialises_looks_up_and_checks(featured):
    """Unknown before, passed after; keys and tables that are none are told."""
    desk = featured.features
    assert desk.check().outcome.status is Status.UNKNOWN
    made = desk.materialise()
    assert [(one.view, one.entities) for one in made.views] == [("orders", CLIENTS)]
    assert "orders" in made.document().to_markdown()
    checked = desk.check()
    assert checked.outcome.status is Status.PASSED
    assert "agree exactly" in checked.document().to_markdown()
    assert desk.look_up("orders", ["7"]).status is Status.PASSED
    with pytest.raises(UnknownName):
        desk.look_up("odrers", ["7"])
    with pytest.raises(UserFault, match="do not make a key"):
        desk.look_up("orders", ["7", "8"])


def test_the_lineage_of_a_project_leads_from_the_matrix_to_its_files(featured):
    """Every matrix column has ancestors, and the page of phase 4 shows the picture."""
    lineage = featured.features.lineage()
    plan = featured.ports.store.get_record(
        fold(featured.ports.ledger.entries()).completions[4].outputs["plan"], FeaturePlan
    )
    assert [feature.name for feature in lineage.features] == list(plan.names)
    assert all(lineage.trace(name) for name in plan.names)
    assert {one.source for one in lineage.trace("busy")} == {"calls.parquet", "orders.parquet"}
    assert len(featured.features.lineage_events()) == 4
    assert 'aria-label="Lineage"' in featured.page_of(4).read_text()


def test_a_project_without_feature_tables_says_so(tmp_path):
    """There is nothing to materialise and nothing to trace yet."""
    service = drafted(tmp_path / "calls")
    with pytest.raises(UserFault, match="declares no feature tables"):
        service.features.materialise()
    with pytest.raises(UserFault, match="no snapshot was taken"):
        service.features.lineage()


def test_reading_twice_gives_the_same_rows(featured):
    """Features are a function of tables and contract."""
    contract = featured.check().contract
    root = featured.ports.project.root
    assert read_rows(contract, root=root).frame.equals(read_rows(contract, root=root).frame)
