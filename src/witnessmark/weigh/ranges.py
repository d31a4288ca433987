"""What numbers a range allows, and how ranges lie to each other.

"About 170" and "dozens" state no bounds, and none are invented for them: they lie within the range of
what is reported, but they can neither agree with another number nor contradict it.
"""

from __future__ import annotations

from collections.abc import Iterable

from witnessmark.model import Qualifier, Range
from witnessmark.model.weighing import Bounds

_OPEN_ABOVE = (Qualifier.AT_LEAST, Qualifier.MORE_THAN)
_OPEN_BELOW = (Qualifier.UP_TO, Qualifier.LESS_THAN)


def bounds(amount: Range) -> Bounds | None:
    """The numbers that whoever gave `amount` allows; None if they stated no bounds."""
    if amount.qualifier is Qualifier.VAGUE:
        return None
    low, high = amount.low, amount.high
    if low is None and high is None:
        if amount.qualifier in (Qualifier.ABOUT, Qualifier.BETWEEN):
            return None
        low = None if amount.qualifier in _OPEN_BELOW else amount.best
        high = None if amount.qualifier in _OPEN_ABOVE else amount.best
    if low is not None and low == high:
        return Bounds(low, high)
    if amount.qualifier is Qualifier.MORE_THAN and low is not None:
        low += 1
    if amount.qualifier is Qualifier.LESS_THAN and high is not None:
        high = max(high - 1, 0)
    return Bounds(low, high)


def join(amounts: Iterable[Range]) -> Range | None:
    """The smallest range that holds every number in `amounts`; None if there is no number in them."""
    extents = [extent for amount in amounts if (extent := _extent(amount)) is not None]
    if not extents:
        return None
    lows = [extent.low for extent in extents if extent.low is not None]
    highs = [extent.high for extent in extents if extent.high is not None]
    low = min(lows) if len(lows) == len(extents) else None
    high = max(highs) if len(highs) == len(extents) else None
    return _range(low, high)


def meet(amounts: Iterable[Bounds]) -> Range | None:
    """The range of numbers that all of `amounts` allow; None if no number is allowed by all."""
    allowed = tuple(amounts)
    low = max((one.low for one in allowed if one.low is not None), default=None)
    high = min((one.high for one in allowed if one.high is not None), default=None)
    if low is not None and high is not None and low > high:
        return None
    return _range(low, high)


def _extent(amount: Range) -> Bounds | None:
    stated = bounds(amount)
    if stated is not None:
        return stated
    numbers = [number for number in (amount.low, amount.best, amount.high) if number is not None]
    if not numbers:
        return None
    open_above = amount.qualifier is Qualifier.VAGUE and amount.high is None
    return Bounds(min(numbers), None if open_above else max(numbers))


def _range(low: int | None, high: int | None) -> Range:
    if low is not None and low == high:
        return Range(best=low)
    if high is None:
        return Range(low=low or 0, qualifier=Qualifier.AT_LEAST)
    return Range(low=low, high=high, qualifier=Qualifier.UP_TO if low is None else Qualifier.BETWEEN)
