"""Looks under the null: chance passes as seldom as promised, and far oftener without the sealed scorer."""

from tools.simulations import ALPHA, simulate


def test_a_useless_model_passes_no_oftener_than_promised_however_its_maker_looks():
    """And without what the sealed scorer does, its maker gets through nearly always."""
    found = simulate(draws=1200, rows=300, looks=(1, 2, 5, 12), seed=7)
    error = found.error(ALPHA)
    assert all(rate <= ALPHA + 3 * error for rate in found.rates["sealed scorer"])
    assert found.rates["exact numbers"][3] > 0.5
    assert found.rates["whole reports"][1] > 0.5
    assert found.rates["budget alone"][3] > 4 * ALPHA
