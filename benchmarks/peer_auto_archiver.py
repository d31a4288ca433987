"""How many pictures a second we take in, beside Bellingcat's auto-archiver with the same pictures.

The peer gets them from a server on loopback, one request each; it hashes, stores and lists them
(generic_extractor, hash_enricher, local_storage, csv_db, html_formatter). We get them from a
folder: once the seal alone (hash, store, record, log, sign), once the whole `take` with every
examination. Start-up is left out: what counts is the time of 100 pictures minus that of 20.
Bar: the seal stage is 20 × the peer's files a second.

The peer lives in an environment of its own, needs ffmpeg, and does not accept an address or
`localhost`, so 127.0.0.1 needs the alias `archive.test`. Keep it from asking outside by a network and a
hosts file of its own:

    uv venv /tmp/aa && uv pip install --python /tmp/aa auto-archiver==1.2.9
    echo '127.0.0.1 localhost archive.test' > /tmp/hosts
    unshare --net --mount sh -c 'ip link set lo up && mount --bind /tmp/hosts /etc/hosts &&
        python benchmarks/peer_auto_archiver.py --peer /tmp/aa'
"""

from __future__ import annotations

import argparse
import functools
import http.server
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from seal_rates import seal

ALIAS = "archive.test"
FEW, MANY = 20, 100
WIDTH, HEIGHT = 800, 600
PEER_STEPS = {
    "feeders": ["csv_feeder"],
    "extractors": ["generic_extractor"],
    "enrichers": ["hash_enricher"],
    "databases": ["csv_db"],
    "storages": ["local_storage"],
    "formatters": ["html_formatter"],
}
LONGEST_S = 600


def main() -> None:
    """Print the marginal time a picture of both sides, and the ratios."""
    options = read_options()
    if socket.gethostbyname(ALIAS) != "127.0.0.1":
        sys.exit(f"{ALIAS} must mean 127.0.0.1; see the docstring")
    print(f"load {os.getloadavg()[0]:.1f}, {MANY} pictures minus {FEW}")
    with tempfile.TemporaryDirectory(dir=options.folder) as scratch:
        folder = Path(scratch)
        for count in (FEW, MANY):
            make_pictures(folder / str(count) / "source", count)
        for number in range(options.rounds):
            one_round(folder, number, options.peer)


def one_round(folder: Path, number: int, peer: Path) -> None:
    """Both sides once."""
    theirs = _marginal([archive(folder / str(count), number, peer) for count in (FEW, MANY)])
    whole = _marginal([take(folder / str(count), number) for count in (FEW, MANY)])
    sealed = seal(folder / str(MANY), number, MANY, "000.jpg")[0] / MANY
    print(
        f"auto-archiver {1 / theirs:6.2f} files/s   the whole take {1 / whole:6.1f} files/s "
        f"({theirs / whole:.1f} ×)  seal stage {1 / sealed:,.0f} files/s ({theirs / sealed:,.0f} ×, bar 20)  "
        f" load {os.getloadavg()[0]:.1f}",
        flush=True,
    )


def archive(folder: Path, number: int, peer: Path) -> float:
    """Seconds in which the peer archives every picture of `folder`/source."""
    work = folder / f"peer-{number}"
    work.mkdir()
    names = sorted(path.name for path in (folder / "source").iterdir())
    with serving(folder / "source") as port:
        addresses = [f"http://{ALIAS}:{port}/{name}" for name in names]
        (work / "pages.csv").write_text("\n".join(["url", *addresses]) + "\n")
        (work / "config.yaml").write_text(json.dumps(peer_config(work)))  # JSON is YAML
        environment = {**os.environ, "PATH": f"{peer / 'bin'}:{os.environ['PATH']}", "HOME": str(work)}
        command = [peer / "bin" / "auto-archiver", "--config", work / "config.yaml"]
        took = timed(command, work, environment)
    kept = {path.read_bytes() for path in (work / "out").rglob("*.jpg")}
    wanted = {path.read_bytes() for path in (folder / "source").iterdir()}
    assert kept >= wanted, f"the peer kept {len(kept & wanted)} of {len(wanted)} pictures"
    return took


def peer_config(work: Path) -> dict[str, object]:
    """What the peer is told: lists addresses, fetches, hashes and stores; updates nothing."""
    return {
        "steps": PEER_STEPS,
        "csv_feeder": {"files": [str(work / "pages.csv")]},
        "local_storage": {
            "save_to": str(work / "out"),
            "path_generator": "flat",
            "filename_generator": "static",
        },
        "hash_enricher": {"algorithm": "SHA-256"},
        "csv_db": {"csv_file": str(work / "done.csv")},
        "generic_extractor": {"ytdlp_update_interval": -1, "bguils_po_token_method": "disabled"},
    }


def take(folder: Path, number: int) -> float:
    """Seconds of `witnessmark take` of the same pictures into a new case."""
    work = folder / f"ours-{number}"
    work.mkdir()
    ours = [sys.executable, "-m", "witnessmark"]
    desk = ["--keys", str(work / "keys"), "--as", "bench"]
    subprocess.run(
        [*ours, "new", str(work / "case"), "--name", "bench", *desk], check=True, capture_output=True
    )
    command = [*ours, "take", str(folder / "source"), "--json", "--case", str(work / "case"), *desk]
    took = timed(command, work, dict(os.environ))
    lines = [json.loads(line) for line in (work / "output").read_text().splitlines()]
    wanted = sum(1 for _ in (folder / "source").iterdir())
    assert sum(line["outcome"] == "done" for line in lines) == wanted, lines
    return took


def timed(command: Sequence[str | Path], work: Path, environment: dict[str, str]) -> float:
    """Wall seconds of a command; what it prints goes to files in `work`."""
    with (work / "output").open("wb") as output, (work / "errors").open("wb") as errors:
        began = time.perf_counter()
        subprocess.run(
            command, env=environment, cwd=work, stdout=output, stderr=errors, check=True, timeout=LONGEST_S
        )
        return time.perf_counter() - began


@contextmanager
def serving(folder: Path) -> Iterator[int]:
    """A web server on loopback for the files of `folder`; its port."""
    handler = functools.partial(Quiet, directory=str(folder))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()


class Quiet(http.server.SimpleHTTPRequestHandler):
    """Serves files and says nothing; the peer breaks off its first look at each."""

    def copyfile(self, source: Any, outputfile: Any) -> None:
        """Send the file, or as much of it as is wanted."""
        with suppress(ConnectionError):
            super().copyfile(source, outputfile)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name in the library
        """Pass over what would be printed of each request."""


def make_pictures(folder: Path, count: int) -> None:
    """Pictures of overlapping waves, no two alike, some 100 kB each."""
    folder.mkdir(parents=True)
    random = np.random.default_rng(count)
    rows, columns = np.mgrid[0:HEIGHT, 0:WIDTH]
    for number in range(count):
        waves = [np.sin(rows * a + columns * b + c) for a, b, c in random.uniform(0.01, 0.2, (3, 3))]
        pixels = np.stack(waves, axis=-1) * 90 + 128 + random.normal(0, 8, (HEIGHT, WIDTH, 3))
        Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).save(folder / f"{number:03}.jpg", quality=80)


def _marginal(seconds: Sequence[float]) -> float:
    few, many = seconds
    return (many - few) / (MANY - FEW)


def read_options() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--peer", type=Path, required=True, help="the environment that auto-archiver is in")
    parser.add_argument("--rounds", type=int, default=2)
    parser.add_argument("--folder", type=Path, default=None, help="where to write (a real disk)")
    return parser.parse_args()


if __name__ == "__main__":
    main()
