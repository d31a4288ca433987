"""The rules by which a finished brief is re-read: each sentence must lead where it says.

The rules know the page and the dossier, not how the page was made. A defect in the making, a quote that
is not in its exhibit, or a source that slipped through is found here and the brief is refused.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from witnessmark.errors import MalformedError, RefusedError
from witnessmark.model import Digest, Stance, Statement
from witnessmark.model.wire import Noun, digest_of, encode
from witnessmark.publish.dossier import Dossier
from witnessmark.publish.occurring import occurring
from witnessmark.publish.rereading import Element, reread
from witnessmark.publish.sentences import visible
from witnessmark.publish.shown import withheld_sources


@dataclass(frozen=True, slots=True)
class Fault:
    """One rule that the brief breaks, and where; `own` is the place in the edition of a person's words."""

    rule: str
    where: str
    own: str = ""


def insist(html: bytes, markdown: bytes, dossier: Dossier) -> None:
    """Nothing, if the brief is in order; RefusedError naming the first faults if it is not."""
    faults = lint(html, markdown, dossier)
    if faults:
        first = "; ".join(f"{fault.rule} ({fault.where})" for fault in faults[:3])
        more = f" and {len(faults) - 3} more" if len(faults) > 3 else ""
        raise RefusedError(
            f"the brief is not handed out: {first}{more}",
            advice="correct the record that is named and make the brief again",
        )


def lint(html: bytes, markdown: bytes, dossier: Dossier) -> tuple[Fault, ...]:
    """Every rule that the brief breaks; MalformedError if the page is no brief at all."""
    try:
        root = reread(html)
        found = [fault for rule in _RULES for fault in rule(root, dossier)]
        found += _plain_text(root, markdown.decode("utf-8"), dossier)
    except (ValueError, LookupError) as error:  # someone else's hand was in it
        raise MalformedError(f"this page is not one that a brief is written as: {error}") from error
    return tuple(found)


def _references(root: Element, dossier: Dossier) -> Iterator[Fault]:
    """Each sentence of fact has a reference, each reference an entry, each entry its digest and its owner."""
    anchors = {element.attributes["id"] for element in root.every() if "id" in element.attributes}
    for link in root.every("a"):
        target = link.attributes.get("href", "")
        if not target.startswith("#") or target[1:] not in anchors:
            yield Fault("a link leads nowhere", target)
    for fact in root.every(classed="fact"):
        if not any(link for refs in fact.every(classed="refs") for link in refs.every("a")):
            yield _at(fact, "a sentence of fact has no reference")
    known = _known_digests(dossier)
    for entry in _entries(root):
        if entry.attributes["data-digest"] not in known:
            yield Fault("a reference names nothing in the dossier", entry.attributes["id"])
        if entry.attributes["data-digest"] not in entry.text():
            yield Fault("a reference does not print its digest", entry.attributes["id"])


def _quotes(root: Element, dossier: Dossier) -> Iterator[Fault]:
    """Each quote is, to the letter, what stands at the span of a reference of its sentence."""
    texts = {digest.hex: text for digest, text in dossier.texts.items()}
    spoken: dict[str, str] = {}
    for entry in _entries(root):
        if "data-span" not in entry.attributes:
            continue
        name = entry.attributes["id"]
        start, end = map(int, entry.attributes["data-span"].split("-"))
        text = texts.get(entry.attributes["data-text"])
        if text is None:
            yield Fault("the text of a quote is not in the dossier", name)
            continue
        spoken[name] = visible(text[start:end])
        if [quote.text() for quote in entry.every("q")] != [spoken[name]]:
            yield Fault("a quote is not what stands at its span", name)
    for fact in root.every(classed="fact"):
        cited = {spoken.get(target) for target in _targets(fact)}
        is_own = "own" in fact.classes  # a person may quote a part of what was said
        for quote in fact.every("q"):
            words = quote.text()
            if words not in cited and not (is_own and any(one and words in one for one in cited)):
                yield _at(fact, "a sentence quotes words that its references do not hold")


