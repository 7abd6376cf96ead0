"""A scorer on another machine: the same port, over TLS with a certificate made here, on loopback."""

import ssl
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address

import numpy as np
import polars as pl
import pytest
import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from tests.evaluation.samples import binary, contract_of, frame_of

from modelwright.adapters.listening import listen
from modelwright.adapters.remote_scorer import RemoteScorer
from modelwright.adapters.scorer_protocol import MOST_BYTES, PROTOCOL, QUESTIONS
from modelwright.adapters.scorer_service import ScorerApplication, ScorerPlan, run_scorer
from modelwright.adapters.seal_keys import SealKeys
from modelwright.adapters.system_clock import SystemClock
from modelwright.data.snapshot import ROW_ID, part, take
from modelwright.evaluation.scorer import ScoreRequest
from modelwright.kernel.errors import DataInvalid, IntegrityBroken, ServiceFailed, UserFault
from modelwright.ledger.artifacts import ArtifactStore
from modelwright.training.pipeline import DecisionRule

TOKEN = "0123456789abcdef0123"


def certificate(folder, name):
    """A self-signed certificate for this machine, and its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.IPAddress(ip_address("127.0.0.1"))]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    cert, private = folder / f"{name}.pem", folder / f"{name}.key"
    cert.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    private.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return cert, private


class Running:
    """An ASGI application that serves in a thread until it is told to stop."""

    def __init__(self, application, *, cert=None, key=None):
        """Take a port."""
        self.listener = listen("127.0.0.1", 0)
        scheme = "http" if cert is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self.listener.getsockname()[1]}"
        config = uvicorn.Config(
            application,
            log_config=None,
            ws="none",
            ssl_certfile=cert and str(cert),
            ssl_keyfile=key and str(key),
        )
        self.server = uvicorn.Server(config)
        self.server.install_signal_handlers = lambda: None
        self.thread = threading.Thread(target=self.server.run, kwargs={"sockets": [self.listener]})

    def __enter__(self):
        """Start, and wait until it listens."""
        self.thread.start()
        waited = threading.Event()
        for _ in range(1000):
            if self.server.started:
                return self
            waited.wait(0.01)
        message = "the scorer did not start"
        raise AssertionError(message)

    def __exit__(self, *_):
        """Stop."""
        self.server.should_exit = True
        self.thread.join()
        self.listener.close()


@pytest.fixture(scope="module")
def far(tmp_path_factory):
    """A scorer that serves over TLS, with a home of its own."""
    folder = tmp_path_factory.mktemp("far")
    cert, key = certificate(folder, "scorer")
    application = ScorerApplication(home=folder / "home", token=TOKEN, clock=SystemClock())
    with Running(application, cert=cert, key=key) as running:
        yield folder, running.url


def client(far, artifacts, **changes):
    """A client that trusts the scorer's certificate."""
    folder, url = far
    given = {"url": url, "token": TOKEN, "artifacts": artifacts, "ca_file": folder / "scorer.pem", **changes}
    return RemoteScorer(**given)


@pytest.fixture
def world(far, tmp_path):
    """A project whose labels are sealed with the public key of the far scorer."""
    rng = np.random.default_rng(abs(hash(tmp_path.name)) % 1000)
    y, scores = binary(rng, 900)
    frame = frame_of(rng, 900).with_columns(y=pl.Series(np.where(y == 1, "yes", "no")))
    artifacts = tmp_path / "artifacts"
    store = ArtifactStore(artifacts)
    seal = client(far, artifacts).seal(SealKeys(tmp_path / "keys").seal_for("p1"))
    contract = contract_of(gates=("roc_auc >= 0.6",), slices=("job",), looks=3)
    snapshot = take(frame, contract, store=store, seal=seal)
    assert take(frame, contract, store=store, seal=seal) == snapshot
    rows = part(snapshot, "test", store=store)[ROW_ID].to_numpy()
    return artifacts, ScoreRequest(
        snapshot=snapshot, contract=contract, run_id="run-7", pipeline_digest="sha256:model", row_ids=rows,
        scores=scores[rows], others={}, rule=DecisionRule(threshold=0.25), other_rules={}, seed=1,
        purpose="phase 11",
    )  # fmt: skip


def test_a_far_scorer_answers_like_the_near_one(far, world, tmp_path):
    """Labels sealed here are opened there alone; the same question again is the same look and answer."""
    artifacts, request = world
    scorer = client(far, artifacts)
    report = scorer.score(request)
    assert (report.rows, report.looks_used, report.look.told) == (len(request.row_ids), 1, "everything")
    assert scorer.score(request) == report
    booked = [look for look in scorer.booked(request.snapshot.seal_id) if look.question == request.digest]
    assert [(look.number, look.told, look.run) for look in booked] == [(1, "everything", "run-7")]
    sealed = ArtifactStore(artifacts).get(request.snapshot.sealed_labels)
    with pytest.raises(IntegrityBroken, match="not sealed labels"):
        SealKeys(tmp_path / "keys").seal_for("p1").open(sealed)


def test_refusals_arrive_as_what_they_are(far, world):
    """A question that does not fit is the user's fault, not the network's."""
    artifacts, request = world
    with pytest.raises(DataInvalid, match="rows of the test part are missing"):
        client(far, artifacts).score(replace(request, row_ids=request.row_ids[1:], scores=request.scores[1:]))


def test_a_wrong_token_is_refused_before_anything_is_read(far, world):
    """With the setting to mend."""
    artifacts, request = world
    with pytest.raises(ServiceFailed, match="token is not the scorer's") as refused:
        client(far, artifacts, token="not the token of it!".replace(" ", "-")).score(request)
    assert "MODELWRIGHT_SCORER_TOKEN" in refused.value.next_step


