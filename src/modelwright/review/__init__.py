"""Review: code and notebooks read for the defects that make a model's score or its serving untrue.

One file a rule, read from the syntax and never run; what a rule is not sure of is kept for the audit and not
reported.
"""

from modelwright.review.catalogue import REVIEW_RULES
from modelwright.review.collection import collect
from modelwright.review.flow import Call, Flow, Scope, trace
from modelwright.review.report import Decision, Reviewer, ReviewReport, Verdict, decide, judge
from modelwright.review.review import review as review_paths
from modelwright.review.review import review_files
from modelwright.review.rule import FOCI, Focus, ReviewRule, finding
from modelwright.review.source import Cell, SourceFile, parse_notebook, parse_python, read_source

__all__ = [
    "FOCI",
    "REVIEW_RULES",
    "Call",
    "Cell",
    "Decision",
    "Flow",
    "Focus",
    "ReviewReport",
    "ReviewRule",
    "Reviewer",
    "Scope",
    "SourceFile",
    "Verdict",
    "collect",
    "decide",
    "finding",
    "judge",
    "parse_notebook",
    "parse_python",
    "read_source",
    "review_files",
    "review_paths",
    "trace",
]
