"""Lists of codes at the desk: read from a sealed exhibit by one of PDQ's rules, searched, and given out.

A list is an exhibit like any other. Reading it leaves its codes as a working copy beside it and says by which
rule they were made; from then on each picture that is taken in is looked up in it.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from witnessmark.collect.codes import MEDIA_TYPE, TASK
from witnessmark.desk.presence import lies_here
from witnessmark.desk.texts import copies_of
from witnessmark.errors import RefusedError, UsageError
from witnessmark.match.lists import CodeList, CodeLists
from witnessmark.match.pdq import LEAST_QUALITY
from witnessmark.match.pdq import PROPERTY as CODE
from witnessmark.model import Copy, Digest, Facts, Finding, Match, Role
from witnessmark.pixels.pdq import Rule
from witnessmark.ports import Case, LockedRoom
from witnessmark.preserve.custody import Custodian
from witnessmark.preserve.seal import keep_working_copy

PROPERTY, INSTRUMENT = "list of codes", "lists 1"
ACT = "list.read"
LIMITS = (
    "Where in the list codes stand; not what they are codes of, nor whether the list is right. By which of "
    "PDQ's two rules they were made is as a person said, or as the list itself says."
)
RULES = {"full": Rule.FULL, "sampled": Rule.SAMPLED}
"""By which words people name PDQ's rules: the Python package's, and that of the C++ and WebAssembly tools."""
GIVEN_AWAY = (
    "Whoever has this list can tell of any picture in their hands whether this case holds it or one like it, "
    "and a code shows its picture's coarsest light and dark. It names no exhibit, source or person. It "
    "cannot be called back."
)
_COSTS = {"cpu_s": 600, "wall_s": 600}


@dataclass(frozen=True, slots=True)
class Lists:
    """The lists of codes of a case."""

    case: Case

    def known(self) -> Iterator[tuple[Digest, Finding]]:
        """Each list that was read and still lies here, with the latest word on its rule."""
        if not self.case.acts(ACT):
            return
        latest = {one.about: one for _, one in self.case.find(Finding) if one.property == PROPERTY}
        for digest, finding in latest.items():
            if lies_here(self.case, digest) and self.case.has(Digest(finding.value["kept"])):
                yield digest, finding

    def ready(self) -> CodeLists:
        """All of them, ready to be searched."""
        return CodeLists([self._read(digest, finding) for digest, finding in self.known()])

    def facts(self) -> Iterator[dict[str, Any]]:
        """What there is to say of each list."""
        for digest, finding in self.known():
            told = finding.value
            yield {
                "exhibit": self.case.exhibit_of(digest),
                "sha256": digest.hex,
                "codes": told["codes"],
                "without": told["without"],
                "rule": told["rule"],
                "form": told["form"],
                "hits": sum(one.candidate == digest for _, one in self.case.find(Match, digest)),
            }

    def read(
        self, digest: Digest, word: str | None, custodian: Custodian, room: LockedRoom
    ) -> tuple[Finding, int]:
        """Read a list by a rule and look up every picture in it; the finding, and how many are on it."""
        if not lies_here(self.case, digest):
            raise UsageError("the list does not lie here any more: it was erased")
        with self.case.checked(digest) as path:
            ((facts, content),) = [
                (part.facts, part.content.read()) for part in room.run(TASK, path, {"limits": _COSTS})
            ]
        rule = self._rule(word, facts.get("rule"))
        copy = Copy(
            digest=Digest.of(content),
            size=len(content),
            media_type=MEDIA_TYPE,
            role=Role.WORKING,
            derived_from=digest,
            method=TASK,
        )
        said = {
            **facts,
            "rule": rule.value,
            "rule_from": "a person" if word else "the list",
            "kept": copy.digest,
        }
        finding = Finding(digest, INSTRUMENT, PROPERTY, Facts(said), LIMITS)
        made = [] if any(one == copy for one in copies_of(self.case, digest)) else [copy]
        keep_working_copy(self.case, content, copy)
        found = CodeLists([self._read(digest, finding)])
        matches = [
            match
            for _, code in self.case.find(Finding)
            if code.property == CODE and lies_here(self.case, code.about)
            for match in found.match(code.about, [code])
        ]
        with self.case.transaction() as transaction:
            act = custodian.act(ACT, used=(digest,), detail=Facts(rule=rule.value))
            transaction.append(act, [*made, finding, *matches])
        return finding, len(matches)

    def given(self, word: str, wanted: Iterable[Digest] | None) -> tuple[bytes, tuple[Digest, ...]]:
        """A list of the codes of pictures of the case, all or some, as CSV; and which pictures are on it."""
        rule = self._rule(word, None)
        rows: dict[str, int] = {}
        on_it: dict[Digest, None] = {}
        some = None if wanted is None else set(wanted)
        for _, finding in self.case.find(Finding):
            if finding.property != CODE or not lies_here(self.case, finding.about):
                continue
            told = finding.value.get("sampled") if rule is Rule.SAMPLED else finding.value
            is_wanted = some is None or finding.about in some
            if told and is_wanted and int(told["quality"]) >= LEAST_QUALITY:
                rows[told["codes"][0]] = int(told["quality"])
                on_it[finding.about] = None
        if not rows:
            raise RefusedError("there is no picture with a code of its own to give out")
        written = io.StringIO(newline="")
        table = csv.writer(written)
        table.writerow(("hash", "quality", "rule"))
        table.writerows((code, rows[code], rule.value) for code in sorted(rows))
        return written.getvalue().encode(), tuple(on_it)

    def _rule(self, word: str | None, said: str | None) -> Rule:
        """The rule that a person or else the list names."""
        if word is not None and word not in RULES:
            raise UsageError(f"{word!r} is no rule of PDQ", advice=f"known are {', '.join(RULES)}")
        own = next((rule for rule in Rule if rule.value == said), None)
        named = own if word is None else RULES[word]
        if named is None:
            raise UsageError(
                "the list does not say by which of PDQ's rules it was made, and they differ",
                advice="ask who made it: --rule full for the Python package, sampled for Meta's C++ tools",
            )
        if own not in (None, named):
            raise UsageError(f"the list says of itself that it was made by another rule: {own}")
        return named

    def _read(self, digest: Digest, finding: Finding) -> CodeList:
        with self.case.open(Digest(finding.value["kept"])) as stream:
            packed = stream.read()
        number = self.case.exhibit_of(digest) or str(digest)
        return CodeList(digest, number, finding.value["rule"], finding.value["counted"], packed)