def _standing(root: Element, dossier: Dossier) -> Iterator[Fault]:
    """Exact words count only as a statement that a person has confirmed."""
    counting = {digest.hex for digest in dossier.weighing.statements}
    for entry in _entries(root):
        if "data-span" in entry.attributes and _last(entry) not in counting:
            yield Fault("words are cited that no person has confirmed", entry.attributes["id"])


def _attribution(root: Element, dossier: Dossier) -> Iterator[Fault]:
    """Whatever a voice does is told with its name, in its own stance, and in words of that stance."""
    statements = {digest.hex: one for digest, one in dossier.weighing.statements.items()}
    records = _records(root)
    for fact in root.every(classed="fact"):
        names = (records.get(target, "") for target in _targets(fact))
        cited = [statements[found] for found in names if found in statements]
        told = fact.attributes.get("data-stance")
        if (told or any(True for _ in fact.every("q"))) and not _is_named(fact, cited):
            yield _at(fact, "it is not said whose words these are")
        if told and told not in {one.stance.value for one in cited}:
            yield Fault(f"a record is told as {told!r} that says otherwise", _start(fact))
        is_prose = told or "own" in fact.classes
        if is_prose and _CONFIRMS.search(_without_refusals(fact)) and not any(map(_confirms_itself, cited)):
            what = "a relay is" if any(one.relays for one in cited) else "something else is"
            yield _at(fact, f"{what} told as a confirmation")


def _loose_prose(root: Element, dossier: Dossier) -> Iterator[Fault]:
    """In a paragraph stands nothing but sentences of fact, which have references, and the desk's notes."""
    del dossier
    for main in root.every("main"):
        for paragraph in main.every("p"):
            for part in paragraph.inside:
                if isinstance(part, Element) and part.classes & {"fact", "note"}:
                    continue
                text = part if isinstance(part, str) else part.text()
                if text.strip():
                    yield Fault("a sentence stands outside the sentences of fact", text.strip()[:80])


_CONFIRMS = re.compile(r"\bconfirm(?:s|ed|ing|ation)?\b", re.IGNORECASE)
_NO_CONFIRMATION = re.compile(
    r"\b(?:declin(?:ed|es|ing) to confirm"
    r"|in words of confirmation, adding no voice of its own)\b"
)
"""What the desk says of who refused to confirm, and of who repeats another as if confirming."""


def _without_refusals(fact: Element) -> str:
    return _NO_CONFIRMATION.sub("", fact.text(_NOT_OURS))


def _confirms_itself(statement: Statement) -> bool:
    return statement.stance is Stance.CONFIRMS and statement.relays is None


def _is_named(fact: Element, cited: Iterable[Statement]) -> bool:
    """Whether one of the speakers stands in the sentence, or at the head of its row or column."""
    around = [fact, *fact.surroundings()]
    column = next((one.attributes["data-column"] for one in around if "data-column" in one.attributes), "")
    row = next((one for one in around if one.name == "tr"), None)
    head = next((one.text() for one in row.every("th")), "") if row is not None else ""
    words = "".join((fact.text(frozenset({"q", "refs"})), column, head)).casefold()
    return any(visible(one.speaker).casefold() in words for one in cited)


_OWN_VERDICT = re.compile(
    r"\b(?:verified|confirmed|proven|authenticated|debunked|genuine|fake[ds]?)\b|تم التحقق|مؤكد",
    re.IGNORECASE,
)
_NOT_OURS = frozenset({"q", "words", "name", "value", "style", "title", "h1", "thead", "particulars", "by"})
"""Elements whose words are a source's, a person's or a file's, never the desk's own."""


def _verdicts(root: Element, dossier: Dossier) -> Iterator[Fault]:
    """The desk's own prose never calls anything verified; "confirmed" only tells what a voice did."""
    confirming = {
        digest.hex
        for digest, statement in dossier.weighing.statements.items()
        if statement.stance is Stance.CONFIRMS
    }
    records = _records(root)
    for fact in root.every(classed="fact"):
        found = _OWN_VERDICT.search(fact.text(_NOT_OURS))
        if found is None:
            continue
        cited = {records.get(target) for target in _targets(fact)}
        is_own = "own" in fact.classes
        may_say = is_own or fact.attributes.get("data-stance") == Stance.CONFIRMS
        if found[0].lower() != "confirmed" or not (may_say and cited & confirming):
            whose = "an editor's" if is_own else "the desk's own"
            yield _at(fact, f"{whose} words say {found[0]!r}")
    found = _OWN_VERDICT.search(root.text(_NOT_OURS | {"fact"}))
    if found is not None:
        yield Fault(f"the frame of the page says {found[0]!r}", "outside the sentences")


