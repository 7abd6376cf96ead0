"""Links and paths: nothing is written, read or removed outside of where it belongs."""

import io
import os
import shutil
import zipfile

import pytest
from tests.adversarial.refusals import found_by_verify, refused
from tests.workflow.projects import service_in

from modelwright.adapters.seal_keys import SealKeys
from modelwright.data.snapshot import Snapshot
from modelwright.kernel.errors import (
    BundleRejected,
    IntegrityBroken,
    StorageFailed,
    UserFault,
)
from modelwright.ledger.artifacts import ArtifactStore
from modelwright.registry.archive import Limits, read_archive, write_archive
from modelwright.workflow.history import fold

CLIMBING = ["../../outside", "/etc/passwd", "..", "a/../../b", "", "sha256:../../x", "sha256:" + "g" * 64]


@pytest.mark.parametrize("name", CLIMBING)
def test_no_digest_leads_out_of_the_store(tmp_path, name):
    """What is no digest names no file."""
    refused(ArtifactStore(tmp_path / "store").path, name, kind=IntegrityBroken, says="not a digest")


@pytest.mark.parametrize("name", ["../other", "a/b", "", ".hidden", "x" * 200, "a\0b"])
def test_no_project_id_leads_out_of_the_folder_of_keys(tmp_path, name):
    """It names a key file and nothing else."""
    refused(SealKeys(tmp_path / "keys").seal_for, name, kind=UserFault)
    assert not list(tmp_path.rglob("*.seal"))


@pytest.mark.parametrize("slug", ["../../secret", "/etc/passwd", "a/../../b"])
def test_no_capsule_is_read_from_outside_of_the_project(young, slug):
    """A slug names a file below `.phase0/capsules`."""
    secret = young.ports.project.root.parent / "secret.md"
    secret.write_text("# Goal\nsteal\n")
    refused(young.run, capsule=slug, until=1)


def test_a_link_in_the_place_of_the_lock_is_not_followed(young):
    """Otherwise opening it would create, or lock, a file elsewhere."""
    victim = young.ports.project.root.parent / "victim"
    lock = young.ports.project.store / "lock"
    lock.parent.mkdir(exist_ok=True)
    lock.unlink(missing_ok=True)
    lock.symlink_to(victim)
    refused(young.run, kind=StorageFailed)
    assert not victim.exists()


TARGETS = [".modelwright/ledger.db", ".modelwright/versions.json", "contract.yaml", "calls.parquet"]


@pytest.mark.parametrize("target", TARGETS)
def test_answers_are_never_written_over_evidence(finished, target, typed):
    """`score` is open to agents; its target may not be the ledger, the roster, the contract or the table."""
    root = finished.ports.project.root
    before = (root / target).read_bytes() if (root / target).exists() else None
    error = refused(finished.score, root / "calls.parquet", root / target, kind=UserFault)
    assert "another file" in error.next_step
    code, told = typed(finished, "score", root / "calls.parquet", root / target, actor="agent:coder")
    assert code == 2, told
    assert before is None or (root / target).read_bytes() == before


WRITERS = {
    "a request": lambda service, target: service.consent.export_request("phase:6", target),
    "a copy of the ledger": lambda service, target: service.ledger.export(target),
    "the ledger's key": lambda service, target: service.ledger.export_key(target),
    "an anchor": lambda service, target: service.ledger.anchor(to=target),
}
"""What anybody may have written into a file of their choice."""


@pytest.mark.parametrize("what", WRITERS)
@pytest.mark.parametrize("target", ["contract.yaml", ".modelwright/ledger.db", "calls.parquet"])
def test_what_is_handed_out_is_never_written_over_evidence(finished, what, target):
    """Requests, copies, keys and anchors go to files of their own."""
    place = finished.ports.project.root / target
    before = place.read_bytes()
    refused(WRITERS[what], finished, place)
    assert place.read_bytes() == before


def test_a_link_to_the_ledger_is_no_way_around_that(finished):
    """Answers go through no link into the store."""
    root = finished.ports.project.root
    (root / "out.parquet").symlink_to(root / ".modelwright" / "ledger.db")
    refused(finished.score, root / "calls.parquet", root / "out.parquet", kind=UserFault)


