"""Visual words: where in the space of descriptors a feature lies, and a signature of where within its word.

A word is a pair of halves (product quantization: Jégou, Douze and Schmid 2011; inverted multi-index: Babenko
and Lempitsky 2012): the first and the last 64 parts of a descriptor each go to the nearest of 256 centres, so
that 32 KiB of centres make 65,536 words. The signature has 64 bits (Hamming embedding: Jégou, Douze and
Schmid 2008): the signs of what is left of the descriptor, along 64 fixed directions. Everything is computed
in whole numbers that floating point holds exactly, so that every machine gives the same words.

The centres were learnt by `tools/vocabulary.py` from pictures that it draws itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Self

import numpy as np
from numpy.typing import NDArray

from witnessmark.errors import MalformedError

CENTRES, HALF, FINE = 256, 64, 16
WORDS = CENTRES * CENTRES
SIGNATURE_BITS = 64
_NEAR = 6
"""How many centres of each half are paired when several words are asked for."""

Levels = NDArray[np.uint8]
Words = NDArray[np.uint32]
Signatures = NDArray[np.uint64]


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Two tables of centres (float32[2, 256, 64], whole numbers in parts of a sixteenth of a level)."""

    centres: NDArray[np.float32]

    @classmethod
    def read(cls, packed: bytes) -> Self:
        """The vocabulary that some bytes hold."""
        if len(packed) != 2 * CENTRES * HALF:
            raise MalformedError(f"a vocabulary has {2 * CENTRES * HALF} bytes, not {len(packed)}")
        return cls(np.frombuffer(packed, np.uint8).reshape(2, CENTRES, HALF).astype(np.float32))

    def words(self, levels: Levels, ways: int = 1) -> tuple[Words, Signatures]:
        """For each descriptor (uint8[n, 128]) its `ways` nearest words, the nearest first, and signatures.

        Both arrays are [n, ways]: a signature belongs to its word.
        """
        fine = levels.astype(np.float32) * FINE
        halves = [self._nearest(fine[:, half * HALF :][:, :HALF], half, ways) for half in (0, 1)]
        chosen = _best_pairs(halves, ways)
        words = (chosen[0] * CENTRES + chosen[1]).astype(np.uint32)
        return words, self._signatures(fine, chosen)

    def _nearest(
        self, parts: NDArray[np.float32], half: int, ways: int
    ) -> tuple[NDArray[np.intp], NDArray[np.float32]]:
        """The nearest centres of one half, and their squared distances less a constant."""
        table = self.centres[half]
        apart = (table * table).sum(axis=1) - 2 * (parts @ table.T)
        if ways == 1:
            order = np.argmin(apart, axis=1)[:, None]
        else:
            near = np.sort(np.argpartition(apart, _NEAR, axis=1)[:, :_NEAR], axis=1)
            ranks = np.argsort(np.take_along_axis(apart, near, 1), axis=1, kind="stable")
            order = np.take_along_axis(near, ranks, 1)
        return order, np.take_along_axis(apart, order, 1)

    def _signatures(self, fine: NDArray[np.float32], chosen: Sequence[NDArray[np.intp]]) -> Signatures:
        directions = _directions()
        own = fine @ directions.T
        of_centres = [self.centres[half] @ directions[:, half * HALF :][:, :HALF].T for half in (0, 1)]
        left = own[:, None, :] - of_centres[0][chosen[0]] - of_centres[1][chosen[1]]
        bits = np.packbits(left > 0, axis=2, bitorder="little")
        return np.ascontiguousarray(bits).view("<u8")[:, :, 0].astype(np.uint64)


@cache
def vocabulary() -> Vocabulary:
    """The vocabulary that this program comes with."""
    return Vocabulary.read(files(__package__).joinpath("vocabulary.bin").read_bytes())


def _best_pairs(
    halves: Sequence[tuple[NDArray[np.intp], NDArray[np.float32]]], ways: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Of each half the centres whose pairs are nearest together."""
    (first, near), (second, nigh) = halves
    if ways == 1:
        return first[:, :1], second[:, :1]
    width = nigh.shape[1]
    sums = (near[:, :, None] + nigh[:, None, :]).reshape(len(near), near.shape[1] * width)
    best = np.argsort(sums, axis=1, kind="stable")[:, :ways]
    return np.take_along_axis(first, best // width, 1), np.take_along_axis(second, best % width, 1)


@cache
def _directions() -> NDArray[np.float32]:
    """64 of Hadamard's directions, with signs and order drawn once: whole numbers, at right angles."""
    signs = np.ones((1, 1), np.float32)
    while len(signs) < 2 * HALF:
        signs = np.block([[signs, signs], [signs, -signs]])
    # a generator written out, so that no library's change can move the directions
    state, drawn = 0x9E3779B97F4A7C15, []
    for _ in range(2 * HALF + len(signs)):
        state = (state * 6364136223846793005 + 1442695040888963407) % (1 << 64)
        drawn.append(state >> 33)
    flips = np.array([1 if value & 1 else -1 for value in drawn[: 2 * HALF]], np.float32)
    chosen = np.argsort(drawn[2 * HALF :], kind="stable")[:SIGNATURE_BITS]
    return np.ascontiguousarray(signs[chosen] * flips)
