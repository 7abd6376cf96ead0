"""Model cards: evidence alone, and what is not known is said."""

from tests.registry.bundles import Made

from modelwright.kernel.digest import digest_of, short
from modelwright.registry.card import model_card


def test_a_card_has_every_section(made):
    """Details, use, data, performance, limits, ethics."""
    text = made.card().to_markdown()
    for heading in (
        "Details",
        "Intended use",
        "Out of scope",
        "Training data",
        "Performance",
        "Limitations",
        "Ethics and fairness",
    ):
        assert f"## {heading}" in text


def test_a_number_on_the_card_names_its_source(made):
    """The digest of the report stands beside its numbers."""
    text = made.card().to_markdown()
    assert "0.410 [0.380, 0.450]" in text
    assert f"evaluation report {short(digest_of(made.report()))}" in text
    assert f"verdict {short(digest_of(made.verdict()))}" in text


def test_the_worst_slice_comes_first(made):
    """Lower is better here, so the highest loss is the worst."""
    text = made.card().to_markdown()
    assert text.index("region = south") < text.index("region = north")


def test_a_card_without_evidence_says_so(made):
    """Neither measured nor judged."""
    card = model_card(
        contract=made.contract, run=made.run, snapshot=made.snapshot, report=None, verdict=None, version="v0"
    )
    text = card.to_markdown()
    assert "It was not measured." in text
    assert "Gates: unknown" in text


def test_a_card_names_open_risks_and_personal_data(made):
    """What a stranger must know before using it."""
    text = made.card().to_markdown()
    assert "Open risk: region may stand for income" in text
    assert "client is direct personal data" in text
    assert "one season only" in text
    assert "confidence below 0.6 go to a person" in text


def test_a_card_of_a_bare_contract_leaves_nothing_blank(tmp_path):
    """Nothing agreed is said as such."""
    made = Made(tmp_path, horizon="before the call")
    bare = made.contract.model_copy(
        update={"evaluation": made.contract.evaluation.model_copy(update={"slices": ()})}
    )
    text = model_card(
        contract=bare, run=made.run, snapshot=made.snapshot, report=None, verdict=None, version="v0"
    ).to_markdown()
    assert "Horizon: before the call" in text
    assert "Quality was not compared between groups" in text
    assert "None is written down" in text
