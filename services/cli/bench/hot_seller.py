"""B13: whole lives of orders when nine in ten are one seller's, against orders that are spread over all sellers."""

from __future__ import annotations

from services.cli.bench.benchmark import Benchmark, Dots, Findings, Plan, Step
from services.cli.bench.ground import Ground
from services.cli.bench.life import Lives, evenly, nearly_all_of_one
from services.cli.bench.lifecycle import NOTE, lead
from services.cli.bench.rounds import Rate, ratio
from services.cli.bench.sides import Ours

FULL, QUICK = 2_000, 200
"""How many lives in a round."""
SIDES = {"one hot seller": nearly_all_of_one, "spread evenly": evenly}


def steps(plan: Plan) -> int:
    """Both ways in every round."""
    return plan.rounds * len(SIDES)


def measure(ground: Ground, plan: Plan, step: Step) -> Findings:
    """Lead lives both ways in every round, one after the other."""
    count = QUICK if plan.is_quick else FULL
    rates: dict[str, list[Rate]] = {side: [] for side in SIDES}
    for number in range(plan.rounds):
        for letter, (side, sellers) in zip("ab", SIDES.items(), strict=True):
            step(f"round {number + 1}: {side}")
            lives = Lives(f"{letter}{number}", count, sellers)
            rates[side].append(lead(ground, Ours(ground), lives).rate)
    hot, even = rates.values()
    return Findings(
        figures={"B13": {"": ratio(hot, even)}},
        pictures=[Dots.of_rates("Whole lives of orders, by whose they are", "lives/s", rates)],
        notes=[NOTE],
    )


BENCHMARK = Benchmark(steps=steps, measure=measure)