def _numbers(root: Element, dossier: Dossier) -> Iterator[Fault]:
    """No loose number stands in a sentence of fact, and each amount stands beside its owners."""
    marked = frozenset({"q", "amount", "term", "refs", "by"})
    told = _told_numbers(root, dossier)
    for fact in root.every(classed="fact"):
        held = set().union(*(told.get(target, ()) for target in _targets(fact)))
        is_own = "own" in fact.classes
        loose = [one for one in _numbers_in(fact.text(marked)) if not is_own or one not in held]
        if loose:
            what = "given by nothing that it rests on" if is_own else "nobody's"
            yield _at(fact, f"the number {loose[0]} is {what}")
    givers = {
        visible(statement.speaker)
        for statement in dossier.weighing.statements.values()
        if statement.amount is not None
    }
    givers |= {visible(seen.author.name) for seen in dossier.observations if seen.amount is not None}
    givers |= {visible(one.author.name) for one in dossier.estimates}
    for amount in root.every(classed="amount"):
        owners = json.loads(amount.attributes.get("data-owners", "[]"))
        beside = _beside(amount).casefold()  # a sentence begins with a capital, whatever begins it
        if not owners or not all(visible(owner).casefold() in beside for owner in owners):
            yield Fault("a number does not stand beside its owner", amount.text())
        yield from (
            Fault("a number is given to one who gave none", owner) for owner in owners if owner not in givers
        )


_NUMBER = re.compile(r"\d+(?:[.,٫٬]\d+)*")


def _numbers_in(text: str) -> list[str]:
    """The numbers in a text in the digits of ASCII, without the marks between thousands."""
    return [
        "".join(str(int(sign)) if sign.isdecimal() else "." if sign in ".٫" else "" for sign in found)
        for found in _NUMBER.findall(text)
    ]


def _erased_support(_: Element, dossier: Dossier) -> Iterator[Fault]:
    """No sentence of a person rests on what was erased: nobody can look at it any more."""
    if dossier.edition is None:
        return
    erased = {name for tombstone in dossier.erasures for name in tombstone.objects}
    for place, sentence in dossier.edition.sentences.items():
        if not erased.isdisjoint(sentence.rests_on):
            yield Fault("a sentence rests on what was erased", sentence.text[:80], place)


def _told_numbers(root: Element, dossier: Dossier) -> dict[str, set[str]]:
    """The numbers that stand in what each entry of the appendix names, its own label among them."""
    if dossier.edition is None:
        return {}
    wanted = {target for fact in root.every(classed="own") for target in _targets(fact)}
    exhibits = {one.digest.hex: one for one in dossier.exhibits}
    nouns = {digest_of(one).hex: one for one in (*_nouns_of(dossier), *dossier.weighing.statements.values())}
    told: dict[str, set[str]] = {}
    for entry in _entries(root):
        if entry.attributes["id"] not in wanted:
            continue
        texts = [quote.text() for quote in entry.every("q")]
        texts += [entry.text(frozenset({"dl", "back"}))]
        noun, exhibit = nouns.get(_last(entry)), exhibits.get(entry.attributes["data-digest"])
        noun = noun or nouns.get(entry.attributes["data-digest"])
        if noun is not None:
            texts.append(_HEX.sub("", encode(noun).decode()))
        if exhibit is not None:
            texts += [exhibit.number, exhibit.title or "", exhibit.published or ""]
        numbers = {number for text in texts for number in _numbers_in(text)}
        told[entry.attributes["id"]] = numbers | {number.lstrip("0") for number in numbers}
    return told


_HEX = re.compile(r"sha256:[0-9a-f]{64}")