def test_a_certificate_that_is_not_trusted_ends_it(far, world, tmp_path):
    """Neither without the authority nor with another one."""
    artifacts, request = world
    other, _ = certificate(tmp_path, "other")
    for ca_file in (None, other):
        with pytest.raises(ServiceFailed, match="certificate is not trusted") as refused:
            client(far, artifacts, ca_file=ca_file).score(request)
        assert "MODELWRIGHT_SCORER_CA" in refused.value.next_step
    with pytest.raises(UserFault, match="names no certificates"):
        client(far, artifacts, ca_file=tmp_path / "nothing.pem").score(request)


def test_a_scorer_that_is_gone_is_told(far, world):
    """Asking again later is the same look."""
    artifacts, request = world
    with listen("127.0.0.1", 0) as free:
        url = f"https://127.0.0.1:{free.getsockname()[1]}"
    with pytest.raises(ServiceFailed, match="cannot be reached"):
        client(far, artifacts, url=url).score(request)


def silent(version=None, status=200):
    """An application that answers one status to everything."""

    async def application(scope, receive, send):
        if scope["type"] != "http":
            await receive()
            return
        headers = [(b"modelwright-scorer", version)] if version else []
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": b"{}"})

    return application


@pytest.mark.parametrize(
    ("version", "status", "told"),
    [
        (None, 200, "no Modelwright scorer"),
        (b"2", 200, "talks version 2"),
        (PROTOCOL.encode(), 507, "disk is full"),
        (PROTOCOL.encode(), 500, "the scorer failed"),
    ],
)
def test_an_answer_of_something_else_is_told(world, far, version, status, told):
    """Another program at the address, another release, a full disk."""
    artifacts, request = world
    with Running(silent(version, status)) as running, pytest.raises(ServiceFailed, match=told):
        client(far, artifacts, url=running.url).score(request)


def test_an_answer_that_does_not_come_in_time_is_given_up(world, far):
    """The question may be asked again."""
    artifacts, request = world
    stop = threading.Event()

    async def slow(scope, receive, send):
        if scope["type"] == "http":
            while not stop.is_set():
                import asyncio

                await asyncio.sleep(0.01)

    with Running(slow) as running:
        with pytest.raises(ServiceFailed, match="did not answer within"):
            client(far, artifacts, url=running.url, timeout=0.2).score(request)
        stop.set()


@pytest.mark.parametrize("url", ["http://scorer.example:8443", "ftp://127.0.0.1", "scorer.example", ""])
def test_an_address_that_is_not_https_is_refused(tmp_path, url):
    """Plain HTTP is for this machine alone."""
    with pytest.raises(UserFault, match="names no scorer"):
        RemoteScorer(url=url, token=TOKEN, artifacts=tmp_path)


@pytest.mark.parametrize("token", ["", "short", "with a space in it", "mit-ümlaut-123456789"])
def test_a_token_that_can_be_guessed_or_not_be_sent_is_refused(tmp_path, token):
    """On both sides."""
    with pytest.raises(UserFault, match="token cannot be used"):
        RemoteScorer(url="https://scorer.example", token=token, artifacts=tmp_path)
    with pytest.raises(UserFault, match="token cannot be used"):
        ScorerApplication(home=tmp_path / "home", token=token, clock=SystemClock())


def asked(far, method, path, *, body=None, headers=()):
    """A request that no client of ours would send."""
    import http.client

    folder, url = far
    context = ssl.create_default_context(cafile=str(folder / "scorer.pem"))
    connection = http.client.HTTPSConnection("127.0.0.1", int(url.rpartition(":")[2]), context=context)
    own = {"Authorization": f"Bearer {TOKEN}", "Modelwright-Scorer": PROTOCOL, **dict(headers)}
    connection.request(method, path, body=body, headers=own)
    status = connection.getresponse().status
    connection.close()
    return status


@pytest.mark.parametrize(
    ("method", "path", "headers", "status"),
    [
        ("GET", "/", (), 404),
        ("POST", "/v1/key", (), 405),
        ("DELETE", QUESTIONS, (), 405),
        ("PUT", "/v1/artifacts/sha256:" + "0" * 64, (), 422),
        ("PUT", "/v1/artifacts/..%2f..%2fscorer.key", (), 400),
        ("HEAD", "/v1/artifacts/../../scorer.key", (), 400),
        ("GET", "/v1/key", (("Authorization", "Basic abc"),), 401),
        ("GET", "/v1/key", (("Modelwright-Scorer", "0"),), 426),
        ("POST", QUESTIONS, (("Content-Length", str(MOST_BYTES + 1)),), 413),
    ],
)
def test_what_no_client_sends_is_refused(far, method, path, headers, status):
    """Other methods, other paths, paths that climb, bytes that are not their digest, too many of them."""
    body = b"x" if method in {"PUT", "POST"} and not headers else None
    assert asked(far, method, path, body=body, headers=headers) == status


def test_a_question_that_is_none_is_answered_with_a_refusal(far):
    """Noise is no look and stops nothing."""
    assert asked(far, "POST", QUESTIONS, body=b"\xff" * 100) == 200
    assert asked(far, "GET", "/v1/key") == 200


def test_the_service_does_not_listen_to_others_without_a_certificate(tmp_path):
    """Nor with one that cannot be read, nor where the port is taken."""

    def never(url, seal_id):
        message = "it must not listen"
        raise AssertionError(message)

    plan = ScorerPlan(home=tmp_path / "home", token=TOKEN, host="192.0.2.1")
    with pytest.raises(UserFault, match="without a certificate"):
        run_scorer(plan, clock=SystemClock(), listening=never)
