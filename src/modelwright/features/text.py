"""Text: words and pairs of words, counted in buckets or weighed by how rare they are."""

import math
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise

__all__ = ["document_frequencies", "hashed", "terms", "weighed"]

WORD = re.compile(r"\w{2,}")
"""A word: two letters or digits at least."""


def terms(text: str) -> list[str]:
    """Return the words of a text, in lower case, and the pairs of neighbours.

    Examples:
        >>> terms("Call me back")
        ['call', 'me', 'back', 'call me', 'me back']
    """
    words = WORD.findall(text.casefold())
    return words + [f"{one} {other}" for one, other in pairwise(words)]


def hashed(text: str, size: int) -> tuple[float, ...]:
    """Count terms in buckets of a stable hash (Weinberger et al., ICML 2009, without signs).

    Examples:
        >>> sum(hashed("call me back", 8))
        5.0
    """
    counts = [0.0] * size
    for term in terms(text):
        counts[zlib.crc32(term.encode("utf-8", "replace")) % size] += 1.0
    return tuple(counts)


def document_frequencies(texts: Iterable[tuple[str, int]]) -> dict[str, int]:
    """Return in how many texts each term stands; texts come with how often they do.

    Examples:
        >>> document_frequencies([("a call", 2), ("call back", 1)])["call"]
        3
    """
    found: Counter[str] = Counter()
    for text, count in texts:
        for term in set(terms(text)):
            found[term] += count
    return dict(found)


def weighed(text: str, vocabulary: dict[str, int], weights: Sequence[float]) -> tuple[float, ...]:
    """Return counts of known terms times their weights, scaled to length one (tf-idf, Salton & Buckley 1988).

    Examples:
        >>> weighed("call call", {"call": 0, "back": 1}, (2.0, 3.0))
        (1.0, 0.0)
    """
    made = [0.0] * len(weights)
    for term in terms(text):
        place = vocabulary.get(term)
        if place is not None:
            made[place] += weights[place]
    length = math.sqrt(math.fsum(value * value for value in made))
    return tuple(value / length for value in made) if length else tuple(made)
