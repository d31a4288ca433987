"""A real witness in a process of its own on loopback, which can be killed and started again."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

from witnessmark.preserve.custody import SystemClock
from witnessmark.preserve.posting import Answer, HttpPost
from witnessmark.tlog import Algorithm, Verifier
from witnessmark.witness import add_log, create_key

_PROGRAM = """
import sys
from pathlib import Path
from witnessmark.preserve.custody import SystemClock
from witnessmark.witness import serve
say = lambda said: print(said, flush=True)
serve(Path(sys.argv[1]), Path(sys.argv[2]), ("127.0.0.1", 0), SystemClock(), say)
"""


@dataclass(slots=True)
class RunningWitness:
    """The witness as its operator has it: a folder with ledger and key, and a process."""

    folder: Path
    verifier: Verifier
    wrapper: tuple[str, ...] = ()
    url: str = ""
    process: subprocess.Popen[str] | None = None

    @classmethod
    def new(
        cls,
        folder: Path,
        name: str = "witness.example/w1",
        algorithm: Algorithm = Algorithm.COSIGNATURE,
        wrapper: tuple[str, ...] = (),
    ) -> RunningWitness:
        """A witness with a new key, not started yet; `wrapper` is a command to run it under."""
        folder.mkdir(parents=True)
        return cls(folder, create_key(folder / "witness.key", name, algorithm).verifier, wrapper)

    @property
    def ledger(self) -> Path:
        return self.folder / "ledger.sqlite"

    def watch(self, log: Verifier) -> None:
        """Let it know a log."""
        add_log(self.ledger, log.vkey(), SystemClock())

    def start(self) -> RunningWitness:
        """Start it and wait until it listens."""
        files = (str(self.ledger), str(self.folder / "witness.key"))
        with (self.folder / "stderr").open("a") as complaints:
            self.process = subprocess.Popen(
                [*self.wrapper, sys.executable, "-W", "error", "-c", _PROGRAM, *files],
                stdout=subprocess.PIPE,
                stderr=complaints,
                text=True,
            )
        assert self.process.stdout is not None
        assert self.process.stdout.readline().strip() == self.verifier.vkey()
        self.url = self.process.stdout.readline().strip()
        return self

    def kill(self) -> None:
        """End it as a power cut would end the process: without a word."""
        self._end(9)

    def __enter__(self) -> RunningWitness:
        return self.start()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process is not None:
            self._end(15)

    def complaints(self) -> str:
        """What it wrote to its error output."""
        return (self.folder / "stderr").read_text()

    def post(self, body: bytes) -> Answer:
        """Its answer to an add-checkpoint request."""
        return HttpPost(timeout_s=20, local_allowed=True)(f"{self.url}add-checkpoint", body, "text/plain")

    def _end(self, signal: int) -> None:
        assert self.process is not None
        assert self.process.stdout is not None
        self.process.send_signal(signal)
        self.process.wait(10)
        self.process.stdout.close()
        self.process = None
