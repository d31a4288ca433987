"""Published tables: each number beside the one that was published, and our chains beside LCMCR's in R.

The tables lie in a folder of your own, a CSV each; they are those of the packages LCMCR, SparseMSE and
MultipleSystemsEstimation and of HRDAG's Philippines replication. With `--r-library` the R packages in it are
run beside: effective draws per second of cpu by one and the same measure, and a bootstrap of the same length.

    python benchmarks/estimate_published.py FOLDER --r-library DIR
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

from witnessmark.weigh.estimating import Table, latent, loglinear, read, resampled
from witnessmark.weigh.estimating.chains import UNSEEN, Chain, Prior, beginnings
from witnessmark.weigh.estimating.convergence import convergence
from witnessmark.weigh.estimating.engine import engine

STEPWISE = {"SparseMSE__UKdat": 11_418, "SparseMSE__UKdat_5": 11_313, "Korea": 268.78, "kosovo": 14_342}
LATENT = {
    "kosovo": (10, 9_040, 10_430, 13_880, 10_690),
    "SparseMSE__UKdat": (10, 16_990, 22_954, 34_162, 23_600),
    "Korea": (10, 124, 138, 206, 144),
    "PH__manila_police": (5, 534, 570, 649, 575),
    "PH__manila_unidentified": (5, 314, 390, 635, 414),
}
"""Classes; then 2.5 %, median, 97.5 % and mean of long runs of the published sampler or as published."""

LCMCR = """
.libPaths(c("{library}", .libPaths())); library(LCMCR)
d <- read.csv("{table}"); J <- ncol(d) - 1; d <- d[d[[J + 1]] > 0 & rowSums(d[1:J]) > 0, ]
x <- d[rep(seq_len(nrow(d)), d[[J + 1]]), 1:J]; for (j in 1:J) x[[j]] <- factor(x[[j]], levels = c(0, 1))
s <- lcmCR(captures = x, tabular = FALSE, in_list_label = '1', not_in_list_label = '0', K = 10,
           a_alpha = .25, b_alpha = .25, seed = {seed}, buffer_size = {kept}, thinning = 20, verbose = FALSE)
N <- lcmCR_PostSampl(s, burnin = 10000, samples = {kept}, thinning = 20, output = FALSE)
write(N, "{out}", 1)
"""
BCA = """
.libPaths(c("{library}", .libPaths())); library(SparseMSE); data(UKdat)
t <- proc.time(); r <- estimatepopulation(UKdat, nboot = 200, iseed = 1); u <- proc.time() - t
cat(u[1], r$popest, "\\n"); print(r$BCaquantiles); write(r$bootreps, "{out}", 1)
"""


def load(folder: Path, name: str) -> Table:
    with (folder / f"{name}.csv").open(encoding="utf-8") as file:
        return read(csv.reader(file))[""]


def numbers(folder: Path) -> None:
    for name, right in STEPWISE.items():
        table = load(folder, name)
        fit = loglinear.stepwise(loglinear.design(len(table.lists)), table.full().astype(float))
        found = table.seen + fit.unseen
        print(f"{name}: stepwise {found:,.2f}, published {right:,} ({found / right - 1:+.2%})", flush=True)
    for name, (classes, *right) in LATENT.items():
        prior, begun = Prior(classes=classes), time.process_time()
        found = latent.estimate(latent.posterior(load(folder, name), prior), prior)
        ours = (found.widest.low, found.median, found.widest.high, found.mean)
        beside = ", ".join(
            f"{what} {one:,.0f} / {two:,} ({one / two - 1:+.1%})"
            for what, one, two in zip(("2.5 %", "50 %", "97.5 %", "mean"), ours, right, strict=True)
        )
        spent = time.process_time() - begun
        print(f"{name}: latent class {beside}; {found.measures['ess_bulk']} draws, {spent:.1f} s", flush=True)


def rates(folder: Path, library: Path | None, name: str, hands: int, kept: int = 10_000) -> None:
    """Four chains by `hands` at a time: ours in threads, theirs in processes, as R has no others."""
    table, prior, chains = load(folder, name), Prior(), 4
    begun = time.perf_counter()

    def chain(start: Chain) -> np.ndarray:
        engine().run(table, prior, start, 1, 10_000)
        return engine().run(table, prior, start, kept, 20)[:, UNSEEN]

    with ThreadPoolExecutor(hands) as pool:
        rows = list(pool.map(chain, beginnings(len(table.lists), prior, chains, 1)))
    ours = told(name, f"ours by {hands}", np.array(rows), time.perf_counter() - begun)
    if library is None:
        return
    with tempfile.TemporaryDirectory() as scratch, ThreadPoolExecutor(hands) as pool:

        def run(seed: int) -> np.ndarray:
            out = Path(scratch) / f"draws-{seed}"
            script = LCMCR.format(
                library=library, table=folder / f"{name}.csv", kept=kept, out=out, seed=seed
            )
            subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=True)
            return np.loadtxt(out)

        begun = time.perf_counter()
        draws = np.array(list(pool.map(run, range(1, chains + 1))))
        spent = time.perf_counter() - begun
    theirs = told(name, f"LCMCR by {hands}", draws - table.seen, spent)
    print(f"{name}, by {hands}: {ours / theirs:.1f} times as many effective draws a second", flush=True)


def told(name: str, who: str, unseen: np.ndarray, spent: float) -> float:
    found = convergence(unseen.astype(float))
    rate = found.ess_bulk / spent
    print(
        f"{name}, {who}: {unseen.shape[0]} x {unseen.shape[1] * 20:,} sweeps, {spent:.1f} s,"
        f" {found.ess_bulk:.0f} effective draws ({rate:.0f} / s), R-hat {found.rhat:.3f}",
        flush=True,
    )
    return rate


def intervals(folder: Path, library: Path | None) -> None:
    table, begun = load(folder, "SparseMSE__UKdat"), time.process_time()
    found = resampled.estimate(table, resamples=200)
    assert found is not None
    spent = time.process_time() - begun
    print(f"BCa, 200 resamples, ours: {spent:.2f} s, {found.widest}, {found.measures['mcse']}", flush=True)
    if library is not None:
        with tempfile.TemporaryDirectory() as scratch:
            script = BCA.format(library=library, out=Path(scratch) / "resamples")
            done = subprocess.run(["Rscript", "-e", script], capture_output=True, text=True, check=False)
            theirs = np.sort(np.loadtxt(Path(scratch) / "resamples"))
        print(f"BCa, SparseMSE: {done.stdout}{done.stderr[-500:]}", flush=True)
        of, counts = loglinear.design(len(table.lists)), table.full().astype(float)
        ours = resampled.bca(theirs, found.median, resampled.left_out(of, counts), 0.95)
        print(f"BCa, ours, of SparseMSE's own resamples: {ours}", flush=True)


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("folder", type=Path)
    asked.add_argument("--r-library", type=Path)
    given = asked.parse_args()
    for name in ("kosovo", "SparseMSE__UKdat"):
        for hands in (1, 2):
            rates(given.folder, given.r_library, name, hands)
    numbers(given.folder)
    intervals(given.folder, given.r_library)


if __name__ == "__main__":
    main()
