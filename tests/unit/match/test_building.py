"""What is compiled is optional, and the wheel carries whatever is not Python."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest

from witnessmark.match.index.engine import names
from witnessmark.pixels import engine
from witnessmark.pixels.pdq import fingerprint

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "src" / "witnessmark"

WITHOUT = """
import sys
for room in ("match", "pixels"):  # as where nothing could be compiled
    sys.modules[f"witnessmark.{room}.native.kernels"] = None
import numpy as np
from witnessmark.match import HashIndex
from witnessmark.match.index.engine import names
codes = np.random.default_rng(1).integers(0, 256, (500, 32), np.uint8)
for slots in (0, 16):
    index = HashIndex.build(codes, slots=slots)
    assert index.search(codes, 31).ids.tolist() == list(range(500))
print(index.kernel, names())
from witnessmark.pixels import engine, pdq
code = pdq.fingerprint(codes).code.hex()
print(engine.engine().name, engine.names(), code)
"""


def test_without_a_compiled_module_numpy_searches_and_adds_up_pixels() -> None:
    ran = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=False)
    pixels = np.random.default_rng(1).integers(0, 256, (500, 32), np.uint8)
    code = fingerprint(pixels).code.hex()
    assert ran.stdout == f"numpy ('numpy',)\nnumpy ('numpy',) {code}\n", ran.stderr


def test_what_was_compiled_is_used() -> None:
    for room, known in (("match", names()), ("pixels", engine.names())):
        if not list((SOURCE / room / "native").glob("kernels*.so")):
            pytest.skip("nothing was compiled here: there was no compiler when this was installed")
        assert known[-2:] == ("scalar", "numpy")


def test_everything_that_is_not_python_goes_into_the_wheel() -> None:
    written = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["setuptools"]
    compiled = {
        ROOT / path for module in written["ext-modules"] for path in (*module["sources"], *module["depends"])
    }
    assert compiled == {*SOURCE.rglob("*.c"), *SOURCE.rglob("*.h")}
    carried = {path for pattern in written["package-data"]["*"] for path in SOURCE.rglob(pattern)}
    passed_over = {".py", ".pyc", ".so"}
    there = {path for path in SOURCE.rglob("*") if path.is_file() and path.suffix not in passed_over}
    assert not there - compiled - carried


def test_the_compiled_module_is_asked_for_only_where_codes_are_searched() -> None:
    """Numpy and the kernels are drawn in by the index, not by whoever imports the stage."""
    script = "import sys, witnessmark.match; print('numpy' in sys.modules, len(sys.modules) > 50)"
    ran = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert ran.stdout == "False True\n"
