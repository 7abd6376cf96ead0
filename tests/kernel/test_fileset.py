"""File sets: what lies behind a path, in which order, and whether it was touched."""

import os
from pathlib import Path

from modelwright.kernel.fileset import find_files


def made(folder, *names):
    """Files with these names."""
    for name in names:
        path = Path(folder, name)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    return Path(folder)


def test_a_file_a_folder_and_a_pattern_are_told_apart(tmp_path):
    """By what is there, never by the spelling alone."""
    folder = made(tmp_path, "b.csv", "a/c.csv", "a[1].csv", ".hidden/x.csv", "_tmp/y.csv", "_z.csv")
    kinds = {name: find_files(folder / name) for name in ("b.csv", ".", "*.csv", "**/c.csv", "a[1].csv")}
    assert [found.kind for found in kinds.values()] == ["file", "folder", "pattern", "pattern", "file"]
    assert kinds["."].names() == ("a/c.csv", "a[1].csv", "b.csv")
    assert kinds["**/c.csv"].names() == ("a/c.csv",)
    for nothing in ("none.csv", "none/*.csv", "*.parquet"):
        assert find_files(folder / nothing) is None
    assert kinds["."].size() == sum(len(name) for name in kinds["."].names())


def test_a_relative_pattern_starts_here(tmp_path, monkeypatch):
    """Without any folder in front."""
    made(tmp_path, "a.csv")
    monkeypatch.chdir(tmp_path)
    assert find_files(Path("*.csv")).names() == ("a.csv",)


def test_the_state_of_a_folder_tells_when_a_file_was_touched(tmp_path):
    """Even when its time is set back: the kernel keeps one of its own."""
    folder = made(tmp_path, "a.csv", "b.csv")
    before = find_files(folder).state()
    assert find_files(folder).state() == before
    look = (folder / "a.csv").stat()
    (folder / "a.csv").write_text("A.csv")
    os.utime(folder / "a.csv", ns=(look.st_atime_ns, look.st_mtime_ns))
    assert find_files(folder).state() != before