def test_an_artifact_that_is_a_link_to_other_bytes_is_found(finished):
    """What counts is the digest of what is read, wherever a link leads."""
    digest = fold(finished.entries()).completions[2].outputs["snapshot"]
    path = finished.ports.store.path(digest)
    other = finished.ports.project.root / "other.json"
    other.write_text("{}")
    path.unlink()
    path.symlink_to(other)
    refused(finished.ports.store.get_record, digest, Snapshot, kind=IntegrityBroken)
    found_by_verify(finished, "snapshot")


def test_a_bundle_that_is_a_link_to_another_file_is_found(finished):
    """The registered digest decides, not the name."""
    (version,) = finished.versions()
    path = finished.ports.project.store / version.path
    path.unlink()
    path.symlink_to(finished.ports.project.root / "calls.parquet")
    refused(finished.serve_plan, kind=BundleRejected)
    found_by_verify(finished, "bundle")


@pytest.mark.parametrize("name", ["../outside", "/absolute", "a/../../b", "pipeline/../manifest.json"])
def test_no_member_of_a_bundle_has_a_name_that_climbs(finished, name):
    """Refused before anything of it is read; nothing is unpacked to the disk anyway."""
    (version,) = finished.versions()
    path = finished.ports.project.store / version.path
    files = {**read_archive(path.read_bytes(), limits=Limits()), name: b"x"}
    refused(write_archive, files, kind=BundleRejected)
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        for member, data in files.items():
            archive.writestr(member, data)
    refused(read_archive, stream.getvalue(), limits=Limits(), kind=BundleRejected)


def test_a_contract_whose_source_lies_outside_says_so_and_reads_no_folder(young):
    """A source has to be a table; a folder or a device is none."""
    contract = young.ports.project.contract_file
    text = contract.read_text()
    for place in ("/dev/zero", "/etc", "../../../../../../etc/passwd", "calls.parquet/../../x"):
        contract.write_text(text.replace("path: calls.parquet", f"path: {place}"))

        def attempt():
            young.run(until=1)
            young.approve(1, reason="read")
            young.run(until=2)

        refused(attempt)
        assert young.status().phases[1].state != "done"


def test_a_project_below_a_link_is_the_same_project(finished, tmp_path):
    """Its keys are found by the ledger's first entry, not by the path that led there."""
    link = tmp_path / "elsewhere"
    link.symlink_to(finished.ports.project.root.parent)
    through = service_in(link / "calls")
    assert through.verify().outcome.allows
    assert through.versions() == finished.versions()


def test_keys_and_books_are_for_their_owner_alone_whatever_the_umask(young, tmp_path):
    """Files of secrets are made private, not made private afterwards."""
    before = os.umask(0)
    try:
        young.run()
        young.approve(1, reason="read")
        young.run(until=2)
        young.ports.seal()
    finally:
        os.umask(before)
    home = young.ports.project.root.parent / "home"
    open_to_others = [path for path in home.rglob("*") if path.is_file() and path.stat().st_mode & 0o077]
    assert list(home.rglob("*.seal"))
    assert open_to_others == []


def test_a_key_that_others_may_read_is_refused(finished):
    """Whoever loosens it is told, before the labels are opened with it."""
    home = finished.ports.project.root.parent / "home"
    (key,) = home.glob("*.seal")
    key.chmod(0o644)
    error = refused(finished.ports.seal)
    assert "chmod" in error.next_step


def test_leftovers_are_cleared_without_following_links(young):
    """A link in the scratch folder loses itself, not what it points at."""
    precious = young.ports.project.root.parent / "precious"
    precious.mkdir()
    (precious / "file").write_text("keep me")
    scratch = young.ports.project.scratch
    scratch.mkdir(parents=True, exist_ok=True)
    (scratch / "trap").symlink_to(precious)
    shutil.copytree(precious, scratch / "real")
    young.run(until=1)
    assert (precious / "file").read_text() == "keep me"
    assert not list(scratch.iterdir())