def _open_questions(root: Element, dossier: Dossier) -> Iterator[Fault]:
    """For every claim it is said what nobody could verify."""
    entries = {
        element.attributes.get("id"): element for element in root.every("li") if "id" in element.attributes
    }
    for number, claim in enumerate((one.claim for one in dossier.weighing.claims), start=1):
        entry = entries.get(f"open-{number}")
        if entry is None or not any(True for _ in entry.every(classed="fact")):
            yield Fault("it is not said what nobody could verify", claim.text)


def _beside(amount: Element) -> str:
    """The words around an amount: its sentence's block, or its row with the head of its table."""
    row = next((around for around in amount.surroundings() if around.name in ("tr", "li", "p")), None)
    table = next((around for around in amount.surroundings() if around.name == "table"), None)
    heads = (head.text() for head in table.every("thead")) if table is not None else ()
    return "".join((row.text() if row is not None else "", *heads))


_MEDIA = frozenset(
    {"img", "picture", "video", "audio", "object", "embed", "iframe", "image", "canvas", "source"}
)


def _covers(root: Element, dossier: Dossier) -> Iterator[Fault]:
    """Each picture is a preview of the dossier, lies in a closed cover that says its level first."""
    previews = {one.path for one in (*dossier.previews.values(), *dossier.sheets.values())}
    for element in root.every():
        if element.name not in _MEDIA:
            continue
        path = element.attributes.get("src", element.attributes.get("data", ""))
        cover = next((around for around in element.surroundings() if around.name == "details"), None)
        if element.name != "img" or path not in previews:
            yield Fault("something other than a preview is shown", path or element.name)
        if cover is None or "open" in cover.attributes or not _warns(cover):
            yield Fault("a picture is not behind a closed cover with its warning", path)
        if not element.attributes.get("alt"):
            yield Fault("a picture has no words in its place", path)


def _warns(cover: Element) -> bool:
    first = next((part for part in cover.inside if isinstance(part, Element)), None)
    return first is not None and first.name == "summary" and "Level " in first.text()


_OUTSIDE = re.compile(r"^\s*(?:[a-z][a-z0-9+.-]*:|//)", re.IGNORECASE)


def _stillness(root: Element, dossier: Dossier) -> Iterator[Fault]:
    """Nothing on the page runs, and nothing asks another machine for anything."""
    del dossier
    if any(True for _ in root.every("script")):
        yield Fault("the page holds a script", "script")
    for element in root.every():
        for attribute, value in element.attributes.items():
            if attribute.startswith("on") or attribute == "style":
                yield Fault("an element runs or styles itself", f"{element.name} {attribute}")
            if attribute in ("src", "href", "data", "action", "srcset", "poster") and _OUTSIDE.match(value):
                yield Fault("the page reaches outside", value[:80])
    style = "".join(element.text() for element in root.every("style"))
    if re.search(r"url\(|@import", style):
        yield Fault("the style reaches outside", "style")
    if not any("default-src 'none'" in one.attributes.get("content", "") for one in root.every("meta")):
        yield Fault("the page has no policy against outside requests", "head")


def _discretion(root: Element, dossier: Dossier) -> Iterator[Fault]:
    """No withheld source occurs anywhere outside the exact words of an exhibit."""
    text = root.text(frozenset({"q", "style"}))
    attributes = " ".join(value for element in root.every() for value in element.attributes.values())
    own = [(fact, fact.text()) for fact in root.every(classed="own")]
    sources = {source: visible(source) for source in withheld_sources(dossier)}
    shown = [occurring(sources.values(), one) for one in (text, attributes, *(words for _, words in own))]
    printed = frozenset[str]().union(*shown)
    for source in sorted(one for one, seen in sources.items() if seen in printed):
        for fact, words in own:
            if sources[source] in words:  # a person may not print it as somebody's words either
                yield _at(fact, "a withheld source is printed")
        if sources[source] in shown[0] or sources[source] in shown[1]:
            yield Fault("a withheld source is printed", f"{len(source)} characters")


def _signatures(root: Element, dossier: Dossier) -> Iterator[Fault]:
    """Behind each sentence in a person's own words, or the last of several by the same hand, stands whose."""
    del dossier
    for paragraph in root.every("p"):
        own = [fact for fact in paragraph.every(classed="own") if "fact" in fact.classes]
        for place, fact in enumerate(own):
            hand = _hand(fact)
            if place + 1 < len(own) and _hand(own[place + 1]) == hand:
                continue
            if [by.text() for by in fact.every(classed="by")] != [", ".join(hand)]:
                yield _at(fact, "it is not said who wrote this")


