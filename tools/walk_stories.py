"""Stories of the acceptance walks: what a person knows about a table, and the traps that lie in it."""

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["STORIES", "Decision", "Story", "Trap"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Trap:
    """A known trap of a table, and where it has to be told of."""

    what: str
    """The trap, in words."""
    told: tuple[str, ...]
    """Patterns of evidence lines, any of which counts: `risk ID*`, `draft *`, `asked KEY*`, `contract *`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What the person of the story says to risks whose id fits a pattern."""

    risks: str
    """The pattern, such as `TEMPORAL-ORDER:*`."""
    action: str
    """`accept` or `modify`."""
    reason: str
    """Why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """One table, its person and its traps."""

    target: str
    """The column to predict."""
    answers: Mapping[str, str]
    """Answers to what the data cannot tell."""
    traps: tuple[Trap, ...]
    """What is known to be wrong with it."""
    decisions: tuple[Decision, ...] = ()
    """What is said to single risks; the others are answered as proposed."""
    design: str = ""
    """The design that is chosen; the recommended one when empty."""


STORIES: Mapping[str, Story] = {
    "telco_churn": Story(
        target="churn",
        answers={
            "goal": "Offer a better plan to the customers most likely to leave",
            "owner": "retention lead",
            "wrong_yes": "10",
            "wrong_no": "60",
        },
        traps=(
            Trap(what="total_charges is text with 11 blanks", told=("draft total_charges: text read as *",)),
            Trap(what="the blanks are missing values", told=("risk MISSING:total_charges*",)),
            Trap(
                what="customer_id is unique",
                told=("risk IDENTIFIER:customer_id*", "draft customer_id: entity*"),
            ),
        ),
    ),
    "adult_income": Story(
        target="income",
        answers={"goal": "Offer the premium account to those who can use it", "owner": "account lead"},
        traps=(
            Trap(
                what="four raw classes for two",
                told=("asked target_variants*", "risk TARGET-LABELS:income*"),
            ),
            Trap(
                what="labels that end with a dot are read as those without",
                told=("draft income: '>50K.' means '>50K'",),
            ),
            Trap(what="fnlwgt is a sampling weight", told=("draft fnlwgt: *", "risk WEIGHT-LIKE:fnlwgt*")),
            Trap(what="education duplicates education_num", told=("risk REDUNDANT:education*",)),
            Trap(what="sex is sensitive", told=("risk SENSITIVE:sex*",)),
            Trap(what="race is sensitive", told=("risk SENSITIVE:race*",)),
            Trap(
                what="origin_split has to go", told=("draft origin_split: excluded*", "risk *:origin_split*")
            ),
            Trap(what="duplicate rows", told=("risk DUPLICATE:*",)),
        ),
    ),
    "california_housing": Story(
        target="median_house_value",
        answers={"goal": "Value districts before anybody drives there", "owner": "valuation lead"},
        decisions=(
            Decision(risks="TEMPORAL-ORDER:*", action="accept", reason="rows lie in the order of places"),
        ),
        traps=(
            Trap(what="target capped at 500001", told=("risk CAPPED-TARGET:median_house_value*",)),
            Trap(what="total_bedrooms: 207 missing", told=("risk MISSING:total_bedrooms*",)),
            Trap(what="spatial neighbours leak", told=("risk SPATIAL:*",)),
        ),
    ),
    "wine_quality": Story(
        target="quality",
        answers={"goal": "Taste first the wines most likely to grade high", "owner": "cellar lead"},
        traps=(
            Trap(what="1177 exact duplicates", told=("asked duplicates: 1,177 rows*",)),
            Trap(
                what="duplicates straddle a random split",
                told=("draft 1,177 rows equal*'drop'*", "risk CONTAMINATION:*"),
            ),
            Trap(what="rare classes 3 and 9", told=("risk RARE-CLASS:quality*",)),
            Trap(what="ordinal, regression or classes", told=("asked task*",)),
        ),
    ),
    "diamonds": Story(
        target="price",
        answers={"goal": "Quote a price before the appraiser has time", "owner": "purchasing lead"},
        decisions=(
            Decision(risks="TEMPORAL-ORDER:*", action="accept", reason="rows were sorted by price, not time"),
        ),
        traps=(
            Trap(what="x = 0 is missing", told=("draft x: 0 means missing", "risk MISSING-CODE:x*")),
            Trap(what="y = 0 is missing", told=("draft y: 0 means missing", "risk MISSING-CODE:y*")),
            Trap(what="z = 0 is missing", told=("draft z: 0 means missing", "risk MISSING-CODE:z*")),
            Trap(what="duplicates", told=("risk DUPLICATE:*",)),
            Trap(
                what="ordered categories cut, color, clarity",
                told=("risk ORDERED-CATEGORY:*cut, color, clarity*",),
            ),
            Trap(what="log-normal target", told=("risk SKEWED-TARGET:price*",)),
        ),
    ),
    "german_credit": Story(
        target="credit_risk",
        answers={
            "goal": "Decline the loans that are likely to fail",
            "owner": "credit lead",
            "positive": "2",
            "wrong_yes": "1",
            "wrong_no": "5",
        },
        traps=(
            Trap(what="coded categories (A11..)", told=("risk CODED-VALUES:categories*",)),
            Trap(what="1 is good and 2 is bad", told=("asked positive*", "risk CODED-VALUES:credit_risk*")),
            Trap(what="a bad risk taken for good costs five times as much", told=("asked wrong_no*",)),
            Trap(what="sex is sensitive", told=("risk SENSITIVE:personal_status_sex*",)),
            Trap(what="foreign_worker is sensitive", told=("risk SENSITIVE:foreign_worker*",)),
        ),
    ),
    "bank_marketing": Story(
        target="y",
        answers={
            "goal": "Call the clients first who are most likely to subscribe",
            "owner": "campaign lead",
            "wrong_yes": "2",
            "wrong_no": "40",
        },
        decisions=(
            Decision(
                risks="LEAK-TIMING:duration", action="modify", reason="known only after the call has ended"
            ),
            Decision(
                risks="TEMPORAL-ORDER:*",
                action="accept",
                reason="it ranks clients inside one campaign; a later campaign gets a model of its own",
            ),
        ),
        traps=(
            Trap(what="duration leaks", told=("risk LEAK-TIMING:duration*",)),
            Trap(what="row order is time", told=("risk TEMPORAL-ORDER:*", "asked row_order*")),
            Trap(what="pdays 999 means never", told=("draft pdays: 999 means missing",)),
            Trap(what="'unknown' is missing", told=("draft job: unknown means missing",)),
            Trap(what="euribor3m is a time proxy", told=("risk TIME-PROXY:*euribor3m*",)),
            Trap(what="nr_employed is a time proxy", told=("risk TIME-PROXY:*nr_employed*",)),
        ),
    ),
    "bike_sharing_hourly": Story(
        target="cnt",
        answers={
            "goal": "Have enough bikes at the stations in the coming hour",
            "owner": "fleet lead",
            "wrong_yes": "1",
            "wrong_no": "3",
        },
        traps=(
            Trap(what="casual + registered = cnt", told=("risk TARGET-SUM:casual+registered*",)),
            Trap(
                what="instant is the row number",
                told=("draft instant: *", "risk ROW-NUMBER:instant*", "risk EXCLUDED-COLUMN:instant*"),
            ),
            Trap(what="temporal split", told=("contract split: temporal*",)),
            Trap(what="strong growth", told=("risk SHIFT:cnt*", "risk TEMPORAL-ORDER:*")),
        ),
    ),
    "letter_recognition": Story(
        target="lettr",
        answers={"goal": "Read hand-set letters without a person", "owner": "archive lead"},
        traps=(Trap(what="repeated rows", told=("asked duplicates: 1,332 rows*",)),),
    ),
    "titanic": Story(
        target="survived",
        answers={"goal": "Show who was rescued first", "owner": "museum lead"},
        traps=(
            Trap(what="alive is the target", told=("risk TARGET-COPY:alive*",)),
            Trap(what="class repeats pclass", told=("risk REDUNDANT:class*",)),
            Trap(what="embark_town repeats embarked", told=("risk REDUNDANT:embark_town*",)),
            Trap(what="who is derived", told=("risk REDUNDANT:who*", "risk REDUNDANT:adult_male*who*")),
            Trap(what="adult_male is derived", told=("risk REDUNDANT:adult_male*",)),
            Trap(what="alone is derived", told=("risk REDUNDANT:alone*",)),
            Trap(what="deck is mostly missing", told=("risk MISSING:deck*",)),
        ),
    ),
}
"""The walked tables, by the name of their file."""
