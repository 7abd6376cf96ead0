"""Gates: report and contract to passed, failed or unknown."""

from modelwright.gates.judge import judge
from modelwright.gates.verdict import LineResult, Verdict

__all__ = ["LineResult", "Verdict", "judge"]
