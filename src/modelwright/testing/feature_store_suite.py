"""What every feature store promises, as checks that a new member runs against itself.

```python
@pytest.mark.parametrize("promise", FEATURE_STORE_PROMISES, ids=lambda promise: promise.__name__)
def test_my_store_keeps(promise, tmp_path):
    promise(lambda: MyStore(tmp_path / "features"))
```

Each check takes a function that opens the store: the first call an empty one, further calls the same.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from modelwright.features.store import Cell, FeatureStore, OnlineRow

__all__ = ["FEATURE_STORE_PROMISES", "OpenStore"]

OpenStore = Callable[[], FeatureStore]
"""Opens the store under test: the first call an empty one, further calls the same."""

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)
VALUES: dict[str, Cell] = {
    "number": 0.1,
    "tiny": 5e-324,
    "whole": 2**53 + 1,
    "negative": -0.0,
    "text": 'Grüße, 世界 "quoted"',
    "flag": True,
    "nothing": None,
}
SOME = 40
"""Rows written where one or two would not show a fault."""


def _expect(condition: bool, promise: str) -> None:  # noqa: FBT001 - reads as a sentence at the call
    if not condition:
        raise AssertionError(promise)


def _row(*entity: str, at: datetime = NOON, **values: Cell) -> OnlineRow:
    return OnlineRow(entity=entity, as_of=at, values=values)


def starts_empty(open_store: OpenStore) -> None:
    """A new store knows nobody and was never complete."""
    store = open_store()
    _expect(store.get("calls", ("a",)) is None, "nobody has a row")
    _expect(store.stamped("calls") is None, "no view is complete")


def gives_back_what_was_put(open_store: OpenStore) -> None:
    """Values, moments and keys come back as they went in, from this store and from one opened later."""
    row = OnlineRow(entity=("a",), as_of=NOON + timedelta(microseconds=1), values=VALUES, expires=NOON + HOUR)
    open_store().put("calls", [row])
    for found in (open_store().get("calls", ("a",)), open_store().get("calls", ("a",))):
        _expect(found == row, "a row reads back as it was put")
        _expect(found is not None and repr(found.values["negative"]) == "-0.0", "zeros keep their sign")
        _expect(found is not None and found.values["flag"] is True, "true stays true, not 1")


def tells_keys_and_views_apart(open_store: OpenStore) -> None:
    """Keys of several parts, of odd letters, and the same key of another view are different rows."""
    store = open_store()
    keys = (("a", "b"), ("a,b",), ('a","b',), ("b", "a"), ("",), (" a",), ("A",), ("ä", "\x00"), ("a" * 500,))
    store.put("calls", [_row(*key, place=place) for place, key in enumerate(keys)])
    store.put("visits", [_row(*keys[0], place=-1)])
    for place, key in enumerate(keys):
        found = store.get("calls", key)
        _expect(found is not None and found.values == {"place": place}, f"the row of {key!r} is its own")
    other = store.get("visits", keys[0])
    _expect(other is not None and other.values == {"place": -1}, "views do not share rows")


def never_goes_back(open_store: OpenStore) -> None:
    """A row as of an earlier moment replaces none of a later; the same moment replaces; so with stamps."""
    store = open_store()
    store.put("calls", [_row("a", at=NOON, n=1)])
    store.put("calls", [_row("a", at=NOON - HOUR, n=0)])
    first = store.get("calls", ("a",))
    _expect(first is not None and first.values == {"n": 1}, "an older row changes nothing")
    store.put("calls", [_row("a", at=NOON, n=2), _row("a", at=NOON + HOUR, n=3)])
    last = store.get("calls", ("a",))
    _expect(last is not None and last.values == {"n": 3}, "a later row replaces")
    for at in (NOON, NOON - HOUR, datetime(1960, 1, 1, tzinfo=UTC)):
        store.stamp("calls", at)
    _expect(store.stamped("calls") == NOON, "an earlier stamp changes nothing")
    store.stamp("old", datetime(1960, 1, 1, tzinfo=UTC))
    store.stamp("old", datetime(1961, 1, 1, tzinfo=UTC))
    _expect(store.stamped("old") == datetime(1961, 1, 1, tzinfo=UTC), "moments before 1970 are in order too")


def is_idempotent(open_store: OpenStore) -> None:
    """Putting the same rows again changes nothing."""
    rows = [_row(str(number), n=number) for number in range(SOME)]
    store = open_store()
    store.put("calls", rows)
    store.put("calls", rows)
    store.put("calls", [])
    found = [store.get("calls", row.entity) for row in rows]
    _expect(found == rows, "rows are as they were put once")


def takes_readers_and_writers_at_once(open_store: OpenStore) -> None:
    """Threads that put and get at once lose nothing and never see half a row."""
    store = open_store()

    def work(number: int) -> bool:
        store.put("calls", [_row("shared", at=NOON + number * HOUR, n=number, again=number)])
        store.put("calls", [_row(str(number), n=number)])
        found = store.get("calls", ("shared",))
        return found is not None and found.values["n"] == found.values["again"]

    with ThreadPoolExecutor(max_workers=4) as pool:
        whole = list(pool.map(work, range(SOME)))
    _expect(all(whole), "a row is read whole")
    last = store.get("calls", ("shared",))
    _expect(last is not None and last.values["n"] == SOME - 1, "the latest row stays")
    _expect(all(store.get("calls", (str(n),)) is not None for n in range(SOME)), "no row is lost")


FEATURE_STORE_PROMISES: tuple[Callable[[OpenStore], None], ...] = (
    starts_empty,
    gives_back_what_was_put,
    tells_keys_and_views_apart,
    never_goes_back,
    is_idempotent,
    takes_readers_and_writers_at_once,
)
"""Every promise; each call gets a store of its own."""
