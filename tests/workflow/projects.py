"""Small real projects for tests: a table with a leak, a drafted contract, a service in a scratch folder."""

import random
from pathlib import Path

import polars as pl

from modelwright.authority.actor import Actor, ActorKind
from modelwright.settings import read_settings
from modelwright.testing.people import MemoryKeys, signer_named
from modelwright.wiring import build_service

LEAD = Actor(kind=ActorKind.PERSON, name="lead", role="owner")
THIRD = Actor(kind=ActorKind.PERSON, name="third", role="reviewer")
SECOND = Actor(kind=ActorKind.PERSON, name="second", role="reviewer")
AGENT = Actor(kind=ActorKind.AGENT, name="coder")


def calls(rows=600, seed=5):
    """A table of calls: two honest signals, a category, and `seconds`, known only after the call."""
    draw = random.Random(seed)
    table = {"age": [], "visits": [], "job": [], "seconds": [], "bought": []}
    for _ in range(rows):
        age, visits = draw.randint(18, 80), draw.randint(0, 9)
        job = draw.choice(["clerk", "student", "retired"])
        chance = 0.08 + 0.07 * visits + (0.15 if job == "retired" else 0.0)
        bought = draw.random() < min(chance, 0.9)
        table["age"].append(age)
        table["visits"].append(visits if draw.random() > 0.05 else None)
        table["job"].append(job)
        table["seconds"].append(round(draw.gauss(400 if bought else 150, 60), 1))
        table["bought"].append("yes" if bought else "no")
    return pl.DataFrame(table)


def service_in(root: Path, *, actor=LEAD, signing=False):
    """The service of a project folder whose seal keys lie beside it, not in the user's home.

    A person who signs holds a key in memory, made from the name.
    """
    settings = read_settings(
        {
            "MODELWRIGHT_HOME": str(root.parent / "home"),
            "MODELWRIGHT_THREADS": "1",
            "HOME": str(root.parent),
            "PATH": "/usr/bin:/bin",
        }
    )
    keys = MemoryKeys(signer_named(actor.name, role=actor.role)) if signing else None
    return build_service(root, settings, actor=actor, keys=keys)


def drafted(root: Path, *, table=None, mode="quick", **answers):
    """A project with a drafted contract over a small table."""
    root.mkdir(parents=True, exist_ok=True)
    (calls() if table is None else table).write_parquet(root / "calls.parquet")
    service = service_in(root)
    given = {"goal": "Call the clients first who are likely to buy", "owner": "campaign lead", **answers}
    service.init("calls", data=root / "calls.parquet", target="bought", mode=mode, answers=given)
    patient(service)
    return service


def patient(service):
    """Widen two gates: the machine may be busy with other tests, and 120 rows are few for a second look."""
    contract = service.ports.project.contract_file
    text = contract.read_text().replace("p95_latency <= 150ms", "p95_latency <= 20000ms")
    contract.write_text(text.replace("calibration_error > 0.2", "calibration_error > 0.3"))


def flats(rows=400, seed=9):
    """A table of flats: the rent follows the area and the district."""
    draw = random.Random(seed)
    rooms = [draw.randint(1, 6) for _ in range(rows)]
    area = [round(20 * count + draw.gauss(15, 8), 1) for count in rooms]
    district = [draw.choice(["north", "south", "west"]) for _ in range(rows)]
    rent = [
        round(200 + 9 * size + (150 if place == "south" else 0) + draw.gauss(0, 40), 2)
        for size, place in zip(area, district, strict=True)
    ]
    return pl.DataFrame({"rooms": rooms, "area": area, "district": district, "rent": rent})


def rents(root: Path, *, mode="enterprise"):
    """A project with a drafted contract over the flats, opened by the lead."""
    root.mkdir(parents=True, exist_ok=True)
    flats().write_parquet(root / "flats.parquet")
    service = service_in(root)
    given = {"goal": "Tell tenants a fair rent", "owner": "letting office"}
    service.init("flats", data=root / "flats.parquet", target="rent", mode=mode, answers=given)
    patient(service)
    return service