def _grounds(root: Element, dossier: Dossier) -> Iterator[Fault]:
    """What a person's own words rest on is still on record, and counts."""
    known = _known_digests(dossier)
    lost = {one.attributes["id"] for one in _entries(root) if one.attributes["data-digest"] not in known}
    for fact in root.every(classed="own"):
        if lost & {*_targets(fact)}:
            yield _at(fact, "what it rests on is not on record, or does not count any more")


def _hand(fact: Element) -> tuple[str, str]:
    return fact.attributes["data-author"], fact.attributes["data-written"]


_RULES: tuple[Callable[[Element, Dossier], Iterator[Fault]], ...] = (
    _references,
    _quotes,
    _standing,
    _attribution,
    _loose_prose,
    _verdicts,
    _numbers,
    _open_questions,
    _covers,
    _stillness,
    _discretion,
    _signatures,
    _grounds,
    _erased_support,
)


def _plain_text(root: Element, markdown: str, dossier: Dossier) -> Iterator[Fault]:
    """The plain text has the same references, no pictures, and no withheld source."""
    numbers = set(re.findall(r"^- \[(\d+)\] ", markdown, re.MULTILINE))
    digests = set(re.findall(r"[0-9a-f]{64}", markdown))
    for entry in _entries(root):
        number = entry.attributes["id"].removeprefix("ref-")
        if number not in numbers or entry.attributes["data-digest"] not in digests:
            yield Fault("the plain text lacks a reference", number)
    if re.search(r"(?<!\\)(?:!\[|<img)", markdown):
        yield Fault("the plain text shows a picture", "Markdown")
    bare = " ".join(re.sub(r"\\(.)", r"\1", markdown).split())
    sources = {source: " ".join(visible(source).split()) for source in withheld_sources(dossier)}
    printed = occurring(sources.values(), bare)
    quotes = {" ".join(visible(one.appearance.quote).split()) for one in dossier.weighing.statements.values()}
    for quote in sorted((one for one in quotes if occurring(printed, one)), key=len, reverse=True):
        bare = bare.replace(quote, "")  # what stands in the exact words of an exhibit may be said
    for source in sorted(one for one, seen in sources.items() if seen in printed and seen in bare):
        yield Fault("a withheld source is printed in the plain text", f"{len(source)} characters")


def _entries(root: Element) -> Iterator[Element]:
    return (element for element in root.every(classed="fields") if "data-digest" in element.attributes)


def _targets(fact: Element) -> tuple[str, ...]:
    links = (link for refs in fact.every(classed="refs") for link in refs.every("a"))
    return tuple(link.attributes.get("href", "").removeprefix("#") for link in links)


def _records(root: Element) -> dict[str, str]:
    """The record that each entry of the appendix prints last: for exact words, the statement."""
    return {entry.attributes["id"]: _last(entry) for entry in _entries(root)}


def _last(entry: Element) -> str:
    return [value.text() for value in entry.every("dd")][-1]


def _known_digests(dossier: Dossier) -> frozenset[str]:
    named: list[Digest] = [digest_of(noun) for noun in _nouns_of(dossier)]
    named += [copy.digest for one in dossier.exhibits for copy in (one.item.original, *one.copies)]
    named += [digest for one in dossier.assessments for digest in one.rests_on]
    return frozenset(digest.hex for digest in named)


def _nouns_of(dossier: Dossier) -> tuple[Noun, ...]:
    return (
        dossier.investigation,
        *dossier.events,
        *(weighed.claim for weighed in dossier.weighing.claims),
        *dossier.judged,
        *dossier.findings,
        *dossier.matches,
        *dossier.observations,
        *dossier.ratings,
        *dossier.erasures,
        *dossier.undone,
    )


def _at(fact: Element, rule: str) -> Fault:
    return Fault(rule, _start(fact), fact.attributes.get("data-own", ""))


def _start(element: Element) -> str:
    return " ".join(element.text(frozenset({"refs", "by"})).split())[:80]
