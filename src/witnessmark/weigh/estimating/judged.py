"""Whether an estimate may be printed: when the methods, the chains and the lists allow it, and why not else.

A refusal concerns the headline. What each method found stays to be seen, with how it failed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import combinations

from witnessmark.weigh.estimating.checks import Fits
from witnessmark.weigh.estimating.numbers import Estimate, Interval

LEAST_LISTS = 3
FACTOR = 1.5
"""How far the medians of two methods may be apart where neither interval holds the other's median."""

AT_CAP = 0.02
"""How much of the draws may lie within a tenth of where the prior cuts off."""


def too_few(lists: int, set_aside: Sequence[str]) -> str | None:
    """Why there are not enough lists."""
    if lists >= LEAST_LISTS:
        return None
    aside = f" ({'; '.join(set_aside)})" if set_aside else ""
    return (
        f"there are {lists} usable lists{aside}, and fewer than {LEAST_LISTS} cannot show whether lists"
        " depend on each other; another list from a source of its own would help"
    )


def disagreements(methods: Sequence[Estimate], factor: float = FACTOR) -> list[str]:
    """Which methods contradict each other."""
    told = []
    for one, other in combinations([method for method in methods if method.failed is None], 2):
        low, high = sorted([one.median, other.median])
        if high > factor * low and not (one.widest.holds(other.median) or other.widest.holds(one.median)):
            told.append(
                f"{one.method} says {one.median:,.0f} and {other.method} {other.median:,.0f}, more than"
                f" {factor:g} times apart, and neither interval holds the other; a further list, or strata"
                " within which people are more alike, would help"
            )
    return told


def apart(methods: Sequence[Estimate], factor: float = FACTOR) -> list[str]:
    """Which methods are far apart, yet wide enough that they do not contradict each other."""
    told = []
    for one, other in combinations([method for method in methods if method.failed is None], 2):
        low, high = sorted([one.median, other.median])
        if high > factor * low and (one.widest.holds(other.median) or other.widest.holds(one.median)):
            told.append(
                f"{one.method} says {one.median:,.0f} and {other.method} {other.median:,.0f}, more than"
                f" {factor:g} times apart; that they do not contradict each other is because the interval of"
                " one is so wide"
            )
    return told


def of_chains(latent: Estimate, fits: Fits | None) -> list[str]:
    """What speaks against the latent-class estimate by itself."""
    told = [] if latent.failed is None else [f"{latent.method}: {latent.failed}; a further list would help"]
    if fits is not None and not fits.holds:
        told.append(
            "the latent-class model does not describe the table: tables drawn from it differ from the real"
            " one (see fit); lists that depend on each other in pairs, or wrong links, may be why"
        )
    at_cap = latent.measures.get("at_cap")
    if isinstance(at_cap, float) and at_cap > AT_CAP:
        told.append(
            f"{latent.method}: {at_cap:.0%} of the draws lie close to the cap of the prior, so the prior and"
            " not the lists decides the upper end; a further list would help"
        )
    return told


def widened(main: Estimate, hard: Estimate) -> Estimate:
    """The main estimate with intervals that hold those of both priors: the lists cannot choose."""
    return replace(
        main,
        intervals=tuple(
            Interval(one.level, min(one.low, other.low), max(one.high, other.high))
            for one, other in zip(main.intervals, hard.intervals, strict=True)
        ),
        assumes=f"{main.assumes}; intervals hold those of two priors, one with kinds that are hard to reach",
    )


def moved(
    main: Estimate, others: Sequence[Mapping[str, object]], how: str, key: str, factor: float = FACTOR
) -> list[str]:
    """What changes the estimate by more than the factor."""
    told = []
    for other in others:
        median = other.get("median")
        if isinstance(median, float) and not main.median / factor <= median <= main.median * factor:
            told.append(
                f"{how} {_said(other[key])} the estimate is {median:,.0f} instead of {main.median:,.0f}"
            )
    return told


def _said(changed: object) -> str:
    if isinstance(changed, Mapping):
        return ", ".join(f"{name} = {number:g}" for name, number in changed.items())
    return str(changed)
