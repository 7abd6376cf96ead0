"""The HTTP application: the envelope, and a problem with all faults for what cannot be answered."""

import json
import re

import pytest
from tests.registry.bundles import ROW, Made
from tests.serving.services import InProcess, Place, files_of, room_for

from modelwright.contracts.prediction import Privacy
from modelwright.kernel.errors import IntegrityBroken, UserFault
from modelwright.serving.labels import read_labels
from modelwright.serving.log import read_log, segments
from modelwright.serving.router import Routing


@pytest.fixture
def place(bundle, second, drill, tmp_path):
    """A server's folder with three versions, the first in service."""
    return Place(tmp_path, bundle, second, drill, standings={"v9": "drill"})


@pytest.fixture
def app(place):
    """The application."""
    return InProcess(place.settings)


def test_an_answer_is_an_envelope(app, bundle):
    """Request id, model, version, contract, predictions, latency."""
    status, headers, body = app.predict(ROW)
    assert status == 200
    assert list(body) == ["request_id", "model", "version", "contract", "predictions", "latency_ms"]
    assert (body["model"], body["version"]) == ("calls", "v1")
    assert body["contract"] == bundle.manifest.contract_digest
    scores = bundle.pipeline.scores_of_row(ROW)[0].tolist()
    assert body["predictions"][0]["probabilities"] == dict(zip(("no", "yes"), scores, strict=True))
    assert headers["x-request-id"] == body["request_id"]
    assert headers["x-model-version"] == "v1"


def test_a_request_keeps_the_name_its_client_gave(app):
    """And one that could not be kept is refused."""
    assert app.predict(ROW, **{"x-request-id": "order-7"})[2]["request_id"] == "order-7"
    for bad in ("", "a b", "x" * 129, "a\tb"):
        status, _, body = app.predict(ROW, **{"x-request-id": bad})
        assert (status, body["kind"]) == (400, "request-id-invalid")
    names = {app.predict(ROW)[2]["request_id"] for _ in range(5)}
    assert len(names) == 5


def test_many_rows_are_answered_in_order_like_each_alone(app):
    """Above the inline limit they are scored beside the event loop, with the same answers."""
    rows = [{**ROW, "age": float(20 + index % 50)} for index in range(100)]
    together = app.predict(*rows)[2]["predictions"]
    assert together == [app.predict(row)[2]["predictions"][0] for row in rows]


def test_all_faults_of_all_rows_come_as_one_problem(app, place):
    """RFC 9457, with a pointer to each place; nothing was answered."""
    status, headers, body = app.predict({**ROW, "age": "x", "gap": 1.5}, ROW, {**ROW, "chanel": "mail"})
    assert status == 422
    assert headers["content-type"] == "application/problem+json"
    assert body["type"] == "urn:modelwright:problem:rows-refused"
    assert body["detail"].startswith("3 faults in 2 of 3 rows")
    assert [error["pointer"] for error in body["errors"]] == [
        "#/rows/0/age",
        "#/rows/0/gap",
        "#/rows/2/chanel",
    ]
    assert body["errors"][2]["next_step"] == "leave it out"
    assert body["request_id"]
    log = read_log(place.folder / "log")
    assert log.select("status", "error", "version").rows() == [(422, "rows-refused", "v1")]


@pytest.mark.parametrize(
    ("body", "status", "kind"),
    [
        (b"", 400, "json-malformed"),
        (b"{", 400, "json-malformed"),
        (b'{"rows":[{"age":NaN}]}', 400, "json-malformed"),
        (b'{"rows":[{"age":1e999}]}', 400, "json-malformed"),
        (b'{"rows":[{"age":-Infinity}]}', 400, "json-malformed"),
        (b"\xff\xfe", 400, "json-malformed"),
        (b'{"rows":["\xff"]}', 400, "json-malformed"),
        (b"[" * 100_000, 400, "json-too-deep"),
        (b'{"rows":' + b'{"a":' * 50_000, 400, "json-too-deep"),
        (b"[]", 422, "body-shape"),
        (b"3", 422, "body-shape"),
        (b'{"rows":{}}', 422, "body-shape"),
        (b'{"instances":[]}', 422, "body-shape"),
        (b'{"rows":[{}],"version":"v1"}', 422, "body-shape"),
        (b'{"rows":[]}', 422, "nothing-asked"),
        (b'{"rows":[1]}', 422, "rows-refused"),
        (b'{"rows":[{}]}', 422, "rows-refused"),
        (b'{"rows":[' + b"{}," * 1000 + b"{}]}", 413, "too-many-rows"),
        (b'{"rows":["' + b"x" * 1_100_000 + b'"]}', 413, "body-too-long"),
    ],
    ids=lambda value: str(value[:20]) if isinstance(value, bytes) else None,
)
def test_a_body_that_cannot_be_answered_is_told_why(app, place, body, status, kind):
    """Each with its own status; every refusal is in the log."""
    found, headers, problem = app.ask("POST", "/v1/predict", body)
    assert (found, problem["kind"]) == (status, kind)
    assert headers["content-type"] == "application/problem+json"
    assert problem["detail"]
    assert read_log(place.folder / "log")["error"].to_list() == [kind]


