"""Parts: what a form with files sends (multipart/form-data, RFC 7578), read as it comes and never held whole.

Only what browsers send is understood; anything else is refused, since nobody honest sends it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import unquote

from witnessmark.errors import UsageError

Sink = Callable[[bytes], object]
"""Takes the content of one part piece by piece, and an empty piece at its end."""
_LONGEST_HEAD = 8 * 1024
_BOUNDARY = re.compile(
    r'multipart/form-data;\s*boundary=(?:"([^"]{1,70})"|([0-9A-Za-z\'()+_,./:=?-]{1,70}))', re.IGNORECASE
)
_HEAD = re.compile(
    r'content-disposition: form-data; name="([^"\r\n]*)"(?:; filename="([^"\r\n]*)")?', re.IGNORECASE
)
_QUOTED = re.compile(r"%(?:22|0D|0A)")


class Parts:
    """Reads a body piece by piece; `begin` is told the name of each part, and of its file if it has one."""

    def __init__(self, content_type: str, begin: Callable[[str, str | None], Sink]) -> None:
        found = _BOUNDARY.fullmatch(content_type.strip())
        if found is None:
            raise UsageError("this is no form with files")
        self._mark = b"\r\n--" + (found[1] or found[2]).encode()
        self._begin = begin
        self._rest = b"\r\n"  # the first mark has no line before it
        self._read: Callable[[], bool] = self._mark_or_end
        self._sink: Sink = bytes

    def feed(self, piece: bytes) -> None:
        """Read on; UsageError if the body is not what a browser would send."""
        self._rest += piece
        while self._read():
            pass

    def finish(self) -> None:
        """Pass if the body came whole."""
        if self._read != self._nothing:
            raise UsageError("the form broke off")

    def _mark_or_end(self) -> bool:
        length = len(self._mark)
        if len(self._rest) < length + 2:
            return False
        after = self._rest[length : length + 2]
        if not self._rest.startswith(self._mark) or after not in (b"\r\n", b"--"):
            raise UsageError("the form cannot be read")
        self._rest = self._rest[length + 2 :]
        self._read = self._head if after == b"\r\n" else self._nothing
        return True

    def _head(self) -> bool:
        head, ended, rest = self._rest.partition(b"\r\n\r\n")
        if not ended:
            if len(self._rest) > _LONGEST_HEAD:
                raise UsageError("the form cannot be read")
            return False
        try:
            lines = head.decode("utf-8").split("\r\n")
        except UnicodeDecodeError as error:
            raise UsageError("the name of a file cannot be read") from error
        found = next((match for line in lines if (match := _HEAD.fullmatch(line))), None)
        if found is None or len(head) > _LONGEST_HEAD:
            raise UsageError("the form cannot be read")
        name, file_name = (part and _QUOTED.sub(lambda one: unquote(one[0]), part) for part in found.groups())
        self._sink, self._rest = self._begin(name, file_name), rest
        self._read = self._content
        return True

    def _content(self) -> bool:
        place = self._rest.find(self._mark)
        is_whole = place >= 0
        if not is_whole:  # the mark may have begun
            place = max(0, len(self._rest) - len(self._mark) + 1)
        if place:
            self._sink(self._rest[:place])
            self._rest = self._rest[place:]
        if is_whole:
            self._sink(b"")
            self._read = self._mark_or_end
        return is_whole

    def _nothing(self) -> bool:
        if self._rest.strip(b"\r\n"):
            raise UsageError("the form goes on after its end")
        return False
