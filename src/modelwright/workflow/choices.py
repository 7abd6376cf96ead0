"""The choices an answer may hold: actions per risk, a design, findings to fix."""

from collections.abc import Mapping

from modelwright.kernel.errors import Fault, UnknownName, UserFault, nearest
from modelwright.workflow.history import History
from modelwright.workflow.phases import Phase
from modelwright.workflow.ports import Ports

__all__ = ["check_choices"]

RISKS, DESIGNS, REVIEW = 3, 4, 10
"""The phases whose answers hold choices."""


def check_choices(
    ports: Ports, history: History, phase: Phase, *, decision: str, choices: Mapping[str, str]
) -> dict[str, str]:
    """Check the choices of an answer against what the phase showed, and fill in what follows from it.

    Raises:
        UserFault: With every choice that does not fit.
    """
    if decision != "approve":
        return dict(choices)
    match phase.number:
        case 3:
            return _risk_choices(ports, history, choices)
        case 4:
            return _design_choice(ports, history, choices)
        case 10:
            return _review_choice(ports, history, choices)
        case _:
            if choices:
                raise UserFault(
                    f"phase {phase.number} offers no choice",
                    found=", ".join(choices),
                    next_step=f"modelwright approve {phase.number} without choices",
                )
            return {}


def _risk_choices(ports: Ports, history: History, choices: Mapping[str, str]) -> dict[str, str]:
    from modelwright.risk.register import RiskList

    risks = ports.store.get_record(history.completions[RISKS].outputs["risks"], RiskList)
    known = {risk.id: risk for risk in risks.risks}
    faults: list[Fault] = []
    settled: dict[str, str] = {risk.id: risk.proposal for risk in risks.risks}
    for name, action in choices.items():
        if name not in known:
            close = nearest(name, known)
            faults.append(
                Fault(name, "no such risk", next_step=f"did you mean '{close}'?" if close else "see report 3")
            )
        elif action not in {"accept", "modify", "block"}:
            faults.append(Fault(name, f"unknown action '{action}'", next_step="use accept, modify or block"))
        else:
            settled[name] = action
    if faults:
        raise UserFault("the answer to phase 3 does not fit the risks", faults=faults)
    return dict(settled)


def _design_choice(ports: Ports, history: History, choices: Mapping[str, str]) -> dict[str, str]:
    from modelwright.candidates.design import Proposals

    proposals = ports.store.get_record(history.completions[DESIGNS].outputs["proposals"], Proposals)
    names = [design.name for design in proposals.designs]
    chosen = choices.get("design")
    if chosen is None:
        raise UserFault(
            "phase 4 needs a choice between the designs",
            why="nobody else may make it",
            expected=", ".join(names),
            next_step=f"modelwright approve 4 --choose {proposals.recommended}",
        )
    if chosen not in names:
        raise UnknownName.among("design", chosen, names)
    return {"design": chosen}


def _review_choice(ports: Ports, history: History, choices: Mapping[str, str]) -> dict[str, str]:
    from modelwright.review.report import ReviewReport
    from modelwright.workflow.quality_review import blocking

    review = ports.store.get_record(history.completions[REVIEW].outputs["review"], ReviewReport)
    known = {finding.identity for finding in review.findings}
    must = blocking(review)
    wanted = choices.get("fix", "none" if not must else "")
    if not wanted:
        raise UserFault(
            f"the review found {must} findings and blocks; say what to fix",
            expected="all, none, or finding ids separated by commas",
            next_step="modelwright approve 10 --fix all",
        )
    if wanted in {"all", "none"}:
        return {"fix": wanted}
    unknown = [name for name in wanted.split(",") if name not in known]
    if unknown:
        raise UnknownName.among("finding", unknown[0], sorted(known))
    return {"fix": wanted}