def test_numbers_that_are_no_json_get_a_hint(app):
    """Python's json module writes NaN without a word."""
    assert "send null" in app.ask("POST", "/v1/predict", b'{"rows":[{"age":NaN}]}')[2]["detail"]


@pytest.mark.parametrize(
    ("headers", "status", "kind"),
    [
        ({"content-type": "text/csv"}, 415, "content-type-unsupported"),
        ({"content-type": None}, 415, "content-type-unsupported"),
        ({"content-encoding": "gzip"}, 415, "content-encoding-unsupported"),
        ({"content-length": "99999999999999999999999"}, 413, "body-too-long"),
        ({"content-type": "application/json; charset=utf-8"}, 200, None),
        ({"content-type": "Application/JSON"}, 200, None),
        ({"x-model-version": "v7"}, 404, "version-not-in-service"),
        ({"x-model-version": "v9"}, 404, "version-not-in-service"),
    ],
)
def test_headers_are_held_to(app, headers, status, kind):
    """Compressed bodies are not read, so that none can grow."""
    found, _, body = app.ask("POST", "/v1/predict", {"rows": [ROW]}, headers=headers)
    assert (found, body.get("kind")) == (status, kind)


def test_a_long_body_is_refused_as_it_comes(app):
    """Without a length given in advance."""
    piece = {"type": "http.request", "body": b"x" * 600_000, "more_body": True}
    status, headers, body = app.ask(
        "POST", "/v1/predict", pieces=[piece, piece], headers={"content-length": "x"}
    )
    assert (status, body["kind"], headers["connection"]) == (413, "body-too-long", "close")


def test_a_body_in_pieces_is_put_together(app):
    """As slow networks send it."""
    raw = json.dumps({"rows": [ROW]}).encode()
    pieces = [
        {"type": "http.request", "body": raw[:10], "more_body": True},
        {"type": "http.request", "body": raw[10:]},
    ]
    assert app.ask("POST", "/v1/predict", pieces=pieces)[0] == 200


def test_a_body_that_does_not_come_is_not_waited_for(place):
    """A slow client gets 408, one that leaves gets nothing it could read."""
    app = InProcess(place.with_settings(body_seconds=0.05))
    piece = {"type": "http.request", "body": b"{", "more_body": True}
    assert app.ask("POST", "/v1/predict", pieces=[piece])[2]["kind"] == "body-too-slow"
    assert (
        app.ask("POST", "/v1/predict", pieces=[piece, {"type": "http.disconnect"}])[2]["kind"] == "body-cut"
    )


@pytest.mark.parametrize(
    ("method", "path", "status", "told"),
    [
        ("GET", "/v1/predict", 405, "/v1/predict answers POST"),
        ("POST", "/readyz", 405, "/readyz answers GET"),
        ("DELETE", "/v1/models", 405, "/v1/models answers GET"),
        ("POST", "/v1/predicts", 404, "Did you mean /v1/predict?"),
        ("GET", "/", 404, "There are: /v1/predict"),
        ("HEAD", "/healthz", 200, ""),
    ],
)
def test_other_methods_and_paths_are_told_the_right_ones(app, method, path, status, told):
    """405 with Allow, 404 with the paths there are."""
    found, headers, body = app.ask(method, path)
    assert found == status
    assert told in body.get("detail", "")
    assert ("allow" in headers) == (status == 405)


