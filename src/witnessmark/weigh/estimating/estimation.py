"""How many in all? Every method, what speaks against each, and a headline only if nothing does."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from witnessmark.errors import UsageError
from witnessmark.weigh.estimating import decomposable, judged, kinds, latent, resampled, two_lists
from witnessmark.weigh.estimating.chains import Prior
from witnessmark.weigh.estimating.checks import Fits, fits
from witnessmark.weigh.estimating.latent import QUICK, Effort, Told, quiet
from witnessmark.weigh.estimating.numbers import Estimate, intervals_of, rounded
from witnessmark.weigh.estimating.tables import Table, usable

PRIORS: tuple[Mapping[str, float], ...] = (
    {"classes": 5},
    {"classes": 20},
    {"a": 1.0, "b": 1.0},
    {"a": 0.05, "b": 0.05},
    {"cap": 5.0},
    {"cap": 100.0},
)
"""What is changed in the prior, one thing at a time, to see whether the estimate rests on it."""


_NUMBERS = re.compile(r"\d[\d,.]*")


@dataclass(frozen=True, slots=True)
class Settings:
    """How to estimate; equal settings on equal tables give equal numbers."""

    prior: Prior = field(default_factory=Prior)
    effort: Effort = field(default_factory=Effort)
    seed: int = 1
    resamples: int = 1000
    factor: float = judged.FACTOR
    beside: bool = True
    """Whether leave-one-out and the sensitivities are worked out, too."""


@dataclass(frozen=True, slots=True)
class Estimation:
    """Everything that is said about one table (or several draws of its linkage)."""

    observed: int
    lists: tuple[str, ...]
    reasons: tuple[str, ...]
    warnings: tuple[str, ...]
    headline: Estimate | None
    methods: tuple[Estimate, ...]
    fit: Fits | None
    leave_one_out: tuple[Mapping[str, object], ...] = ()
    prior_sensitivity: tuple[Mapping[str, object], ...] = ()
    odds_ratio_sensitivity: tuple[Mapping[str, object], ...] = ()
    descriptions: tuple[Mapping[str, object], ...] = ()
    linkage_draws: int = 1

    def facts(self) -> dict[str, object]:
        """The one object that is written."""
        keys = ("method", "median", "mean", "intervals", "assumes")
        headline = self.headline.facts() if self.headline else None
        return {
            "observed": self.observed,
            "lists": list(self.lists),
            "refused": self.headline is None,
            "reasons": list(self.reasons),
            "warnings": list(self.warnings),
            "headline": {key: headline[key] for key in keys} if headline else None,
            "methods": [method.facts() for method in self.methods],
            "fit": self.fit.facts() if self.fit else None,
            "leave_one_out": list(self.leave_one_out),
            "prior_sensitivity": list(self.prior_sensitivity),
            "odds_ratio_sensitivity": list(self.odds_ratio_sensitivity),
            "descriptions": list(self.descriptions),
            "linkage_draws": self.linkage_draws,
        }


def estimation(table: Table, settings: Settings, told: Told = quiet) -> Estimation:
    """What one table says; `told` hears how far the work is."""
    found = usable(table)
    lists = len(found.table.lists)
    refusal = judged.too_few(lists, found.set_aside)
    warnings = list(found.set_aside)
    if refusal is not None:
        chapman = two_lists.estimate(found.table)
        odds = two_lists.sensitivity(found.table) if lists == 2 else []
        return Estimation(
            table.seen,
            table.lists,
            (refusal,),
            tuple(warnings),
            None,
            (chapman,) if chapman else (),
            None,
            odds_ratio_sensitivity=tuple(odds),
        )
    draws = latent.posterior(found.table, settings.prior, settings.effort, seed=settings.seed, told=told)
    main = latent.estimate(draws, settings.prior)
    fit = fits(found.table, draws, seed=settings.seed)
    others = (
        resampled.estimate(found.table, resamples=settings.resamples, seed=settings.seed),
        decomposable.estimate(found.table, cap=settings.prior.cap),
    )
    hard = _hard(found.table, settings, told)
    methods = (main, hard, *(one for one in others if one is not None))
    reasons = [
        *judged.of_chains(main, fit),
        *judged.of_chains(hard, None),
        *judged.disagreements(methods, settings.factor),
    ]
    described = kinds.descriptions(found.table, seed=settings.seed)
    warnings += kinds.told(described, found.table, settings.factor)
    warnings += judged.apart(methods, settings.factor)
    without = _without_each(found.table, settings, told) if settings.beside else ()
    priors = _other_priors(found.table, settings, told) if settings.beside else ()
    warnings += judged.moved(main, without, "without list", "left_out")
    warnings += judged.moved(main, priors, "with another prior,", "changed")
    return Estimation(
        table.seen,
        table.lists,
        tuple(reasons),
        tuple(warnings),
        None if reasons else judged.widened(main, hard),
        methods,
        fit,
        without,
        priors,
        tuple(two_lists.sensitivity(found.table)),
        tuple(one.facts() for one in described),
    )


def _hard(table: Table, settings: Settings, told: Told) -> Estimate:
    """The latent-class estimate where kinds may be hard to reach; its chains need only agree."""
    prior, effort = latent.hard(settings.prior), replace(settings.effort, exact=None)
    draws = latent.posterior(table, prior, effort, seed=settings.seed, told=told)
    return latent.estimate(draws, prior, latent.HARD)


def _without_each(table: Table, settings: Settings, heard: Told) -> tuple[Mapping[str, object], ...]:
    told = []
    for number, name in enumerate(table.lists):
        heard("without each list", number + 1)
        left = usable(table.keeping(other for other in range(len(table.lists)) if other != number)).table
        if len(left.lists) >= judged.LEAST_LISTS:
            draws = latent.posterior(left, settings.prior, QUICK, seed=settings.seed)
            found: Estimate | None = latent.estimate(draws, settings.prior)
        else:
            found = two_lists.estimate(left)
        told.append({"left_out": name, "observed": left.seen, **_short(found)})
    return tuple(told)


def _other_priors(table: Table, settings: Settings, heard: Told) -> tuple[Mapping[str, object], ...]:
    told = []
    for number, changed in enumerate(PRIORS, start=1):
        heard("other priors", number)
        prior = replace(settings.prior, **changed)  # type: ignore[arg-type]
        if prior != settings.prior:
            found = latent.estimate(latent.posterior(table, prior, QUICK, seed=settings.seed), prior)
            told.append({"changed": dict(changed), **_short(found)})
    return tuple(told)


def _short(found: Estimate | None) -> dict[str, object]:
    if found is None:
        return {"method": None, "median": None, "intervals": [], "failed": "too few lists are left"}
    facts = found.facts()
    keys = ("method", "median", "mean", "intervals", "rhat", "ess_bulk", "ess_tail", "failed")
    return {key: facts[key] for key in keys if key in facts}


def pooled(several: Sequence[Estimation]) -> Estimation:
    """What several draws of one linkage say together: each as likely as the others, none chosen.

    Each method's draws are put together, so that what the linkage leaves open widens the interval.
    """
    if len(several) == 1:
        return several[0]
    if len({one.lists for one in several}) > 1:
        raise UsageError("the draws of a linkage must have the same lists, in the same order")
    names = [method.method for method in several[0].methods]
    methods = tuple(
        _pooled_method([method for one in several for method in one.methods if method.method == name])
        for name in names
    )
    first = several[0]
    reasons = tuple(
        f"in draw {number} of the linkage, {reason}"
        for number, one in enumerate(several, start=1)
        for reason in one.reasons
    )
    return replace(
        first,
        observed=round(float(np.mean([one.observed for one in several]))),
        reasons=reasons,
        warnings=_each_once([warning for one in several for warning in one.warnings]),
        headline=None if reasons or not methods else judged.widened(methods[0], methods[1]),
        methods=methods,
        linkage_draws=len(several),
    )


def _each_once(warnings: Sequence[str]) -> tuple[str, ...]:
    """Warnings that differ in their numbers alone are one: draws of a linkage each have their own."""
    return tuple({_NUMBERS.sub("", warning): warning for warning in reversed(warnings)}.values())[::-1]


def _pooled_method(several: Sequence[Estimate]) -> Estimate:
    draws = np.concatenate(
        [
            np.interp(np.linspace(0, 1, 1000), np.linspace(0, 1, len(one.draws)), np.sort(one.draws))
            for one in several
        ]
    )
    rhats = [float(str(one.measures["rhat"])) for one in several if one.measures.get("rhat") is not None]
    return replace(
        several[0],
        median=float(np.median(draws)),
        mean=float(np.mean(draws)),
        intervals=intervals_of(draws),
        failed=next((one.failed for one in several if one.failed), None),
        measures={
            "of_draws": [rounded(one.median) for one in several],
            **({"rhat": max(rhats)} if rhats else {}),
            **{
                key: min(float(str(one.measures[key])) for one in several)
                for key in ("ess_bulk", "ess_tail")
                if all(one.measures.get(key) is not None for one in several)
            },
        },
        draws=draws,
    )
