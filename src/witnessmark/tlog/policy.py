"""Trust policies (C2SP tlog-policy): which logs count, and how many witnesses must have seen them.

A policy is a text file that the reader of a package writes or is given by someone they trust,
never one that came with the package alone.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from witnessmark.errors import IntegrityError, MalformedError, UsageError
from witnessmark.tlog.keys import Algorithm, Verifier
from witnessmark.tlog.note import OpenedNote, open_checkpoint, parse_note
from witnessmark.tlog.strict import shown

_FORBIDDEN = re.compile(rb"[\x00-\x08\x0b-\x1f\x7f]")
_NUMBER = re.compile("[1-9][0-9]{0,8}")
_NONE = "none"


@dataclass(frozen=True, slots=True)
class PolicyLog:
    """A log whose checkpoints are accepted; its key is named as its origin."""

    verifier: Verifier
    url: str | None


@dataclass(frozen=True, slots=True)
class PolicyWitness:
    """A witness, under the name that the policy gives it."""

    name: str
    verifier: Verifier
    url: str | None


@dataclass(frozen=True, slots=True)
class PolicyGroup:
    """A group that has seen a checkpoint when `threshold` of its members have."""

    name: str
    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Accepted logs, known witnesses, and the quorum; None for a policy that asks for no witness."""

    logs: tuple[PolicyLog, ...]
    witnesses: tuple[PolicyWitness, ...]
    groups: tuple[PolicyGroup, ...]
    quorum: str | None

    @classmethod
    def parse(cls, text: bytes | str) -> Policy:
        """Return the policy that a policy file spells."""
        octets = text.encode("utf-8", "surrogateescape") if isinstance(text, str) else text
        draft = _Draft()
        for number, line in enumerate(octets.split(b"\n"), 1):
            if found := _FORBIDDEN.search(line):
                raise MalformedError(
                    f"line {number} of the policy has the control character {found.group()!r}"
                )
            words = line.decode("utf-8", "surrogateescape").replace("\t", " ").split(" ")
            words = [word for word in words if word]
            if words and not words[0].startswith("#"):
                draft.read(words, f"line {number} of the policy")
        if not draft.quorum:
            raise MalformedError("the policy has no quorum line")
        quorum = None if draft.quorum == _NONE else draft.quorum
        return cls(tuple(draft.logs), tuple(draft.witnesses), tuple(draft.groups), quorum)

    def check(self, note: bytes, log: Verifier | None = None) -> tuple[str, ...]:
        """Return the names of witnesses and groups that have seen the checkpoint, if they are a quorum.

        A policy that lists no log needs the `log` key that the reader knows from elsewhere.
        """
        logs = [known.verifier for known in self.logs] + ([log] if log else [])
        if not logs:
            raise UsageError("the policy lists no log; say which log key is to be trusted")
        claimed = parse_note(note).text.partition("\n")[0]
        logs = [known for known in logs if known.name == claimed]
        if not logs:
            raise IntegrityError(f"the policy does not accept the log {shown(claimed)}")
        keys = (*logs, *(witness.verifier for witness in self.witnesses))
        _, opened = open_checkpoint(note, keys, claimed)
        if not any(map(opened.signature_of, logs)):
            raise IntegrityError(f"the checkpoint of {shown(claimed)} is not signed by an accepted log")
        seen = self._seen(opened)
        if self.quorum is not None and self.quorum not in seen:
            raise IntegrityError(
                f"the checkpoint of {shown(claimed)} lacks its quorum {shown(self.quorum)}; "
                f"it was seen by {', '.join(map(shown, seen)) or 'no known witness'}"
            )
        return seen

    def _seen(self, opened: OpenedNote) -> tuple[str, ...]:
        seen = []
        for witness in self.witnesses:
            signature = opened.signature_of(witness.verifier)
            if signature and signature.timestamp is not None:
                seen.append(witness.name)
        for group in self.groups:
            if sum(member in seen for member in group.members) >= group.threshold:
                seen.append(group.name)
        return tuple(seen)


@dataclass(slots=True)
class _Draft:
    """A policy half read."""

    logs: list[PolicyLog] = field(default_factory=list)
    witnesses: list[PolicyWitness] = field(default_factory=list)
    groups: list[PolicyGroup] = field(default_factory=list)
    quorum: str = ""

    def read(self, words: list[str], where: str) -> None:
        keyword, *rest = words
        match keyword, rest:
            case "log", [vkey, *url] if len(url) <= 1:
                self._log(vkey, url, where)
            case "witness", [name, vkey, *url] if len(url) <= 1:
                self._witness(name, vkey, url, where)
            case "group", [name, threshold, first, *others]:
                self._group(name, threshold, (first, *others), where)
            case "quorum", [name]:
                self._quorum(name, where)
            case _:
                raise MalformedError(
                    f"{where} is no log, witness, group or quorum line: {shown(' '.join(words))}"
                )

    def _log(self, vkey: str, url: list[str], where: str) -> None:
        verifier = Verifier.from_vkey(vkey)
        if verifier.algorithm is Algorithm.COSIGNATURE:
            raise MalformedError(f"{where}: {shown(verifier.name)} is a witness's key, not a log's")
        if any(log.verifier.public_key == verifier.public_key for log in self.logs):
            raise MalformedError(f"{where} gives the key of an earlier log again")
        self.logs.append(PolicyLog(verifier, url[0] if url else None))

    def _witness(self, name: str, vkey: str, url: list[str], where: str) -> None:
        verifier = Verifier.from_vkey(vkey)
        if not verifier.algorithm.is_cosignature:
            raise MalformedError(f"{where}: {shown(verifier.name)} is a log's key, not a witness's")
        if any(witness.verifier.public_key == verifier.public_key for witness in self.witnesses):
            raise MalformedError(f"{where} gives the key of an earlier witness again")
        self._require_new(name, where)
        self.witnesses.append(PolicyWitness(name, verifier, url[0] if url else None))

    def _group(self, name: str, threshold: str, members: tuple[str, ...], where: str) -> None:
        self._require_new(name, where)
        for member in members:
            if member not in self._names():
                raise MalformedError(f"{where}: {shown(member)} is not defined above")
        if len(set(members)) != len(members):
            raise MalformedError(f"{where} lists a member twice")
        words = {"any": 1, "all": len(members)}
        wanted = words.get(threshold) or (int(threshold) if _NUMBER.fullmatch(threshold) else 0)
        if not 1 <= wanted <= len(members):
            raise MalformedError(f"{where}: {shown(threshold)} of {len(members)} members is no threshold")
        self.groups.append(PolicyGroup(name, wanted, members))

    def _quorum(self, name: str, where: str) -> None:
        if self.quorum:
            raise MalformedError(f"{where} is a second quorum line")
        if name != _NONE and name not in self._names():
            raise MalformedError(f"{where}: {shown(name)} is not defined above")
        self.quorum = name

    def _require_new(self, name: str, where: str) -> None:
        if name == _NONE or name in self._names():
            raise MalformedError(f"{where}: the name {shown(name)} is taken")

    def _names(self) -> set[str]:
        return {witness.name for witness in self.witnesses} | {group.name for group in self.groups}