def test_who_answers_follows_the_routing_and_the_entity(place):
    """The same client always gets the same version; a tester gets the one named."""
    place.route(Routing(champion="v1", challenger="v2", share=0.5, step=1))
    app = InProcess(place.settings)
    versions = {f"c{index}": app.predict({**ROW, "client": f"c{index}"})[2]["version"] for index in range(20)}
    assert set(versions.values()) == {"v1", "v2"}
    for client, version in versions.items():
        assert app.predict({**ROW, "client": client})[2]["version"] == version
    assert app.predict(ROW, **{"x-model-version": "v2"})[2]["version"] == "v2"
    log = read_log(place.folder / "log")
    assert set(log["arm"]) == {"champion", "challenger", "forced"}


def test_the_log_holds_every_row_and_nothing_personal(app, place):
    """Entities as keyed hashes, allowed fields by name, and no other input in any file."""
    rows = [
        {**ROW, "client": "alice-smith-4711", "region": "north", "job": "astronaut-in-training"},
        {**ROW, "client": "bob-jones-4712", "region": "south"},
    ]
    body = app.predict(*rows)[2]
    log = read_log(place.folder / "log")
    assert log["row"].to_list() == [0, 1]
    assert log["request_id"].unique().to_list() == [body["request_id"]]
    assert log["prediction"].to_list() == [item["prediction"] for item in body["predictions"]]
    assert log["scores"].to_list() == [list(item["probabilities"].values()) for item in body["predictions"]]
    assert log["entity"].n_unique() == 2
    assert log["fields"].to_list() == ['{"region":"north"}', '{"region":"south"}']
    everything = files_of(place.folder)
    for secret in (b"alice", b"bob-jones", b"astronaut"):
        assert secret not in everything


def test_without_an_audit_nothing_is_logged(tmp_path):
    """The contract says so."""
    made = Made(tmp_path, family="prior", privacy=Privacy(audit=False))
    place = Place(tmp_path / "place", made.pack())
    app = InProcess(place.settings)
    assert app.predict(ROW)[0] == 200
    assert app.predict({})[0] == 422
    assert not (place.folder / "log").exists()


def test_an_answer_past_its_deadline_is_the_fallback(place):
    """Inline or beside the loop, it is marked, and the log says so too."""
    app = InProcess(place.with_settings(timeout_ms=0.0001))
    for rows in ([ROW], [ROW] * 100):
        answers = app.predict(*rows)[2]["predictions"]
        assert all(answer["fallback_reason"] == "deadline" for answer in answers)
    assert read_log(place.folder / "log")["fallback"].all()
    inline = InProcess(place.with_settings(timeout_ms=0.05)).predict(*[ROW] * 60)[2]["predictions"]
    assert all(answer["fallback"] for answer in inline)
    beside = InProcess(place.with_settings(timeout_ms=3.0, max_rows=2000)).predict(*[ROW] * 2000)[2][
        "predictions"
    ]
    assert all(answer["fallback"] for answer in beside)


def test_an_answer_that_cannot_be_logged_is_not_given(app, place):
    """503 with a time to come back; a refusal needs no log; afterwards the log is whole."""
    app.predict(ROW)
    (segment,) = segments(place.folder / "log")
    with room_for(segment.stat().st_size + 20):
        status, headers, body = app.predict(ROW)
        assert (status, body["kind"], headers["retry-after"]) == (503, "not-logged", "5")
        assert app.predict({})[0] == 422
    assert app.predict(ROW)[0] == 200
    assert read_log(place.folder / "log").height == 2


def test_labels_are_taken_with_all_faults_at_once(app, place):
    """Classes by name; on the disk before they are acknowledged."""
    good = {"labels": [{"request_id": "r1", "label": "yes"}, {"request_id": "r1", "row": 1, "label": "no"}]}
    assert app.ask("POST", "/v1/labels", good)[::2] == (200, {"stored": 2})
    assert read_labels(place.folder / "labels")["label"].to_list() == ["yes", "no"]
    bad = [
        {"request_id": "", "row": -1, "label": "yess", "at": "now"},
        {"request_id": 7, "row": True, "label": None},
        3,
        {"label": ["no"]},
    ]
    status, _, body = app.ask("POST", "/v1/labels", {"labels": bad})
    assert (status, body["kind"], len(body["errors"])) == (422, "labels-refused", 10)
    assert body["errors"][0]["pointer"] == "#/labels/0/at"
    assert "did you mean 'yes'?" in [error["next_step"] for error in body["errors"]]
    assert app.ask("POST", "/v1/labels", {"labels": []})[0] == 422
    assert read_labels(place.folder / "labels").height == 2


