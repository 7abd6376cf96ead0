"""Progress: one moving line on a terminal, plain lines elsewhere."""

import io

from modelwright.surfaces.cli.progress import TerminalProgress


class Screen(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self):
        """Say so."""
        return True


def test_elsewhere_only_the_end_of_a_step_is_told():
    """A log file is not filled with hundreds of lines that differ by a digit."""
    stream = io.StringIO()
    progress = TerminalProgress(stream)
    for done in range(1, 4):
        progress.step("folding", done, 3)
    progress.say("done")
    assert stream.getvalue() == "  folding 3/3\n  done\n"


def test_on_a_terminal_the_line_is_rewritten_until_it_is_full(monkeypatch):
    """A bar fills; the next thing said starts on its own line, also after a step that did not end."""
    monkeypatch.setenv("COLUMNS", "80")
    screen = Screen()
    progress = TerminalProgress(screen)
    progress.step("folding", 1, 2)
    progress.say("stopped early")
    progress.step("folding", 2, 2)
    progress.step("nothing", 0, 0)
    written = screen.getvalue()
    assert "━━━━━━━━━━──────────  1/2" not in written
    assert "━━━━━━━━━━────────── 1/2  folding\n  stopped early\n" in written
    assert written.count("\r\x1b[K") == 3
    assert written.endswith("0/0  nothing\n")


def test_a_long_text_stays_on_one_line(monkeypatch):
    """A line that wraps could not be rewritten."""
    monkeypatch.setenv("COLUMNS", "40")
    screen = Screen()
    TerminalProgress(screen).step("a text that is longer than the terminal is wide", 1, 2)
    assert len(screen.getvalue().removeprefix("\r\x1b[K")) == 39
