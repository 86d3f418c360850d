"""Orders to begin a search with."""

from __future__ import annotations

from tests.support.scenarios.cast import Purchase, purchases
from tests.support.scenarios.marketplaces import POLICIES
from tests.support.scenarios.reading import Expectation, Options, Scenario


def bare(options: Options, policy: str = POLICIES[0]) -> Purchase:
    """Make an order with the scenarios' defaults."""
    scenario = Scenario("explored", "", (), {"order": options}, {}, (), Expectation(), {})
    return purchases(scenario, policy)["order"]
