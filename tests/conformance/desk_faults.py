"""The desk itself errs, and seals what it did with its real key: the contents must show it."""

from __future__ import annotations

import hmac

from tests.conformance.bench import Bench, Blamed
from tests.conformance.faults import FORMS, Fault, added, edited, fault, lost, replaced

from witnessmark.model import Sealed
from witnessmark.ports import Opening
from witnessmark.publish import package_layout as layout
from witnessmark.publish.package_layout import Reason
from witnessmark.publish.package_revealed import written

# --- the desk itself: sealed with the real key


def _sealed(name: str, spoil: Fault, *, beyond_standalone: bool = False) -> None:
    def seal(bench: Bench) -> Blamed:
        blamed = spoil(bench)
        bench.reseal()
        return blamed

    fault(f"sealed: {name}", beyond_standalone=beyond_standalone)(seal)


def _planted_object(bench: Bench) -> Blamed:
    content = b"nobody took this in\n"
    path = layout.OBJECTS + bench.sha256(bench.write("data/more", content))
    bench.remove("data/more")
    return {(bench.write(path, content), Reason.NOT_ENTERED)}


def _planted_record(bench: Bench) -> Blamed:
    content = bench.read(bench.record).replace(b'"noise"', b'"sound"')
    bench.write("data/more", content)
    path = f"{layout.RECORDS}{bench.sha256('data/more')}.json"
    bench.remove("data/more")
    return {(bench.write(path, content), Reason.NOT_ENTERED)}


_sealed("an object that nobody entered", _planted_object)
_sealed("a record that nobody entered", _planted_record)


@fault("sealed: an object under another name")
def _(bench: Bench) -> Blamed:
    path = layout.OBJECTS + "0" * 64
    bench.write(path, bench.read(bench.object))
    bench.reseal()
    return {(path, Reason.CHANGED)}


def _without_row(content: bytes) -> bytes:
    lines = content.split(b"\r\n")
    return b"\r\n".join(lines[:2] + lines[3:])


for _folder in (layout.OBJECTS, layout.RECORDS):
    for _name in ("readme.txt", "A" * 64, "0" * 63, "0" * 64 if "rec" in _folder else "0" * 64 + ".json"):
        _sealed(f"a file called {_name} in {_folder}", added(_folder + _name, Reason.MALFORMED))

_HTML, _MARKDOWN, _NOTES = layout.WRITINGS
_ITEM_FAULTS: dict[str, Fault] = {
    "gives another exhibit number": replaced(layout.ITEMS, b"E00002", b"E00009", Reason.DISAGREES),
    "gives another size": replaced(layout.ITEMS, b",32768,", b",32769,", Reason.DISAGREES),
    "says that an erased object is enclosed": replaced(
        layout.ITEMS, b"erased", b"enclosed", Reason.DISAGREES
    ),
    "says that an object is withheld": replaced(layout.ITEMS, b"enclosed", b"withheld", Reason.DISAGREES),
    "has lost a row": edited(layout.ITEMS, _without_row, Reason.DISAGREES),
    "is not there": lost(layout.ITEMS),
    "has another heading": replaced(layout.ITEMS, b"record", b"recorded", Reason.MALFORMED),
}
_FINE_ITEM_FAULTS: dict[str, Fault] = {
    "gives another run": replaced(layout.ITEMS, b"run-1", b"run-2", Reason.DISAGREES),
    "names another collector": replaced(layout.ITEMS, b"analyst-1", b"analyst-2", Reason.DISAGREES),
    "gives another type": replaced(layout.ITEMS, b"text/plain", b"text/html", Reason.DISAGREES),
}
for _name, _spoil in _ITEM_FAULTS.items():
    _sealed(f"the index {_name}", _spoil)
