"""The review: three reviewers over the same files, their findings joined, ranked and judged."""

from collections.abc import Iterable, Sequence
from pathlib import Path

from modelwright.kernel.finding import Finding
from modelwright.review.catalogue import REVIEW_RULES
from modelwright.review.collection import collect
from modelwright.review.flow import Flow, trace
from modelwright.review.report import REPORTED, Reviewer, ReviewReport, decide, judge
from modelwright.review.rule import FOCI, Focus, ReviewRule
from modelwright.review.source import SourceFile, note, read_source

__all__ = ["ReviewReport", "review", "review_files"]

Found = dict[tuple[str, str], tuple[Finding, tuple[str, ...]]]
"""Place and rule to the finding and the reviewers that made it."""


def review(paths: Sequence[Path], *, root: Path, rules: Sequence[ReviewRule] | None = None) -> ReviewReport:
    r"""Review Python files and notebooks below the paths.

    What cannot be read or parsed becomes a note; the review itself never fails for what a file holds.

    Args:
        paths: Files and folders, absolute or relative to root.
        root: The folder that places are shown relative to.
        rules: The rules to run; None runs every rule of the catalogue, plugins included.

    Raises:
        UserFault: When a path does not exist.

    Examples:
        >>> import tempfile
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     _ = Path(folder, "load.py").write_text("import pickle\nmodel = pickle.load(open('m', 'rb'))")
        ...     report = review([Path(folder)], root=Path(folder))
        >>> report.findings[0].where, report.decision
        ('load.py:2', 'BLOCK')
    """
    files: list[SourceFile] = []
    notes: list[Finding] = []
    for path, shown in collect(paths, root=root):
        file, told = read_source(path, shown=shown)
        notes += told
        if file is not None:
            files.append(file)
    return review_files(files, notes=notes, rules=rules)


def review_files(
    files: Iterable[SourceFile], *, notes: Sequence[Finding] = (), rules: Sequence[ReviewRule] | None = None
) -> ReviewReport:
    """Review parsed files: each reviewer runs its rules, the same place and rule is reported once.

    Examples:
        >>> review_files([]).verdict
        'PASS'
    """
    running = (
        tuple(REVIEW_RULES.get(name)() for name in REVIEW_RULES.names()) if rules is None else tuple(rules)
    )
    found: Found = {}
    told = list(notes)
    count, lines = 0, 0
    flows: list[Flow] = []
    for file in files:
        count += 1
        lines += file.text.count("\n") + 1
        try:
            flow = trace(file)
            flows.append(flow)
            _look(flow, running, found)
        except RecursionError:
            told.append(note(file.path, "is nested too deeply to be followed", fix="Split the expression."))
    audit = sorted((one for one, _ in found.values()), key=lambda one: (_reading_order(one.where), one.code))
    reported = tuple(
        sorted(
            (one for one in audit if one.confidence >= REPORTED),
            key=lambda one: (-one.severity.rank, -one.confidence, _reading_order(one.where), one.code),
        )
    )
    return ReviewReport(
        findings=reported,
        audit=tuple(audit),
        notes=tuple(told),
        reviewers=tuple(_reviewer(focus, running, found) for focus in FOCI),
        agreement={one.identity: foci for one, foci in found.values() if one.confidence >= REPORTED},
        files=count,
        lines=lines,
        verdict=judge(reported),
        decision=decide(reported),
        positives=_positives(flows),
    )


def _reading_order(where: str) -> tuple[tuple[int, str], ...]:
    """Order places as they are read: by path, then by cell and line as numbers."""
    pieces = where.removesuffix(":").replace(":cell", ":").split(":")
    return tuple((int(piece), "") if piece.isdigit() else (-1, piece) for piece in pieces)


def _look(flow: Flow, rules: Sequence[ReviewRule], found: Found) -> None:
    """Let every reviewer run its rules; a rule of two reviewers runs once and both agree."""
    for rule in rules:
        for one in rule.run(flow):
            key = (one.where, one.code)
            kept = found.get(key)
            if kept is None or one.confidence > kept[0].confidence:
                found[key] = (one, rule.foci)


def _reviewer(focus: Focus, rules: Sequence[ReviewRule], found: Found) -> Reviewer:
    own = [one for one, foci in found.values() if focus in foci and one.confidence >= REPORTED]
    return Reviewer(
        focus=focus,
        rules=tuple(rule.code for rule in rules if focus in rule.foci),
        reported=len(own),
        verdict=judge(own),
    )


def _positives(flows: Sequence[Flow]) -> tuple[str, ...]:
    """What is done well, told only when it was seen."""
    calls = [call for flow in flows for call in flow.calls]
    seen = {call.name.rsplit(".", 1)[-1] for call in calls}
    told = []
    if seen & {"Pipeline", "make_pipeline"}:
        told.append("Preprocessing and model travel together in a Pipeline.")
    if "TimeSeriesSplit" in seen:
        told.append("Folds respect the order of time.")
    if seen & {"GroupKFold", "GroupShuffleSplit", "StratifiedGroupKFold"}:
        told.append("Folds keep groups together.")
    if any(call.keyword("random_state") is not None for call in calls):
        told.append("Seeds are passed where chance is drawn.")
    return tuple(told)
