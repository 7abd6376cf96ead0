"""Bundles: same inputs, same bytes; every byte checked; nothing in them is trusted."""

import numpy as np
import pytest
from tests.registry.bundles import ROW, Made

from modelwright.kernel.digest import digest_of_bytes
from modelwright.kernel.errors import BundleRejected, IntegrityBroken
from modelwright.kernel.outcome import Status
from modelwright.ledger.codec import decode, encode
from modelwright.registry.archive import Limits, read_archive, write_archive
from modelwright.registry.bundle import load, pipeline_digest
from modelwright.registry.manifest import FileEntry, Manifest


def rewritten(bundle, path, change):
    """The bundle with its files changed by a function, its manifest left as it was unless changed too."""
    files = dict(read_archive(bundle.path.read_bytes()))
    change(files)
    path.write_bytes(write_archive(files))
    return path


def listed_again(files):
    """Make the manifest list the files as they are now: what a careful forger would do."""
    manifest = decode(files["manifest.json"], Manifest)
    entries = {
        name: FileEntry(digest=digest_of_bytes(data), size=len(data))
        for name, data in files.items()
        if name != "manifest.json"
    }
    fields = {name: getattr(manifest, name) for name in Manifest.__slots__}
    files["manifest.json"] = encode(Manifest(**(fields | {"files": entries})))


def test_packing_twice_gives_the_same_bytes(made, bundle, tmp_path):
    """No clock, no random name, no order of a dictionary gets into a bundle."""
    again = made.pack(out=tmp_path / "again.mwb")
    assert again.digest == bundle.digest
    assert again.path.read_bytes() == bundle.path.read_bytes()


def test_a_loaded_bundle_answers_like_what_was_packed(made, bundle):
    """To the last bit."""
    assert np.array_equal(bundle.pipeline.scores(made.train), made.pipeline.scores(made.train))
    assert np.array_equal(bundle.pipeline.scores_of_row(ROW), made.pipeline.scores_of_row(ROW))
    assert pipeline_digest(bundle.pipeline) == pipeline_digest(made.pipeline)


def test_a_bundle_carries_its_evidence(made, bundle):
    """Contract, data, run, verdict, reference, card and constraints."""
    manifest = bundle.manifest
    assert manifest.contract_digest == made.contract.digest
    assert manifest.snapshot_digest == made.snapshot.digest
    assert manifest.run_id == made.run.id
    assert manifest.verdict_status == "passed"
    assert manifest.requires == {"numpy": "2.4"}
    assert bundle.verdict.allows
    assert bundle.reference.rows == made.train.height
    assert bundle.card.startswith("# Model card: calls v1")


@pytest.mark.parametrize("part", range(40))
def test_a_changed_byte_is_found_wherever_it_is(bundle, tmp_path, part):
    """One byte anywhere: the bundle is refused, and the message says something differs."""
    data = bytearray(bundle.path.read_bytes())
    place = part * (len(data) - 1) // 39
    data[place] ^= 0x01
    changed = tmp_path / "changed.mwb"
    changed.write_bytes(data)
    with pytest.raises(BundleRejected) as caught:
        load(changed)
    assert caught.value.faults


def test_a_changed_file_is_named(bundle, tmp_path):
    """Which file differs stands in the message."""

    def change(files):
        files["card.md"] = files["card.md"] + b"better"

    path = rewritten(bundle, tmp_path / "changed.mwb", change)
    with pytest.raises(BundleRejected, match=r"card\.md: its bytes do not have the digest"):
        load(path)


def test_a_file_too_many_and_a_file_too_few_are_named_together(bundle, tmp_path):
    """The manifest lists exactly what is there."""

    def change(files):
        files["extra.txt"] = b"x"
        del files["reference.json"]

    with pytest.raises(BundleRejected) as caught:
        load(rewritten(bundle, tmp_path / "changed.mwb", change))
    told = str(caught.value)
    assert "extra.txt: is in the bundle and not in its manifest" in told
    assert "reference.json: is in the manifest and not in the bundle" in told


