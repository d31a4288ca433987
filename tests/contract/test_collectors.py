"""Our own collector keeps to what every collector promises."""

import os
from collections.abc import Sequence
from pathlib import Path

from witnessmark.collect.files import FileCollector, lead_to
from witnessmark.ports import Lead
from witnessmark.testing import CollectorSuite


class TestFileCollector(CollectorSuite):
    tool = FileCollector

    def leads(self, folder: Path) -> Sequence[Lead]:
        (folder / "tree" / "deep").mkdir(parents=True)
        (folder / "tree" / "deep" / "صورة.jpg").write_bytes(bytes(range(256)))
        (folder / "tree" / ".hidden").write_bytes(b"")
        (folder / "tree" / "link").symlink_to("/etc/passwd")
        os.mkfifo(folder / "tree" / "pipe")
        (folder / "single").write_bytes(b"x" * 3_000_000)
        return [lead_to(folder / "tree"), lead_to(folder / "single"), lead_to(folder / "missing")]
