"""A workbench for spoiling packages: as accidents do, as a careful forger would, as a careless desk might."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from tests.conformance.exercise import ExerciseCase, Stamp, no_stamp

from witnessmark.model import Digest, Facts
from witnessmark.publish import package_layout as layout
from witnessmark.publish.package_bag import manifest
from witnessmark.publish.package_layout import Reason
from witnessmark.tlog import TileReader, TlogProof, tile_path, tiles_of

Blamed = set[tuple[str, Reason]]


@dataclass(slots=True)
class Bench:
    """A copy of the good package that may be spoiled, and the desk that made it."""

    root: Path
    case: ExerciseCase
    stamp: Stamp = no_stamp
    detail: dict[str, object] = field(default_factory=dict)

    # --- where things lie

    @property
    def object(self) -> str:
        """The first object, a text."""
        return layout.OBJECTS + self.case.objects[0].hex

    @property
    def record(self) -> str:
        """The first record that no row of items.csv rests on."""
        kept = (path for path in self.paths(layout.RECORDS) if b'"kind":"finding"' in self.read(path))
        return next(kept)

    @property
    def seal(self) -> int:
        """The index of the seal."""
        return max(index for path in self.paths() if (index := layout.entry_index(path)) is not None)

    def paths(self, folder: str = "") -> list[str]:
        """Every file in a folder."""
        found = (path for path in self.root.rglob("*") if path.is_file() and not path.is_symlink())
        return sorted(
            name for path in found if (name := path.relative_to(self.root).as_posix()).startswith(folder)
        )

    # --- spoiling

    def read(self, path: str) -> bytes:
        """The bytes of a file."""
        return (self.root / path).read_bytes()

    def write(self, path: str, content: bytes) -> str:
        """Put a file there, over one that may be there; its path."""
        place = self.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        place.write_bytes(content)
        return path

    def edit(self, path: str, change: Callable[[bytes], bytes]) -> str:
        """Change a file; its path."""
        before = self.read(path)
        after = change(before)
        assert after != before, path
        return self.write(path, after)

    def remove(self, path: str) -> str:
        """Delete a file; its path."""
        (self.root / path).unlink()
        return path

    # --- making good again, as far as one can

    def relist(self) -> None:
        """What a careful forger does: every manifest made anew."""
        payload = {path: self.sha256(path) for path in self.paths("data/")}
        self.write(layout.MANIFEST, manifest(payload))
        self.relist_tags()

    def relist_tags(self) -> None:
        """Both tag manifests made anew, the payload manifest left as it is."""
        tags = [
            path for path in self.paths() if not path.startswith("data/") and path not in layout.TAG_MANIFESTS
        ]
        for name, algorithm in layout.TAG_MANIFESTS.items():
            self.write(
                name, manifest({path: hashlib.new(algorithm, self.read(path)).hexdigest() for path in tags})
            )

    def reseal(self, *, keeps_manifest: bool = False, keeps_count: bool = False) -> None:
        """What only the desk can do: a new seal in its log over whatever lies here now."""
        for path in (
            *self.paths("custody/proofs/"),
            *self.paths("custody/tile/"),
            *self.paths("timestamps/"),
        ):
            self.remove(path)
        self.remove(layout.entry_path(self.seal))
        if not keeps_count:
            self._recount()
        if not keeps_manifest:
            self.write(layout.MANIFEST, manifest({path: self.sha256(path) for path in self.paths("data/")}))
        later = {
            layout.MANIFEST,
            layout.SEALED_TAGS,
            layout.CHECKPOINT,
            layout.COSIGNED,
            *layout.TAG_MANIFESTS,
        }
        tags = [path for path in self.paths() if not path.startswith("data/") and path not in later]
        self.write(layout.SEALED_TAGS, manifest({path: self.sha256(path) for path in tags}))
        self._seal()
        self.relist_tags()

    def _recount(self) -> None:
        payload = self.paths("data/")
        octets = sum((self.root / path).stat().st_size for path in payload)
        stated = f"Payload-Oxum: {octets}.{len(payload)}".encode()
        self.write(layout.BAG_INFO, re.sub(rb"Payload-Oxum: [0-9.]+", stated, self.read(layout.BAG_INFO)))

    def sha256(self, path: str) -> str:
        """The SHA-256 of a file."""
        return Digest.of(self.read(path)).hex

    def _seal(self) -> None:
        stated = {"manifest": self.sha256(layout.MANIFEST), "tags": self.sha256(layout.SEALED_TAGS)}
        fixed = {"format": layout.FORMAT, "authorities": ("stamp",), "whole_log": True}
        sealed = self.case.seal(Facts({**fixed, **stated, **self.detail}), self.stamp)
        size, note = sealed.checkpoint.size, sealed.checkpoint.note
        self.write(layout.entry_path(sealed.index), sealed.entry)
        self.write(layout.CHECKPOINT, sealed.checkpoint.signed)
        self.write(layout.COSIGNED, note)
        reader = TileReader(sealed.tile, size)
        for path in self.paths("custody/entries/"):
            index = layout.entry_index(path) or 0
            self.write(layout.proof_path(index), TlogProof(index, reader.inclusion(index), note).encode())
        for tile in tiles_of(size):
            self.write(f"custody/{tile_path(*tile)}", sealed.tile(*tile))
        for token in sealed.tokens:
            stem = f"timestamps/{token.authority}-{token.serial}"
            ends = {".tsq": token.request, ".tsr": token.reply, "-chain.pem": token.chain}
            for end, content in ends.items():
                self.write(stem + end, content)


def copy_of(good: Path, place: Path) -> Path:
    """A copy of a package at `place`, by links to the same bytes: `Bench` never writes into a file."""
    shutil.copytree(good, place, copy_function=os.link)
    return place