def test_labels_that_cannot_be_kept_are_not_acknowledged(app, place):
    """A file where the folder should be."""
    (place.folder / "labels").write_text("")
    body = {"labels": [{"request_id": "r1", "label": "yes"}]}
    status, headers, problem = app.ask("POST", "/v1/labels", body)
    assert (status, problem["kind"], headers["retry-after"]) == (503, "not-stored", "5")


def test_labels_of_a_regression_are_finite_numbers(tmp_path):
    """Text and infinities are not."""
    made = Made(tmp_path, task="regression", family="prior")
    app = InProcess(Place(tmp_path / "place", made.pack()).settings)
    items = [{"request_id": "a", "label": value} for value in (3, 2.5)]
    assert app.ask("POST", "/v1/labels", {"labels": items})[0] == 200
    items = [{"request_id": "a", "label": value} for value in ("3", True, None)]
    assert len(app.ask("POST", "/v1/labels", {"labels": items})[2]["errors"]) == 3


def test_a_token_guards_labels_and_forced_versions_but_not_answers(place):
    """Without one, with a wrong one, with the right one."""
    token = place.folder / "token"
    token.write_text("a-token-of-many-letters\n")
    app = InProcess(place.with_settings(token_file=str(token)))
    body = {"labels": [{"request_id": "r1", "label": "yes"}]}
    right = {"authorization": "Bearer a-token-of-many-letters"}
    assert app.predict(ROW)[0] == 200
    for wrong in ({}, {"authorization": "Bearer guess"}):
        status, headers, _ = app.ask("POST", "/v1/labels", body, headers=wrong)
        assert (status, headers["www-authenticate"]) == (401, "Bearer")
        assert app.predict(ROW, **wrong, **{"x-model-version": "v2"})[0] == 401
    assert app.ask("POST", "/v1/labels", body, headers=right)[0] == 200
    assert app.predict(ROW, **right, **{"x-model-version": "v2"})[0] == 200


def test_a_server_for_others_needs_a_real_token(place):
    """Not none, not a short one, not one that cannot be read."""
    with pytest.raises(UserFault, match="without a token"):
        InProcess(place.with_settings(host="0.0.0.0"))  # noqa: S104 - the refusal is what is tested
    short = place.folder / "token"
    short.write_text("short")
    with pytest.raises(UserFault, match="too short"):
        InProcess(place.with_settings(token_file=str(short)))
    with pytest.raises(IntegrityBroken, match="token cannot be read"):
        InProcess(place.with_settings(token_file=str(place.folder / "none")))


def test_what_is_in_service_can_be_asked(app, place):
    """Versions with their standing; no path, no key."""
    body = app.ask("GET", "/v1/models")[2]
    assert body["routing"]["champion"] == "v1"
    assert {item["version"]: item["in_service"] for item in body["versions"]} == {
        "v1": True,
        "v2": True,
        "v9": False,
    }
    assert str(place.folder) not in json.dumps(body)
    assert app.ask("GET", "/healthz")[0] == 200
    ready = app.ask("GET", "/readyz")
    assert (ready[0], ready[2]["champion"]) == (200, "v1")


def test_metrics_count_by_version_and_status(app):
    """By Prometheus' conventions."""
    app.predict(ROW, ROW)
    app.predict({})
    app.ask("POST", "/v1/labels", {"labels": [{"request_id": "r1", "label": "yes"}]})
    status, headers, raw = app.ask("GET", "/metrics")
    text = raw.decode()
    assert status == 200
    assert headers["content-type"].startswith("text/plain")
    assert 'modelwright_predictions_total{answered_by="model",arm="champion",version="v1"} 2.0' in text
    assert 'modelwright_requests_total{status="200"} 1.0' in text
    assert 'modelwright_requests_total{status="422"} 1.0' in text
    assert 'modelwright_request_latency_seconds_count{version="v1"} 1.0' in text
    assert "modelwright_labels_received_total 1.0" in text
    assert "modelwright_active_requests 0.0" in text
    assert re.search(r"modelwright_row_faults_total [1-9]", text)


def test_fallbacks_are_counted_apart(place):
    """An alert needs the number."""
    app = InProcess(place.with_settings(timeout_ms=0.0001))
    app.predict(ROW)
    assert b'answered_by="fallback",arm="champion",version="v1"} 1.0' in app.ask("GET", "/metrics")[2]
