"""Admission and the switchboard: what may answer, and what stays in service when something may not."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.registry.bundles import Made, version_for
from tests.serving.services import Place

from modelwright.kernel.clock import SteppingClock
from modelwright.kernel.errors import BundleRejected, ContractChanged, PhaseLocked, UnknownName
from modelwright.kernel.outcome import Status
from modelwright.registry.versions import write_roster
from modelwright.serving.admission import admit
from modelwright.serving.router import Routing
from modelwright.serving.switchboard import Switchboard


def board(place, **changes):
    """The switchboard of a place."""
    settings = place.settings
    given = {
        "roster": Path(settings.roster),
        "routing": Path(settings.routing),
        "contract_digest": settings.contract_digest,
        "clock": SteppingClock(),
    }
    return Switchboard(**(given | changes))


def test_a_version_in_order_is_admitted(bundle):
    """Whatever its standing, as long as it is in service or waiting for it."""
    for standing in ("registered", "challenger", "champion"):
        version = version_for(bundle, standing)
        digest = bundle.manifest.contract_digest
        assert admit(version, folder=Path(), contract_digest=digest).digest == bundle.digest


def test_another_contract_is_refused_by_name(bundle, tmp_path):
    """The server demands the digest it was told."""
    with pytest.raises(ContractChanged, match="another contract"):
        board(Place(tmp_path, bundle), contract_digest="sha256:" + "0" * 64)


@pytest.mark.parametrize("standing", ["retired", "rolled_back"])
def test_a_version_out_of_service_does_not_answer(bundle, tmp_path, standing):
    """What was taken out stays out."""
    with pytest.raises(PhaseLocked, match="does not answer"):
        board(Place(tmp_path, bundle, standings={"v1": standing}))


@pytest.mark.parametrize("status", [None, Status.FAILED, Status.UNKNOWN])
def test_a_bundle_that_did_not_pass_its_gates_does_not_answer(made, tmp_path, status):
    """Unknown blocks as failed does."""
    packed = made.pack("v5", status=status, out=tmp_path / "v5.mwb")
    with pytest.raises(PhaseLocked, match="has not passed its gates"):
        board(Place(tmp_path / "place", packed))


def test_a_drill_alone_answers_for_its_certificate(drill, tmp_path):
    """Where every version is a drill, nobody is served for real."""
    place = Place(tmp_path, drill, routing=Routing(champion="v9", drill=True), standings={"v9": "drill"})
    live = board(place)
    assert live.route("x") == (live.forced("v9"), "champion")
    place.route(Routing(champion="v9"))
    assert "is a drill" in live.refresh().trouble


def test_a_version_nobody_knows_is_refused(bundle, tmp_path):
    """Its standing is unknown, and unknown blocks."""
    with pytest.raises(UnknownName, match="without a known standing"):
        board(Place(tmp_path, bundle, routing=Routing(champion="v7")))


def test_a_bundle_with_other_bytes_or_another_name_is_refused(bundle, second, tmp_path):
    """The roster says which bytes a version is."""
    place = Place(tmp_path, bundle)
    write_roster(tmp_path / "versions.json", [version_for(bundle, bundle_digest=second.digest)])
    with pytest.raises(BundleRejected, match="registered was"):
        board(place)
    write_roster(tmp_path / "versions.json", [replace(version_for(second), version="v1")])
    with pytest.raises(BundleRejected, match="says it is v2"):
        board(place)


def test_a_drill_answers_only_as_a_challenger_while_the_routing_says_so(bundle, drill, tmp_path):
    """And never by header."""
    standings = {"v9": "drill"}
    for routing in (
        Routing(champion="v1", challenger="v9", share=0.5),
        Routing(champion="v9", drill=True),
    ):
        with pytest.raises(PhaseLocked, match="is a drill"):
            board(Place(tmp_path, bundle, drill, routing=routing, standings=standings))
    routing = Routing(champion="v1", challenger="v9", share=1.0, drill=True)
    live = board(Place(tmp_path, bundle, drill, routing=routing, standings=standings))
    assert live.route("x") == (live.lines.engines["v9"], "challenger")
    with pytest.raises(PhaseLocked, match="is a drill"):
        live.forced("v9")


def test_a_drill_cannot_pass_for_a_real_version(bundle, drill, tmp_path):
    """Nor a real one for a drill."""
    for packed, standing in ((drill, "registered"), (bundle, "drill")):
        with pytest.raises(PhaseLocked):
            board(Place(tmp_path, packed, standings={packed.version: standing}))


def test_a_new_routing_is_followed_and_engines_are_kept(bundle, second, tmp_path):
    """Nothing is loaded twice."""
    place = Place(tmp_path, bundle, second)
    live = board(place)
    first = live.route("x")[0]
    assert not live.changed()
    place.route(Routing(champion="v1", challenger="v2", share=1.0, step=1))
    assert live.changed()
    lines = live.refresh()
    assert not live.changed()
    assert lines.trouble == ""
    assert live.route("x")[0].version == "v2"
    place.route(Routing(champion="v1"))
    live.refresh()
    assert live.route("x")[0] is first


def test_what_cannot_be_followed_leaves_everything_as_it_is(bundle, tmp_path):
    """And says why, until it can."""
    place = Place(tmp_path, bundle)
    live = board(place)
    place.route(Routing(champion="v1", challenger="v7", share=1.0))
    assert "v7" in live.refresh().trouble
    assert live.route("x")[0].version == "v1"
    assert live.overview()["routing_refused"]
    Path(place.settings.routing).unlink()
    assert live.changed()
    assert "cannot be read" in live.refresh().trouble
    place.route(Routing(champion="v1"))
    assert live.refresh().trouble == ""


def test_a_version_that_was_rolled_back_leaves_at_once(bundle, second, tmp_path):
    """The roster is followed as the routing is."""
    place = Place(tmp_path, bundle, second)
    live = board(place)
    assert live.forced("v2").version == "v2"
    place.standings = {"v2": "rolled_back"}
    place.write_roster()
    live.refresh()
    with pytest.raises(UnknownName):
        live.forced("v2")


def test_a_tester_reaches_versions_outside_of_the_routing_and_learns_why_not(made, bundle, second, tmp_path):
    """A version with damaged bytes is named, and does not keep the others from answering."""
    copy = tmp_path / "v2.mwb"
    copy.write_bytes(second.path.read_bytes()[:-1] + b"x")
    place = Place(tmp_path / "place", bundle, second)
    write_roster(
        tmp_path / "place" / "versions.json", [version_for(bundle), version_for(second, path=str(copy))]
    )
    live = board(place)
    assert live.route("x")[0].version == "v1"
    with pytest.raises(UnknownName, match=r"v2\.mwb is refused"):
        live.forced("v2")
    versions = {item["version"]: item for item in live.overview()["versions"]}
    assert versions["v1"]["in_service"]
    assert not versions["v2"]["in_service"]


def test_the_contract_of_the_champion_says_what_is_logged_and_asked(tmp_path):
    """Entity, audit and target."""
    made = Made(tmp_path, family="prior", entity=None)
    live = board(Place(tmp_path / "place", made.pack()))
    assert live.entity is None
    assert live.audit
    assert live.target.name == "y"
