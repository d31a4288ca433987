"""Accidents: one thing goes wrong and nobody tidies up after it."""

from __future__ import annotations

import os
from collections.abc import Callable

from tests.conformance.bench import Bench, Blamed
from tests.conformance.faults import FORMS, KINDS, TAGS_256, TAGS_512, fault, flip

from witnessmark.publish import package_layout as layout
from witnessmark.publish.package_layout import Reason

# --- accidents, to each kind of file


def _accident(what: str, name: str, spoil: Callable[[Bench, str], object], reason: Reason) -> None:
    def happen(bench: Bench) -> Blamed:
        path = KINDS[what](bench)
        spoil(bench, path)
        return {(path, reason)}

    fault(f"{what} {name}")(happen)


def _link(bench: Bench, path: str) -> None:
    outside = bench.root.parent / "outside"
    outside.write_bytes(bench.read(path))
    bench.remove(path)
    (bench.root / path).symlink_to(outside)


for _what in KINDS:
    _accident(_what, "has one bit flipped", lambda bench, path: bench.edit(path, flip), Reason.CHANGED)
    _accident(_what, "is lost", Bench.remove, Reason.MISSING)
    _accident(_what, "grew by a byte", lambda b, path: b.edit(path, lambda c: c + b"\n"), Reason.CHANGED)
    _accident(_what, "is a link to the same bytes", _link, Reason.LINK)
for _what in ("an object", "the policy"):
    _accident(_what, "is empty", lambda bench, path: bench.write(path, b""), Reason.CHANGED)


@fault("an object is a pipe")
def _(bench: Bench) -> Blamed:
    path = bench.remove(bench.object)
    os.mkfifo(bench.root / path)
    return {(path, Reason.NOT_A_FILE)}


@fault("two objects have changed places")
def _(bench: Bench) -> Blamed:
    one, other = (layout.OBJECTS + digest.hex for digest in bench.case.objects[:2])
    first, second = bench.read(one), bench.read(other)
    bench.write(one, second)
    bench.write(other, first)
    return {(one, Reason.CHANGED), (other, Reason.CHANGED)}


@fault("a folder is a link")
def _(bench: Bench) -> Blamed:
    (bench.root / "data/previews").rename(bench.root.parent / "previews")
    (bench.root / "data/previews").symlink_to(bench.root.parent / "previews")
    return {("data/previews", Reason.LINK)}


# --- names


def _named(name: str, path: str, shown: str, reason: Reason) -> None:
    def plant(bench: Bench) -> Blamed:
        place = bench.root / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(b"planted\n")
        return {(shown, reason)}

    fault(name)(plant)


for _name, _path, _shown in (
    ("a name with a space", "data/a b", "data/a b"),
    ("a name with a newline", "data/a\nb", "data/a\nb"),
    ("a name with a backslash", "data/..\\b", "data/..\\b"),
    ("a name with a composed letter", "data/\u00e9.txt", "data/\\xe9.txt"),
    ("a name with a letter and its accent apart", "data/e\u0301.txt", "data/e\\u0301.txt"),
    ("a name with a colon", "data/c:b", "data/c:b"),
    ("a hidden file", "data/.hidden", "data/.hidden"),
    ("a name that looks like an option", "data/-rf", "data/-rf"),
    ("a name of bytes that are no text", "data/\udcff", "data/\\udcff"),
    ("a hidden folder", ".git", ".git"),
):
    _named(f"{_name} was planted", _path, _shown, Reason.UNSAFE_NAME)


@fault("a name differs from another by case alone")
def _(bench: Bench) -> Blamed:
    bench.write("data/BRIEF.html", b"planted\n")
    return {("data/brief.html", Reason.NAME_CLASH), ("data/BRIEF.html", Reason.NOT_LISTED)}


# --- files that nobody listed

_named("an unlisted file in the payload", "data/more.txt", "data/more.txt", Reason.NOT_LISTED)
_named("an unlisted object", "data/objects/more", "data/objects/more", Reason.NOT_LISTED)
_named("an unlisted file at the top", "README.txt", "README.txt", Reason.NOT_LISTED)
_named("a list of files to fetch", "fetch.txt", "fetch.txt", Reason.NOT_LISTED)
_named("an unlisted file beside the log", "custody/more", "custody/more", Reason.NOT_LISTED)
_named("an unlisted token", "timestamps/stamp-2.tsr", "timestamps/stamp-2.tsr", Reason.NOT_LISTED)
_named("another manifest", "manifest-md5.txt", "manifest-md5.txt", Reason.NOT_LISTED)


# --- tag manifests in a wrong form


def _malformed_tags(form: str, name: str) -> None:
    change, reason = FORMS[form]

    def spoil(bench: Bench) -> Blamed:
        bench.edit(name, change)
        return {(name, reason)}

    fault(f"{name} {form}")(spoil)


for _form in FORMS:
    _malformed_tags(_form, TAGS_256)
for _form in ("with CR line ends", "that lists a line twice", "that climbs out"):
    _malformed_tags(_form, TAGS_512)


@fault("one tag manifest has a digest changed")
def _(bench: Bench) -> Blamed:
    turn = {ord("0"): "1", **{ord(digit): "0" for digit in "123456789abcdef"}}
    bench.edit(TAGS_256, lambda content: content[:0] + chr(content[0]).translate(turn).encode() + content[1:])
    return {(TAGS_256, Reason.CHANGED)}


@fault("one tag manifest names a file that is not there")
def _(bench: Bench) -> Blamed:
    bench.edit(TAGS_512, lambda content: content.replace(b"custody/policy", b"custody/polity"))
    return {(TAGS_512, Reason.CHANGED)}


@fault("one tag manifest has lost a line")
def _(bench: Bench) -> Blamed:
    bench.edit(TAGS_256, lambda content: content.partition(b"\n")[2])
    return {(TAGS_256, Reason.CHANGED)}


for _name in layout.TAG_MANIFESTS:
    KINDS[_name] = lambda _, name=_name: name  # type: ignore[misc]
    _accident(_name, "is lost", Bench.remove, Reason.MISSING)
    _accident(_name, "is a link to the same bytes", _link, Reason.LINK)