def test_a_forged_but_consistent_bundle_is_found_by_its_registered_digest(bundle, tmp_path):
    """Who rewrites the manifest too is found by the digest the ledger holds."""

    def change(files):
        files["card.md"] = files["card.md"] + b"better"
        listed_again(files)

    forged = rewritten(bundle, tmp_path / "forged.mwb", change)
    assert load(forged).card.endswith("better")
    with pytest.raises(BundleRejected, match="registered was"):
        load(forged, expected_digest=bundle.digest)


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("verdict.json", b'"status":"passed"', b'"status":"failed"', "verdict_status"),
        ("contract.json", b'"owner":"campaign lead"', b'"owner":"somebody else"', "contract_digest"),
        (
            "pipeline/pipeline.json",
            b'"model_format":"linear"',
            b'"model_format":"unheard"',
            "unknown model_format",
        ),
        ("pipeline/pipeline.json", b'"format":1', b'"format":9', "form this version does not know"),
        ("reference.json", b'"rows":', b'"lines":', "do not form a model"),
    ],
)
def test_a_forged_record_is_found_by_what_it_contradicts(bundle, tmp_path, name, old, new, told):
    """Digests that fit are not enough: the records must fit each other."""

    def change(files):
        assert old in files[name]
        files[name] = files[name].replace(old, new)
        listed_again(files)

    with pytest.raises(BundleRejected, match=told):
        load(rewritten(bundle, tmp_path / "forged.mwb", change))


def test_a_bundle_without_a_manifest_or_model_is_refused(tmp_path, bundle):
    """Half a bundle is none."""

    def without_manifest(files):
        del files["manifest.json"]

    def without_model(files):
        for name in [name for name in files if name.startswith("pipeline/model")]:
            del files[name]
        listed_again(files)

    with pytest.raises(BundleRejected, match=r"manifest\.json: is not there"):
        load(rewritten(bundle, tmp_path / "a.mwb", without_manifest))
    with pytest.raises(BundleRejected):
        load(rewritten(bundle, tmp_path / "b.mwb", without_model))


def test_a_manifest_and_a_bundle_agree_whether_there_is_a_verdict(bundle, tmp_path):
    """A verdict cannot be taken out."""

    def change(files):
        del files["verdict.json"]
        listed_again(files)

    with pytest.raises(BundleRejected, match="whether there is a verdict"):
        load(rewritten(bundle, tmp_path / "a.mwb", change))


def test_a_bundle_larger_than_allowed_is_not_read(bundle):
    """Its size is looked at before its bytes are."""
    with pytest.raises(BundleRejected, match="at most 100 are read"):
        load(bundle.path, limits=Limits(size=100))


def test_a_bundle_that_was_not_judged_says_so(made, tmp_path):
    """No verdict is unknown, and a failed one is failed."""
    assert made.pack(status=None, out=tmp_path / "a.mwb").manifest.verdict_status == "unknown"
    assert made.pack(status=Status.FAILED, out=tmp_path / "b.mwb").manifest.verdict_status == "failed"


def test_evidence_of_two_chains_is_not_packed_together(made, tmp_path):
    """Run, snapshot and verdict must name the same contract; every stranger among them is named."""
    other = Made(tmp_path / "other", seed=2, horizon="tomorrow")
    with pytest.raises(IntegrityBroken) as caught:
        made.pack(run=other.run, verdict=other.verdict(), out=tmp_path / "a.mwb")
    assert {fault.where for fault in caught.value.faults} == {
        "run.contract",
        "run.snapshot",
        "verdict.contract",
        "verdict.run",
    } - ({"verdict.run"} if other.verdict().run_id == other.run.id else set())
    assert not (tmp_path / "a.mwb").exists()


@pytest.mark.parametrize("family", ["boosting", "linear", "prior"])
@pytest.mark.parametrize("task", ["multiclass", "regression"])
def test_other_tasks_and_families_come_back_to_the_last_bit(tmp_path, task, family):
    """Packing is the same for every kind of model."""
    made = Made(tmp_path, task=task, family=family)
    bundle = made.pack()
    assert np.array_equal(bundle.pipeline.scores(made.train), made.pipeline.scores(made.train))