_sealed("the index reveals another source", replaced(layout.ITEMS, b"notes/0", b"notes/7", Reason.DISAGREES))
_sealed("another value is revealed", replaced(layout.REVEALED, b"notes/0", b"notes/7", Reason.DISAGREES))
_sealed("another key is given", replaced(layout.REVEALED, b'"key": "', b'"key": "00', Reason.DISAGREES))
_sealed("what is revealed cannot be read", edited(layout.REVEALED, lambda _: b"{}\n", Reason.MALFORMED))


@fault("sealed: nothing opens the source that is revealed")
def _(bench: Bench) -> Blamed:
    bench.remove(layout.REVEALED)
    bench.reseal()
    return {(layout.ITEMS, Reason.DISAGREES)}


@fault("sealed: what is revealed is nothing that a record commits to", beyond_standalone=True)
def _(bench: Bench) -> Blamed:
    opening = Opening(b"key", "value")
    commitment = Sealed(f"hmac-sha256:{hmac.digest(opening.key, b'value', 'sha256').hex()}")
    bench.write(layout.REVEALED, written({commitment: opening}))
    bench.edit(layout.ITEMS, lambda content: content.replace(b"notes/0.txt", b""))
    bench.reseal()
    return {(layout.REVEALED, Reason.NOT_ENTERED)}


for _name, _spoil in _FINE_ITEM_FAULTS.items():
    _sealed(f"the index {_name}", _spoil, beyond_standalone=True)

_REFERENCES: dict[str, tuple[str, bytes]] = {
    "the brief links to nothing": (_HTML, b'<a href="objects/x">'),
    "the brief links out of the package": (_HTML, b'<a href="../../etc/passwd">'),
    "the brief shows what is not there": (_HTML, b'<img src="previews/x.jpg">'),
    "the brief names an unknown digest": (_HTML, b"f" * 64),
    "the brief in Markdown links to nothing": (_MARKDOWN, b"[x](objects/x)"),
    "the brief in Markdown names an unknown digest": (_MARKDOWN, b"f" * 64),
    "an annotation is about an unknown object": (_NOTES, b"f" * 64),
}
for _name, (_path, _more) in _REFERENCES.items():
    _sealed(_name, edited(_path, lambda content, more=_more: content + more, Reason.DANGLING))  # type: ignore[misc]
_sealed(
    "the brief loads from outside",
    edited(_HTML, lambda content: content + b'<img src="https://example.org/x">', Reason.DANGLING),
    beyond_standalone=True,
)
_sealed(
    "the bag is of an older version",
    replaced(layout.BAGIT, b"1.0", b"0.97", Reason.MALFORMED),
    beyond_standalone=True,
)
_sealed("the policy names no log", edited(layout.POLICY, lambda _: b"quorum none\n", Reason.MALFORMED))
_sealed("the policy names a broken key", replaced(layout.POLICY, b"+", b"+0", Reason.MALFORMED))


def _miscounted(name: str, old: bytes, new: bytes) -> None:
    def seal(bench: Bench) -> Blamed:
        bench.edit(layout.BAG_INFO, lambda content: content.replace(old, new))
        bench.reseal(keeps_count=True)
        return {(layout.BAG_INFO, Reason.WRONG_COUNT)}

    fault(f"sealed: {name}")(seal)


_miscounted("the payload is counted wrongly", b"Oxum: ", b"Oxum: 1")
_miscounted("the payload is not counted", b"Oxum", b"Oxen")


def _sealed_manifest(form: str) -> None:
    change, reason = FORMS[form]

    def spoil(bench: Bench) -> Blamed:
        bench.edit(layout.MANIFEST, change)
        bench.reseal(keeps_manifest=True)
        return {(layout.MANIFEST, reason)}

    fault(f"sealed: a payload manifest {form}")(spoil)


for _form in FORMS:
    if "percent" not in _form and "empty" not in _form:
        _sealed_manifest(_form)


@fault("sealed: a package of a later format")
def _(bench: Bench) -> Blamed:
    bench.detail["format"] = 2
    bench.reseal()
    return {("seal", Reason.MALFORMED)}
