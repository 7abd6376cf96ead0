"""Places for anchors: a file and the notes of a repository keep every line they were given."""

import subprocess

import pytest

from modelwright.adapters.anchor_file import LONGEST, AnchorFile
from modelwright.adapters.git_notes import REF, GitNotes
from modelwright.kernel.errors import ServiceFailed, UserFault

LINES = [b'{"n":1}', b'{"n":2}', b'{"n":3}']


def git(folder, *words):
    """Something done by hand."""
    who = ("-c", "user.name=lead", "-c", "user.email=lead@example.com")
    ran = subprocess.run(["git", "-C", str(folder), *who, *words], check=True, capture_output=True, text=True)
    return ran.stdout.strip()


@pytest.fixture
def repository(tmp_path, monkeypatch):
    """A real repository with one commit, and no settings but its own."""
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "nowhere"))
    monkeypatch.setenv("GIT_CONFIG_SYSTEM", str(tmp_path / "nowhere"))
    folder = tmp_path / "repository"
    folder.mkdir()
    git(folder, "init", "--quiet")
    git(folder, "commit", "--quiet", "--allow-empty", "-m", "first")
    return folder


@pytest.fixture(params=["file", "git"])
def place(request, tmp_path):
    """Each kind of place, empty."""
    if request.param == "file":
        return AnchorFile(tmp_path / "heads.jsonl")
    return GitNotes(request.getfixturevalue("repository"))


def test_every_line_that_was_put_is_given_out_in_order(place):
    """With where it lies."""
    for line in LINES:
        assert place.put(line)
    found = list(place.lines())
    assert [line for _, line in found] == LINES
    assert len({where for where, _ in found}) == len(LINES)


def test_notes_stay_on_the_commits_they_were_made_on(repository):
    """The history goes on, and each anchor stays where it was."""
    notes = GitNotes(repository)
    notes.put(LINES[0])
    git(repository, "commit", "--quiet", "--allow-empty", "-m", "second")
    told = notes.put(LINES[1])
    assert told == f"{REF} on {git(repository, 'rev-parse', 'HEAD')[:12]}; share it: git push origin {REF}"
    assert {line for _, line in notes.lines()} == set(LINES[:2])
    assert git(repository, "notes", "--ref", REF, "show", "HEAD") == LINES[1].decode()


def test_notes_travel_with_a_clone_that_asks_for_them(repository, tmp_path):
    """Whoever fetches them has the anchors, out of reach of who writes the first repository."""
    GitNotes(repository).put(LINES[0])
    git(tmp_path, "clone", "--quiet", str(repository), "clone")
    assert list(GitNotes(tmp_path / "clone").lines()) == []
    git(tmp_path / "clone", "fetch", "--quiet", "origin", f"{REF}:{REF}")
    assert [line for _, line in GitNotes(tmp_path / "clone").lines()] == LINES[:1]


def test_a_repository_that_knows_nobody_is_noted_all_the_same(repository):
    """What counts is the signature in the note; a name that is known is kept."""
    GitNotes(repository).put(LINES[0])
    assert git(repository, "log", "-1", "--format=%an", REF) == "modelwright"
    git(repository, "config", "user.name", "lead")
    git(repository, "config", "user.email", "lead@example.com")
    GitNotes(repository).put(LINES[1])
    assert git(repository, "log", "-1", "--format=%an", REF) == "lead"


def test_a_folder_without_a_repository_or_commit_is_told(tmp_path):
    """With the other way to anchor."""
    with pytest.raises(UserFault, match="git refused") as caught:
        list(GitNotes(tmp_path).lines())
    assert "--to FILE" in caught.value.next_step
    git(tmp_path, "init", "--quiet")
    with pytest.raises(UserFault, match="git refused"):
        GitNotes(tmp_path).put(LINES[0])


def test_a_machine_without_git_is_told(tmp_path, monkeypatch):
    """The path leads nowhere."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ServiceFailed, match="git did not answer"):
        list(GitNotes(tmp_path).lines())


def test_a_file_of_anchors_that_is_none_is_told(tmp_path):
    """Gone, a folder, or without end."""
    endless = tmp_path / "endless"
    with endless.open("wb") as stream:
        stream.truncate(LONGEST + 1)
    for name, told in (
        ("gone", "cannot be read"),
        (".", "cannot be read|no file of anchors"),
        ("endless", "no file"),
    ):
        with pytest.raises(UserFault, match=told):
            list(AnchorFile(tmp_path / name).lines())


def test_lines_without_content_are_passed_over(tmp_path):
    """An editor leaves one at the end."""
    (tmp_path / "heads.jsonl").write_bytes(b"\n{}\n\n")
    assert [line for _, line in AnchorFile(tmp_path / "heads.jsonl").lines()] == [b"{}"]
