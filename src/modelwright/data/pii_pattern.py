"""Patterns of personal data: words of column names, and shapes of values."""

from collections.abc import Mapping
from typing import Literal

__all__ = [
    "GIVEN_NAMES",
    "INSIDE",
    "NAME_HINTS",
    "NAME_PHRASES",
    "SENSITIVE_WORDS",
    "WHOLE",
    "PiiKind",
]

PiiKind = Literal[
    "e-mail",
    "phone",
    "name",
    "address",
    "national id",
    "bank account",
    "card number",
    "ip address",
    "secret",
    "birth date",
    "post code",
    "sensitive",
]
"""What kind of personal data a column seems to hold."""

SENSITIVE_WORDS = frozenset(
    [
        "sex",
        "gender",
        "race",
        "racial",
        "ethnic",
        "ethnicity",
        "religion",
        "nationality",
        "foreign",
        "foreigner",
        "disability",
        "disabled",
        "orientation",
        "caste",
        "pregnant",
        "pregnancy",
    ]
)
NAME_HINTS: Mapping[PiiKind, frozenset[str]] = {
    "e-mail": frozenset({"email", "mail"}),
    "phone": frozenset({"phone", "telephone", "mobile", "fax", "msisdn", "cellphone"}),
    "national id": frozenset({"ssn", "passport", "nino", "taxid"}),
    "bank account": frozenset({"iban"}),
    "card number": frozenset({"pan", "creditcard"}),
    "name": frozenset({"surname", "firstname", "lastname", "forename", "fullname"}),
    "address": frozenset({"address", "street"}),
    "secret": frozenset({"password", "passwd", "secret", "token", "apikey"}),
    "birth date": frozenset({"dob", "birthday", "birthdate", "birth"}),
    "post code": frozenset({"postcode", "zipcode", "zip", "postal"}),
}
"""Words of a column name that say what it holds."""
NAME_PHRASES: Mapping[str, PiiKind] = {
    "name": "name",
    "first_name": "name",
    "last_name": "name",
    "full_name": "name",
    "customer_name": "name",
    "patient_name": "name",
    "client_name": "name",
    "card_number": "card number",
    "telephone_number": "phone",
    "api_key": "secret",
    "tax_id": "national id",
    "national_id": "national id",
}
"""Whole column names that say what it holds."""
GIVEN_NAMES = frozenset(
    [
        "james",
        "john",
        "robert",
        "michael",
        "william",
        "david",
        "richard",
        "joseph",
        "thomas",
        "charles",
        "mary",
        "patricia",
        "jennifer",
        "linda",
        "elizabeth",
        "barbara",
        "susan",
        "jessica",
        "sarah",
        "karen",
        "anna",
        "maria",
        "emma",
        "laura",
        "lisa",
        "julia",
        "peter",
        "paul",
        "martin",
        "andreas",
        "stefan",
        "christian",
        "daniel",
        "markus",
        "thomas",
        "hans",
        "klaus",
        "jan",
        "pierre",
        "jean",
        "marie",
        "claire",
        "sophie",
        "luca",
        "marco",
        "giulia",
        "carlos",
        "juan",
        "jose",
        "luis",
        "ana",
        "carmen",
        "sofia",
        "ivan",
        "olga",
        "elena",
        "natalia",
        "mohammed",
        "ahmed",
        "ali",
        "fatima",
        "aisha",
        "omar",
        "wei",
        "li",
        "ming",
        "yuki",
        "hiroshi",
        "kenji",
        "priya",
        "raj",
        "anita",
        "sanjay",
        "chen",
        "george",
        "henry",
        "edward",
        "margaret",
        "alice",
        "helen",
        "ruth",
        "frank",
        "walter",
        "arthur",
        "harold",
        "florence",
        "ellen",
    ]
)
"""Common given names, to tell names of persons from other words with a capital."""

WHOLE: Mapping[PiiKind, str] = {
    "e-mail": r"^[^@\s]+@[^@\s]+\.[A-Za-z]{2,}$",
    "national id": r"^(?:[0-8][0-9]{2}-[0-9]{2}-[0-9]{4}|[A-CEGHJ-PR-TW-Z]{2} ?(?:[0-9]{2} ?){3}[A-D])$",
    "phone": r"^(?:\+[0-9][0-9 ().\-/]{6,18}[0-9]|\(?0?[0-9]{2,5}\)?[ ./\-][0-9]{2,5}[ .\-][0-9]{3,5})$",
    "bank account": r"^[A-Z]{2}[0-9]{2} ?(?:[A-Z0-9]{4} ?){2,7}[A-Z0-9]{0,4}$",
    "card number": r"^[3-6][0-9]{3}[ -]?(?:[0-9]{4}[ -]?){2}[0-9]{1,7}$",
    "ip address": r"^(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])$",
    "address": (
        r"^(?:[0-9]+[a-z]? (?:\p{Lu}[\p{L}.'’-]+ ?){2,5}"
        r"|\p{Lu}[\p{L}.'’ -]+(?i:str|straße|strasse|weg|gasse|platz)\.? [0-9]+[a-z]?)$"
    ),
    "name": (
        r"^\p{Lu}[\p{L}'’-]+(?: \p{Lu}\.?)?(?: (?:van|von|de|der|da|di|la|le|el|bin|al))*"
        r"(?: \p{Lu}[\p{L}'’-]+){1,2}$"
    ),
}
"""What a whole value looks like."""
INSIDE: Mapping[PiiKind, str] = {
    "secret": (
        r"AKIA[0-9A-Z]{16}|gh[pousr]_[A-Za-z0-9]{30,}|xox[baprs]-[A-Za-z0-9-]{10,}|sk_live_[A-Za-z0-9]{16,}"
        r"|eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}|-----BEGIN [A-Z ]*PRIVATE KEY-----"
        r"|[a-z][a-z0-9+.-]*://[^\s:/@]+:[^\s:/@]+@"
    ),
    "e-mail": r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}",
    "bank account": r"\b[A-Z]{2}[0-9]{2} ?(?:[A-Z0-9]{4} ?){3,7}[A-Z0-9]{1,4}\b",
    "card number": r"\b[3-6][0-9]{3}[ -]?(?:[0-9]{4}[ -]?){2}[0-9]{1,7}\b",
    "phone": r"\+[0-9][0-9 ().\-/]{7,18}[0-9]\b",
}
"""What stands within a longer text."""
