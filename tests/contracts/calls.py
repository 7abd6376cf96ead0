"""A contract that is in order, as text: the tests spoil one thing at a time."""

CALLS = """\
contract: 1
name: calls
mode: quick
decision:
  goal: Call the clients who are likely to subscribe first
  owner: campaign lead
  action: order of the call list
  success_metric: {name: subscriptions per call, target: ">= 130"}
  mistakes: {wrong_yes: 1, wrong_no: 8, unit: EUR}
prediction:
  task: binary
  target: y
  positive: yes
  privacy:
    logged_fields: [age]
data:
  sources:
    - {path: data/calls.csv}
  split: {policy: stratified}
  columns:
    y: {type: category, role: target, categories: [no, yes]}
    age: {type: integer, range: [18, 100]}
    job: {type: category, missing_codes: [unknown, 999]}
    phone: {type: text, role: context, pii: direct}
    duration: {type: number, role: excluded, reason: known only after the call}
evaluation:
  primary: roc_auc
  secondary: [log_loss]
  slices: [job]
gates:
  lines:
    - roc_auc >= 0.75
    - expected_cost < baseline
    - "slice(job): recall >= 0.5"
    - p95_latency <= 80ms
  do_not_ship:
    - calibration_error > 0.1
"""


def spoiled(*changes: tuple[str, str]) -> str:
    """The contract with some of its lines written otherwise."""
    text = CALLS
    for before, after in changes:
        assert before in text, before
        text = text.replace(before, after, 1)
    return text
