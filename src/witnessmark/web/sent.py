"""Sent: what a form with files sends, put where nobody else looks under names of our own."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from witnessmark.collect.names import written
from witnessmark.errors import NoRoomError, RefusedError, UsageError
from witnessmark.web.parts import Sink
from witnessmark.web.sessions import Session, same

MOST_FILES = 500
"""How many files one form has at most."""
_LONGEST = {"form": 200, "note": 2_000, "source_url": 2_000, "legal_basis": 500}
_LONGEST_NAME = 200
_ENDING = re.compile(r"\.[0-9A-Za-z]{1,8}")


@dataclass(slots=True)
class Sent:
    """What one form sent: its fields, and where each file lies with what it is called as a source."""

    folder: Path
    upload: str
    session: Session
    fields: dict[str, str] = field(default_factory=dict)
    names: dict[Path, str] = field(default_factory=dict)
    _open: BinaryIO | None = None

    def begin(self, name: str, file_name: str | None) -> Sink:
        """Where the content of a part goes; the token of the form has to come before any file."""
        if file_name is None:
            if name not in _LONGEST or name in self.fields:
                raise UsageError("the form cannot be read")
            return self._field(name)
        if not same(self.fields.get("form", ""), self.session.form_token):
            raise RefusedError("this form has gone stale", advice="load the page again, then send it again")
        if not file_name:
            return bytes  # a field for files that was left empty
        if len(self.names) >= MOST_FILES:
            raise UsageError(
                f"at most {MOST_FILES} files are sent at once", advice="put them into an archive"
            )
        return self._file(file_name)

    def close(self) -> None:
        """Let go of a file that did not come whole."""
        if self._open is not None:
            self._open.close()

    def _field(self, name: str) -> Sink:
        gathered = bytearray()

        def take(piece: bytes) -> None:
            gathered.extend(piece)
            if len(gathered) > 4 * _LONGEST[name]:
                raise UsageError(f"a field has at most {_LONGEST[name]:,} signs")
            if not piece:
                try:
                    self.fields[name] = gathered.decode("utf-8").strip()[: _LONGEST[name]]
                except UnicodeDecodeError as error:
                    raise UsageError("the form cannot be read") from error

        return take

    def _file(self, file_name: str) -> Sink:
        last = re.split(r"[/\\]", file_name)[-1].strip() or "unnamed"
        ending = _ENDING.fullmatch(Path(last).suffix)
        path = self.folder / f"{len(self.names) + 1:04}{ending[0].lower() if ending else ''}"
        self.names[path] = (
            f"upload/{self.upload}/{len(self.names) + 1}/{written(last[:_LONGEST_NAME].encode('utf-8'))}"
        )
        opened = self._open = path.open("xb")

        def take(piece: bytes) -> None:
            try:
                if piece:
                    opened.write(piece)
                else:
                    opened.close()
            except OSError as error:
                raise NoRoomError(f"{last[:_LONGEST_NAME]} could not be kept: {error.strerror}") from error

        return take
