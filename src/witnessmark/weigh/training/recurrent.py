"""Training of the network that labels words, in JAX; `weigh.tagging.network` computes the same with numpy.

What is learned is the row of labels as a whole (a conditional random field on top of the recurrent layers),
by Adam with a step that falls along half a cosine.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from witnessmark.errors import UsageError
from witnessmark.weigh.tagging.labels import LABELS
from witnessmark.weigh.tagging.network import LAYERS

if TYPE_CHECKING:
    from witnessmark.weigh.tagging.network import Numbers

Example = tuple[Sequence[Sequence[int]], Sequence[int]]
"""The columns of a unit, and its labels."""

_WIDTHS = (100, 32, 16, 16, 12, 8, 12, 16, 4)
"""Numbers that stand for one value of each column."""


@dataclass(frozen=True, slots=True)
class Pace:
    """How long and how large: rounds over all examples, cells of each layer, the seed of all chance."""

    rounds: int = 10
    cells: int = 128
    batch: int = 32
    step: float = 2e-3
    seed: int = 0


def fitted(
    examples: Sequence[Example], sizes: Sequence[int], pace: Pace, told: Callable[[str], None]
) -> dict[str, Numbers]:
    """Weights by name, learned from the examples; `told` hears how each round went."""
    try:
        import jax  # noqa: PLC0415 - an extra
    except ImportError as error:
        raise UsageError("training needs JAX", advice="install witnessmark with the extra `train`") from error
    import jax.numpy as jnp  # noqa: PLC0415

    chance = random.Random(pace.seed)  # noqa: S311 - no secret
    weights = _beginning(jax, sizes, pace)
    steps = pace.rounds * math.ceil(len(examples) / pace.batch)
    moments = {name: (jnp.zeros_like(value), jnp.zeros_like(value)) for name, value in weights.items()}
    key = jax.random.PRNGKey(pace.seed + 1)

    @jax.jit  # type: ignore[untyped-decorator]
    def learn(weights: Any, moments: Any, at: Any, batch: Any, key: Any) -> Any:
        loss, slopes = jax.value_and_grad(_loss)(weights, batch, key)
        size = jnp.sqrt(sum((slope**2).sum() for slope in slopes.values()))
        slopes = {name: slope * jnp.minimum(1.0, 2.0 / size) for name, slope in slopes.items()}
        step = pace.step * (0.05 + 0.95 * 0.5 * (1 + jnp.cos(jnp.pi * at / steps)))
        return (*_adam(weights, moments, slopes, at, step), loss)

    at = 0
    for number in range(pace.rounds):
        total, batches = 0.0, 0
        for batch in _batches(examples, pace, chance):
            key, now = jax.random.split(key)
            weights, moments, loss = learn(weights, moments, at, batch, now)
            at, batches, total = at + 1, batches + 1, total + float(loss)
        told(f"round {number + 1} of {pace.rounds}: loss {total / max(1, batches):.4f}")
    return {name: jax.device_get(value) for name, value in weights.items()}


def _beginning(jax: Any, sizes: Sequence[int], pace: Pace) -> dict[str, Any]:
    """Weights before any learning."""
    keys = iter(jax.random.split(jax.random.PRNGKey(pace.seed), 64))

    def spread(*shape: int, by: float) -> Any:
        return by * jax.random.uniform(next(keys), shape, minval=-1.0, maxval=1.0)

    cells, labels = pace.cells, len(LABELS)
    weights = {
        f"column {at}": spread(size, width, by=0.1)
        for at, (size, width) in enumerate(zip(sizes, _WIDTHS, strict=True))
    }
    for layer in LAYERS:
        given = sum(_WIDTHS) if layer.startswith("first") else 2 * cells
        weights[f"{layer} input"] = spread(given, 4 * cells, by=given**-0.5)
        weights[f"{layer} state"] = spread(cells, 4 * cells, by=cells**-0.5)
        weights[f"{layer} bias"] = spread(4 * cells, by=0.0).at[cells : 2 * cells].set(1.0)
    weights["out"] = spread(2 * cells, labels, by=(2 * cells) ** -0.5)
    for name, shape in {"out bias": (labels,), "follows": (labels, labels), "starts": (labels,)}.items():
        weights[name] = spread(*shape, by=0.0)
    weights["ends"] = spread(labels, by=0.0)
    return weights


def _adam(weights: Any, moments: Any, slopes: Any, at: Any, step: Any) -> tuple[Any, Any]:
    """One step after Kingma and Ba (2015)."""
    import jax.numpy as jnp  # noqa: PLC0415

    moved, kept = {}, {}
    for name, slope in slopes.items():
        mean = 0.9 * moments[name][0] + 0.1 * slope
        square = 0.999 * moments[name][1] + 0.001 * slope**2
        height = (mean / (1 - 0.9 ** (at + 1))) / (jnp.sqrt(square / (1 - 0.999 ** (at + 1))) + 1e-8)
        moved[name], kept[name] = weights[name] - step * height, (mean, square)
    return moved, kept


def _batches(examples: Sequence[Example], pace: Pace, chance: random.Random) -> Iterator[Any]:
    """Batches of examples of about one length, in any order; every batch has one of few shapes."""
    import numpy as np  # noqa: PLC0415

    order = sorted(range(len(examples)), key=lambda at: len(examples[at][1]) + chance.random() * 8)
    batches = [order[first : first + pace.batch] for first in range(0, len(order), pace.batch)]
    chance.shuffle(batches)
    for batch in batches:
        longest = max(len(examples[at][1]) for at in batch)
        size = -(-longest // 16) * 16 if longest <= 96 else -(-longest // 48) * 48
        numbers = np.zeros((len(_WIDTHS), size, pace.batch), np.int32)
        labels = np.zeros((size, pace.batch), np.int32)
        there = np.zeros((size, pace.batch), np.float32)
        there[0] = 1e-6  # a place that no example fills must not divide by nothing
        for place, at in enumerate(batch):
            rows, right = examples[at]
            for column, row in enumerate(rows):
                numbers[column, : len(row), place] = row
            labels[: len(right), place] = right
            there[: len(right), place] = 1
        yield numbers, labels, there


def _loss(weights: Mapping[str, Any], batch: Any, key: Any) -> Any:
    """How unlikely the right rows of labels are, for each word."""
    import jax  # noqa: PLC0415
    import jax.numpy as jnp  # noqa: PLC0415

    numbers, labels, there = batch
    scores = _scores(weights, numbers, there, key)

    def onward(sums: Any, given: Any) -> Any:
        score, is_there = given
        ahead = jax.nn.logsumexp(sums[:, :, None] + weights["follows"][None], 1) + score
        return jnp.where(is_there[:, None] > 0, ahead, sums), None

    sums, _ = jax.lax.scan(onward, weights["starts"] + scores[0], (scores[1:], there[1:]))
    all_rows = jax.nn.logsumexp(sums + weights["ends"], -1)
    fits = (jnp.take_along_axis(scores, labels[:, :, None], -1)[:, :, 0] * there).sum(0)
    steps = (weights["follows"][labels[:-1], labels[1:]] * there[1:]).sum(0)
    last = jnp.take_along_axis(labels, (jnp.maximum(1, there.sum(0)).astype(int) - 1)[None], 0)[0]
    right = fits + steps + weights["starts"][labels[0]] + weights["ends"][last]
    return ((all_rows - right) * (there[0] > 0.5)).sum() / there.sum()


def _scores(weights: Mapping[str, Any], numbers: Any, there: Any, key: Any) -> Any:
    """As `Network` scores, with words and cells left out by chance, so that none is relied on alone."""
    import jax  # noqa: PLC0415
    import jax.numpy as jnp  # noqa: PLC0415

    keys = jax.random.split(key, 4)
    unknown = jax.random.bernoulli(keys[0], 0.05, numbers.shape[1:])
    numbers = jnp.asarray(numbers).at[0].set(jnp.where(unknown, 1, numbers[0]))
    seen = jnp.concatenate([weights[f"column {at}"][numbers[at]] for at in range(len(_WIDTHS))], -1)
    for layer, chance, share in (("first", keys[1], 0.3), ("second", keys[2], 0.4)):
        seen = _dropped(seen, chance, share)
        ways = [
            _read(weights, f"{layer} forward", seen, there),
            _read(weights, f"{layer} backward", seen[::-1], there[::-1])[::-1],
        ]
        seen = jnp.concatenate(ways, -1)
    return _dropped(seen, keys[3], 0.4) @ weights["out"] + weights["out bias"]


def _dropped(seen: Any, key: Any, share: float) -> Any:
    import jax  # noqa: PLC0415

    return seen * jax.random.bernoulli(key, 1 - share, (1, *seen.shape[1:])) / (1 - share)


def _read(weights: Mapping[str, Any], layer: str, seen: Any, there: Any) -> Any:
    import jax  # noqa: PLC0415
    import jax.numpy as jnp  # noqa: PLC0415

    state_weights = weights[f"{layer} state"]
    given = seen @ weights[f"{layer} input"] + weights[f"{layer} bias"]
    nothing = jnp.zeros((seen.shape[1], state_weights.shape[0]))

    def onward(carried: Any, now: Any) -> Any:
        state, memory = carried
        row, is_there = now[0], now[1][:, None] > 0.5
        let_in, keep, show, fresh = jnp.split(row + state @ state_weights, 4, -1)
        memory_now = jax.nn.sigmoid(keep) * memory + jax.nn.sigmoid(let_in) * jnp.tanh(fresh)
        state_now = jax.nn.sigmoid(show) * jnp.tanh(memory_now)
        state = jnp.where(is_there, state_now, state)
        return (state, jnp.where(is_there, memory_now, memory)), state

    return jax.lax.scan(onward, (nothing, nothing), (given, there))[1]
