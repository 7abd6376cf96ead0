"""NEAR-TEXT: held-out texts that are training texts in nearly the same words."""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
import polars as pl

from modelwright.kernel.finding import Severity
from modelwright.risk.check import Category, Risk, RiskView, raised

__all__ = ["NearTextCheck", "near_texts"]

SPOKEN = 4.0
"""Words a value has on average from which a column holds text."""

SHINGLE = 2
"""Words of a shingle: short, for messages are short."""

BANDS, DEPTH = 16, 2
"""Bands of minimal hashes: texts that share 60 % of their shingles meet with a chance of 99.9 %."""

ALIKE = 0.6
"""Share of all shingles of two texts that both have, from which they are near duplicates."""

LEAST = 4
"""Shingles a text needs: greetings are alike by chance."""

MOST_ROWS = 60_000
"""Texts of a part that are compared; more are thinned evenly."""

MANY, GRAVE = 0.02, 0.2
"""Share of test texts with a twin in training that flatters a score, and that makes it memory."""

Hashes = npt.NDArray[np.uint64]


class NearTextCheck:
    """Finds test texts whose shingles (runs of words) are nearly those of a training text.

    Resemblance is the share of shingles in common, found by minimal hashes (Broder 1997, "On the resemblance
    and containment of documents"); case, digits and signs do not count. Equal rows are CONTAMINATION's, equal
    texts in rows that differ elsewhere are counted here.

    Examples:
        >>> NearTextCheck().code
        'NEAR-TEXT'
    """

    code = "NEAR-TEXT"
    category: Category = "data leakage"

    def run(self, view: RiskView) -> Iterator[Risk]:
        """Yield one risk a column of text."""
        for name in view.usable:
            if view.train[name].dtype != pl.String or not _spoken(view.train[name]):
                continue
            twins = near_texts(view.train[name], view.test[name])
            share = twins / max(view.test.height, 1)
            if twins < 3 or share < 0.005:
                continue
            yield raised(
                self,
                title=f"{twins:,} test texts of {name} are training texts in nearly the same words",
                severity=Severity.HIGH
                if share >= GRAVE
                else Severity.MEDIUM
                if share >= MANY
                else Severity.LOW,
                confidence=90,
                subject=name,
                evidence=(
                    (
                        f"{twins:,} of {view.test.height:,} test texts ({share:.1%}) share {ALIKE:.0%} or "
                        "more of their "
                        "word pairs with a training text"
                    ),
                ),
                why="A copied text is recognised, not understood: the score says nothing about new texts.",
                fix="Drop near-duplicates before the split, or group texts by their template and split "
                "by group.",
                question=f"Do texts of {name} come from templates or copies, and will new ones too?",
                columns=(name,),
            )


def _spoken(column: pl.Series) -> bool:
    mean = column.head(2_000).drop_nulls().str.count_matches(r"\S+").mean()
    return isinstance(mean, float) and mean >= SPOKEN


def near_texts(train: pl.Series, test: pl.Series) -> int:
    """Count the test texts that have a near duplicate among the training texts.

    Examples:
        >>> told = pl.Series(["call now to win a free prize of 900 pounds", "see you at the station at six"])
        >>> near_texts(
        ...     told, pl.Series(["CALL NOW to win a free prize of 500 pounds!", "what a fine day this was"])
        ... )
        1
    """
    first = _shingles(train.gather_every(max(1, -(-len(train) // MOST_ROWS))))
    second = _shingles(test.gather_every(max(1, -(-len(test) // MOST_ROWS))))
    if not first[0].size or not second[0].size:
        return 0
    mine, other = _minimal(*first), _minimal(*second)
    found: set[int] = set()
    for band in range(BANDS):
        keys, place = np.unique(_key(mine, band), return_index=True)
        wanted = _key(other, band)
        near = np.minimum(np.searchsorted(keys, wanted), keys.size - 1)
        for row in np.flatnonzero(keys[near] == wanted):
            if (
                int(row) not in found
                and _resemblance(first, int(place[near[row]]), second, int(row)) >= ALIKE
            ):
                found.add(int(row))
    return len(found)


def _shingles(texts: pl.Series) -> tuple[Hashes, npt.NDArray[np.int64]]:
    """Return the hashes of all shingles, text after text, and where each text with enough of them starts."""
    bare = (
        texts.fill_null("")
        .str.to_lowercase()
        .str.replace_all(r"[\d]+", "0")
        .str.replace_all(r"[^\p{L}0]+", " ")
    )
    words = bare.str.strip_chars().str.split(" ")
    frame = pl.DataFrame({"row": np.arange(len(texts)), "word": words}).explode("word", empty_as_null=True)
    hashed = frame["word"].hash(seed=11).to_numpy()
    row = frame["row"].to_numpy()
    mixed, kept = hashed.copy(), np.ones(row.size, dtype=bool)
    with np.errstate(over="ignore"):
        for step in range(1, SHINGLE):
            mixed[:-step] = mixed[:-step] * np.uint64(0x9E3779B97F4A7C15) ^ hashed[step:]
            kept[-step:] = False
            kept[:-step] &= row[step:] == row[:-step]
    pairs = (
        pl.DataFrame({"row": row[kept], "hash": mixed[kept]}).unique(maintain_order=False).sort("row", "hash")
    )
    counts = pairs.group_by("row", maintain_order=True).len()
    long = pairs.join(counts.filter(pl.col("len") >= LEAST), on="row", how="semi", maintain_order="left")
    sizes = long.group_by("row", maintain_order=True).len()["len"].to_numpy().astype(np.int64)
    return long["hash"].to_numpy(), np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)


def _minimal(hashes: Hashes, starts: npt.NDArray[np.int64]) -> Hashes:
    """Return the least hash of each text under each of the hash functions."""
    factors = np.random.PCG64(5).random_raw(BANDS * DEPTH) | np.uint64(1)
    least = np.empty((starts.size - 1, factors.size), dtype=np.uint64)
    with np.errstate(over="ignore"):
        for place, factor in enumerate(factors):
            turned = hashes * factor
            turned ^= turned >> np.uint64(31)
            least[:, place] = np.minimum.reduceat(turned * factor, starts[:-1])
    return least


def _key(least: Hashes, band: int) -> Hashes:
    key = np.zeros(least.shape[0], dtype=np.uint64)
    with np.errstate(over="ignore"):
        for place in range(band * DEPTH, (band + 1) * DEPTH):
            key = key * np.uint64(0x9E3779B97F4A7C15) ^ least[:, place]
    return key


def _resemblance(
    first: tuple[Hashes, npt.NDArray[np.int64]],
    mine: int,
    second: tuple[Hashes, npt.NDArray[np.int64]],
    other: int,
) -> float:
    one = first[0][first[1][mine] : first[1][mine + 1]]
    two = second[0][second[1][other] : second[1][other + 1]]
    shared = np.intersect1d(one, two, assume_unique=True).size
    return float(shared / (one.size + two.size - shared))
