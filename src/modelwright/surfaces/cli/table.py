"""The commands by theme; `--help` reads only this."""

from collections.abc import Mapping

__all__ = ["COMMANDS"]

HERE = "modelwright.surfaces.cli"

COMMANDS: Mapping[str, tuple[str, str, str]] = {
    "init": (
        "Start",
        f"{HERE}.initialise:init",
        "Draft contract.yaml from a table; asks only what data cannot tell.",
    ),
    "check": ("Start", f"{HERE}.contract:check", "Read contract.yaml and list every fault with its line."),
    "profile": ("Start", f"{HERE}.contract_exchange:profile", "See what a table holds, as a page."),
    "contract": (
        "Start",
        f"{HERE}.contract_exchange:contract",
        "Export or import the data contract in other tools' words.",
    ),
    "run": ("Start", f"{HERE}.run:run", "Advance phase by phase; stop where a person must decide."),
    "status": ("Start", f"{HERE}.run:status", "Show the twelve phases and the next step."),
    "demo": ("Start", f"{HERE}.demo:demo", "Watch the whole life of a model on real data."),
    "approve": ("Decide", f"{HERE}.decide:approve", "Answer a phase with yes, and make its choice."),
    "reject": ("Decide", f"{HERE}.decide:reject", "Answer a phase with no, with a reason."),
    "request-changes": ("Decide", f"{HERE}.decide:request_changes", "Ask for changes to what a phase shows."),
    "amend": ("Decide", f"{HERE}.contract:amend", "Record a reasoned change of the frozen contract."),
    "promote": (
        "Decide",
        f"{HERE}.operate:promote",
        "Make a version the champion, when gates and people allow it.",
    ),
    "retire": ("Decide", f"{HERE}.record:retire", "Take a version out of use for good."),
    "waive": ("Decide", f"{HERE}.waivers:waive", "Let a finding that blocks stand until a day."),
    "approvals": (
        "Decide",
        f"{HERE}.approvals:approvals",
        "List, ask for, export, answer and import approvals.",
    ),
    "follow-up": (
        "Decide",
        f"{HERE}.waivers:follow_up",
        "Answer for what was let out by a broken glass.",
    ),
    "identity": (
        "Decide",
        f"{HERE}.identity:identity",
        "Make a key to sign with; enrol and revoke the keys of others.",
    ),
    "compact": (
        "Evidence",
        f"{HERE}.contract:compact",
        "Print the Iteration Compact, short enough for a pull request.",
    ),
    "report": ("Evidence", f"{HERE}.evidence:report", "Show a phase's page, or write the one-page summary."),
    "versions": ("Evidence", f"{HERE}.evidence:versions", "List model versions and their standing."),
    "waivers": ("Evidence", f"{HERE}.waivers:waivers", "List who let what stand, why, and until when."),
    "looks": ("Evidence", f"{HERE}.looks:looks", "List who asked the sealed labels, when, and for what."),
    "note": (
        "Evidence",
        f"{HERE}.record:note",
        "Put an argument, trade-off, debt or incident on the record.",
    ),
    "notes": ("Evidence", f"{HERE}.record:notes", "List what was noted."),
    "ledger": ("Evidence", f"{HERE}.ledger:ledger", "Show, verify, anchor, export or import the ledger."),
    "verify": ("Evidence", f"{HERE}.evidence:verify", "Walk the chain of evidence from bundle to contract."),
    "reproduce": (
        "Evidence",
        f"{HERE}.evidence:reproduce",
        "Retrain from the record and compare, bit by bit.",
    ),
    "review": ("Evidence", f"{HERE}.evidence:review", "Review Python files and notebooks for ML defects."),
    "lineage": (
        "Evidence",
        f"{HERE}.features:lineage",
        "Trace every matrix column back to columns of the sources.",
    ),
    "serve": ("Operate", f"{HERE}.operate:serve", "Serve the champion over HTTP on this machine."),
    "score": ("Operate", f"{HERE}.operate:score", "Score a table with the champion, resumable."),
    "rollout": ("Operate", f"{HERE}.rollout:rollout", "Start, watch, drill or take back a rollout."),
    "features": (
        "Operate",
        f"{HERE}.features:features",
        "Bring features to the online store, look up, check.",
    ),
    "labels": ("Operate", f"{HERE}.operate:labels", "Hand in labels that arrived late."),
    "monitor": ("Operate", f"{HERE}.operate:monitor", "Judge the last window: drift, quality, alerts."),
    "scorer": ("Tools", f"{HERE}.looks:scorer", "Run a scorer of sealed labels for other machines."),
    "schema": ("Tools", f"{HERE}.contract:schema", "Print the JSON Schema of contract.yaml."),
    "completion": ("Tools", f"{HERE}.completion:completion", "Print a shell completion script."),
}
"""Name to theme, place and help line."""
