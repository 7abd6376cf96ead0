"""Phase 10, Quality Review: three reviewers read code, a fourth evidence; a person chooses the fixes."""

from modelwright.review.report import ReviewReport
from modelwright.review.review import review
from modelwright.workflow.checklist import check_evidence
from modelwright.workflow.context import Outputs, PhaseContext

__all__ = ["blocking", "perform"]


def perform(context: PhaseContext) -> Outputs:
    """Review the project's code and hold the evidence against the production checklist.

    Args:
        context: The desk.
    """
    project = context.ports.project
    # Whole paths: the reviewers take relative ones from the root, these start where the command was typed.
    files = tuple(path.resolve() for path in project.code_files() if path.suffix in {".py", ".ipynb"})
    return {"review": review(files, root=project.root.resolve()), "checklist": check_evidence(context)}


def blocking(report: ReviewReport) -> int:
    """Return how many findings somebody has to decide about before the evaluation.

    Args:
        report: The review.
    """
    return len(report.findings) if report.decision == "BLOCK" else 0
