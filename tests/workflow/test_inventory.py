"""What lies in the folder and what stands in the ledger: each thing changed behind its back is found."""

import json

import pytest
from tests.workflow.projects import AGENT, LEAD, calls

from modelwright.kernel.digest import digest_of_bytes
from modelwright.kernel.outcome import Status


def failing(service):
    """The links that do not hold, in one text."""
    told = service.verify()
    assert told.outcome.status is Status.FAILED
    failed = [link for link in told.links if link.status is Status.FAILED]
    assert all(link.next_step for link in failed)
    return "\n".join(line for link in failed for line in link.evidence)


def test_a_finished_project_agrees_with_its_ledger(finished):
    """Also while it is served, and whether or not somebody looked at its pages."""
    assert finished.verify().outcome.allows
    finished.serve_plan()
    assert finished.verify().outcome.allows


def test_a_file_that_only_a_record_names_is_checked_too(finished):
    """One byte of a model's own text; nothing in the ledger names it."""
    store = finished.ports.project.artifacts
    named = {digest for entry in finished.entries() for digest in entry.artifacts.values()}
    nested = next(
        path for path in sorted(store.rglob("*")) if path.is_file() and f"sha256:{path.name}" not in named
    )
    nested.write_bytes(nested.read_bytes() + b" ")
    assert "is not what was stored under that name" in failing(finished)


def test_a_link_in_the_store_is_told(finished, tmp_path):
    """What it leads to can be changed elsewhere."""
    store = finished.ports.project.artifacts
    target = next(path for path in sorted(store.rglob("*")) if path.is_file())
    target.rename(tmp_path / "elsewhere")
    target.symlink_to(tmp_path / "elsewhere")
    assert "is a link" in failing(finished)


def test_what_a_kill_left_half_written_is_nobody_s_evidence(finished):
    """It is told apart by its name."""
    store = finished.ports.project.artifacts
    (next(path for path in store.iterdir() if path.is_dir()) / ".x.1.2.part").write_bytes(b"half")
    assert finished.verify().outcome.allows


def test_many_changed_files_are_told_in_a_few_lines(finished):
    """And the rest is counted."""
    folder = finished.ports.project.artifacts / "zz"
    folder.mkdir()
    for number in range(25):
        (folder / f"{number}").write_bytes(b"x")
    assert "and 5 more" in failing(finished)


def test_a_memory_of_digests_that_was_edited_is_found(finished):
    """Other rows under a digest that is remembered for them."""
    source = finished.ports.project.root / "calls.parquet"
    finished.status()
    memory = finished.ports.project.store / "cache" / "digests.json"
    remembered = digest_of_bytes(source.read_bytes())
    calls(seed=77).write_parquet(source)
    finished.ports.project.file_digest(source)
    held = json.loads(memory.read_text(encoding="utf-8"))
    memory.write_text(json.dumps(dict.fromkeys(held, remembered)), encoding="utf-8")
    assert "remembered with another digest" in failing(finished)


@pytest.mark.parametrize("suffix", [".html", ".md"])
def test_a_page_that_was_edited_is_found(suffix, finished):
    """Its stamp says what it was drawn from, and that draws another."""
    page = finished.page_of(3).with_suffix(suffix)
    page.write_text(page.read_text(encoding="utf-8").replace("seconds", "nothing"), encoding="utf-8")
    assert f"{page.name} is not what its evidence draws" in failing(finished)
    page.unlink()
    if suffix == ".html":
        assert finished.verify().outcome.allows


@pytest.mark.parametrize(
    ("name", "old", "new", "told"),
    [
        ("versions.json", '"champion"', '"retired"', "says another thing of v1"),
        ("versions.json", "{", "[", "versions.json"),
        ("serving/routing.json", '"v1"', '"v2"', "sends traffic to v2, and the champion is v1"),
        ("serving/routing.json", '"challenger":null', '"challenger":"v9"', "gives 0% to v9"),
        ("serving/routing.json", "{", "[", "routing.json"),
    ],
)
def test_what_a_server_follows_is_held_against_the_ledger(name, old, new, told, finished):
    """A running one would go where the file says."""
    finished.serve_plan()
    path = finished.ports.project.store / name
    text = path.read_text(encoding="utf-8")
    assert old in text.replace(": ", ":")
    path.write_text(text.replace(": ", ":").replace(old, new, 1), encoding="utf-8")
    assert told in failing(finished)


def test_a_contract_that_was_frozen_without_an_approved_design_is_found(finished):
    """Another bar, written into the ledger by an agent."""
    contract = finished.ports.project.contract_file
    contract.write_text(contract.read_text(encoding="utf-8").replace("roc_auc >= 0.6", "roc_auc >= 0.1"))
    digest = finished.check().contract.digest
    finished.ports.ledger.append("contract.frozen", {"contract_digest": digest}, actor=AGENT)
    assert "(contract.frozen) does not stand" in failing(finished)


def test_a_contract_that_was_frozen_before_there_was_a_design_is_found(tmp_path):
    """At the very beginning."""
    from tests.workflow.projects import drafted

    service = drafted(tmp_path / "calls")
    service.run(until=1)
    service.ports.ledger.append("contract.frozen", {"contract_digest": "sha256:0"}, actor=LEAD)
    assert "there was no design to approve" in failing(service)


def test_a_promotion_written_by_an_agent_is_found(finished):
    """Though people had approved the version."""
    finished.ports.ledger.append("version.promoted", {"version": "v1", "previous": None}, actor=AGENT)
    assert "agents do not have promotion:approve" in failing(finished)
