"""Each rule finds its own fault when a finished brief is spoiled, and finds nothing in a good one."""

from __future__ import annotations

import re
from dataclasses import replace
from types import ModuleType

import pytest

from witnessmark.errors import MalformedError, RefusedError
from witnessmark.model import Digest, Stance
from witnessmark.model.wire import digest_of
from witnessmark.publish import Brief, brief
from witnessmark.publish.dossier import Dossier
from witnessmark.publish.lint import insist, lint
from witnessmark.publish.rereading import reread
from witnessmark.weigh import weigh


@pytest.fixture(scope="module")
def made(dossier: Dossier) -> Brief:
    return brief(dossier)


def rules(html: str, made: Brief, dossier: Dossier) -> set[str]:
    return {fault.rule for fault in lint(html.encode(), made.markdown, dossier)}


def test_a_good_brief_has_no_fault(made: Brief, dossier: Dossier) -> None:
    assert lint(made.html, made.markdown, dossier) == ()


SPOILED = [
    ('href="#ref-4"', 'href="#ref-400"', "a link leads nowhere"),
    (
        '<a href="#ref-1" aria-label="Reference 1, event">[1 event]</a>',
        "",
        "a sentence of fact has no reference",
    ),
    ('data-digest="', 'data-digest="0', "a reference names nothing in the dossier"),
    (
        ">I count between 15 and 19<",
        ">I count between 15 and 91<",
        "a sentence quotes words that its references do not hold",
    ),
    ("On record: ", "On record, verified: ", "the desk's own words say 'verified'"),
    ("On record: ", "On record and confirmed: ", "the desk's own words say 'confirmed'"),
    (" declined to confirm it (", " confirmed it (", "the desk's own words say 'confirmed'"),
    ("doubted it, ", "confirmed it, ", "the desk's own words say 'confirmed'"),
    (" declined to confirm it (", " confirms it (", "something else is told as a confirmation"),
    ("</span>) passed on what <span", "</span>) confirms what <span", "a relay is told as a confirmation"),
    (
        'data-stance="declines_to_confirm"',
        'data-stance="confirms"',
        "a record is told as 'confirms' that says otherwise",
    ),
    ('data-stance="doubts"', 'data-stance="denies"', "a record is told as 'denies' that says otherwise"),
    (
        '<span class="term name" dir="auto">Interior Office (Daro Venn)</span> declined to confirm it (',
        "A spokesman declined to confirm it (",
        "it is not said whose words these are",
    ),
    (
        'data-column="C: Interior Office (Daro Venn)"',
        'data-column="C"',
        "it is not said whose words these are",
    ),
    ("This brief may describe", "This verified brief may describe", "the frame of the page says 'verified'"),
    ("What this cannot tell</h2>", "What is proven</h2>", "the frame of the page says 'proven'"),
    ("ordered the erasure of ", "ordered the erasure of 3 or ", "the number 3 is nobody's"),
    ('data-owners="[&quot;Mira Olt&quot;]"', 'data-owners="[]"', "a number does not stand beside its owner"),
    (
        'data-owners="[&quot;Mira Olt&quot;]"',
        'data-owners="[&quot;Northern Post (Selm)&quot;]"',
        "a number is given to one who gave none",
    ),
    ('id="open-3"', 'id="opened-3"', "it is not said what nobody could verify"),
    ('src="previews/E00006.jpg"', 'src="objects/E00006.jpg"', "something other than a preview is shown"),
    ("<details>", "<details open>", "a picture is not behind a closed cover with its warning"),
    ("Level 2 of 4", "", "a picture is not behind a closed cover with its warning"),
    (
        "</main>",
        '<video src="previews/E00006.jpg"></video></main>',
        "something other than a preview is shown",
    ),
    ("</main>", '<img src="previews/E00006.jpg"></main>', "a picture has no words in its place"),
    (
        "</main>",
        '<img src="previews/E00006.jpg" alt="x"></main>',
        "a picture is not behind a closed cover with its warning",
    ),
    (
        "</main>",
        "<p>640 people were killed there.</p></main>",
        "a sentence stands outside the sentences of fact",
    ),
    ("</main>", "<script></script></main>", "the page holds a script"),
    ("<main ", '<main onclick="x()" ', "an element runs or styles itself"),
    ('href="#ref-4"', 'href="https://selm.example/"', "the page reaches outside"),
    ('href="#ref-4"', 'href="//selm.example/"', "the page reaches outside"),
    ("margin: 0;", "background: url(x.png);", "the style reaches outside"),
    ("default-src 'none'", "", "the page has no policy against outside requests"),
    (">withheld<", ">/media/card-of-a-neighbour/IMG_2207.jpg<", "a withheld source is printed"),
    ('class="kicker"', 'title="archive-2029/gate.jpg"', "a withheld source is printed"),
]


@pytest.mark.parametrize(("old", "new", "rule"), SPOILED)
def test_a_spoiled_page_is_found_out(old: str, new: str, rule: str, made: Brief, dossier: Dossier) -> None:
    page = made.html.decode()
    assert old in page
    assert rule in rules(page.replace(old, new, 1), made, dossier)


def test_a_quote_in_the_appendix_must_stand_at_its_span(made: Brief, dossier: Dossier) -> None:
    spoiled = made.html.decode().replace(">I count between 15 and 19<", ">I count between 15 and 91<")
    assert "a quote is not what stands at its span" in rules(spoiled, made, dossier)


def test_a_page_that_is_no_brief_is_malformed_and_nothing_worse(made: Brief, dossier: Dossier) -> None:
    spoiled = made.html.decode().replace('data-span="', 'data-span="x')
    for page in (spoiled.encode(), b"\xff\xfe", b"<p>", b"<div class='fields' data-digest='x'></div>"):
        with pytest.raises(MalformedError):
            lint(page, made.markdown, dossier)


def test_words_that_no_person_has_confirmed_are_found_out(dossier: Dossier, made: Brief) -> None:
    standing = dossier.weighing.statements
    fewer = {digest: one for digest, one in standing.items() if one.stance is not Stance.DOUBTS}
    waiting = replace(dossier, weighing=replace(dossier.weighing, statements=fewer))
    found = {fault.rule for fault in lint(made.html, made.markdown, waiting)}
    assert "words are cited that no person has confirmed" in found


def test_an_entry_that_is_missing_from_the_appendix_is_missed(made: Brief, dossier: Dossier) -> None:
    page = made.html.decode()
    entries = re.findall(r' id="(ref-\d+)"', page)
    assert len(entries) == len(made.references)
    for entry in (entries[0], entries[len(entries) // 2], entries[-1]):
        spoiled = page.replace(f' id="{entry}"', f' id="x{entry}"', 1)
        assert "a link leads nowhere" in rules(spoiled, made, dossier)


def test_a_quote_that_is_moved_by_one_sign_is_refused(dossier: Dossier, fiction: ModuleType) -> None:
    moved = {
        digest: text.replace("I count", "I  count") if "I count" in text else text
        for digest, text in dossier.texts.items()
    }
    with pytest.raises(RefusedError, match="a quote is not what stands at its span"):
        brief(replace(dossier, texts=moved))


def test_a_text_that_is_missing_is_refused(dossier: Dossier) -> None:
    with pytest.raises(RefusedError, match="the text of a quote is not in the dossier"):
        brief(replace(dossier, texts={}))


def test_a_withheld_source_that_became_a_title_is_refused(dossier: Dossier, fiction: ModuleType) -> None:
    exhibits = tuple(
        replace(one, title=fiction.WITHHELD_SOURCE) if one.number == "E00006" else one
        for one in dossier.exhibits
    )
    with pytest.raises(RefusedError, match="a withheld source is printed"):
        brief(replace(dossier, exhibits=exhibits))


def test_a_machine_that_gives_verdicts_is_refused(dossier: Dossier) -> None:
    (match,) = dossier.matches
    boasting = replace(match, reason="verified to be the same picture")
    with pytest.raises(RefusedError, match="the desk's own words say 'verified'"):
        brief(replace(dossier, matches=(boasting,)))


def test_a_voice_that_only_declined_cannot_be_told_as_confirming(dossier: Dossier, made: Brief) -> None:
    """The page says what the records said when it was made; then a record changes its stance."""
    statements = {
        digest: replace(one, stance=Stance.DECLINES_TO_CONFIRM) if one.stance is Stance.CONFIRMS else one
        for digest, one in dossier.weighing.statements.items()
    }
    weighing = replace(dossier.weighing, statements=statements)
    assert "the desk's own words say 'confirmed'" in rules(
        made.html.decode(), made, replace(dossier, weighing=weighing)
    )


def test_a_source_may_use_the_word_in_its_own_words(dossier: Dossier, fiction: ModuleType) -> None:
    text = "All of this is verified, proven and genuine, the union said."
    article = fiction.Text("E00059", "Union of Dockers", "Verified!", "8 March 2031", text)
    statement = fiction.said(
        "Union of Dockers", Stance.ASSERTS, article.words("verified, proven and genuine")
    )
    full = replace(
        dossier,
        exhibits=(*dossier.exhibits, article.shown()),
        texts={**dossier.texts, article.digest: text},
        weighing=weigh((fiction.DEATHS,), {digest_of(statement): statement}),
        assessments=(),
    )
    assert b">verified, proven and genuine<" in brief(full).html


def test_the_plain_text_is_held_to_the_same(made: Brief, dossier: Dossier, fiction: ModuleType) -> None:
    for spoiled, rule in (
        (made.markdown.replace(b"\n- [3] ", b"\n- [333] "), "the plain text lacks a reference"),
        (made.markdown + b"\n![gate](objects/gate.jpg)\n", "the plain text shows a picture"),
        (made.markdown + fiction.WITHHELD_SOURCE.encode(), "a withheld source is printed in the plain text"),
    ):
        assert {fault.rule for fault in lint(made.html, spoiled, dossier)} == {rule}


def test_the_refusal_names_the_fault_and_how_many_more(made: Brief, dossier: Dossier) -> None:
    with pytest.raises(RefusedError, match=r"not handed out: .* and \d+ more"):
        insist(made.html.replace(b'href="#ref-', b'href="#gone-'), made.markdown, dossier)


def test_a_page_whose_elements_do_not_nest_is_refused() -> None:
    with pytest.raises(MalformedError, match="closes <p> where <b> is open"):
        reread(b"<p><b></p></b>")
    with pytest.raises(MalformedError, match="ends while <p> is open"):
        reread(b"<p>")


def test_a_reference_to_a_digest_from_elsewhere_is_found(made: Brief, dossier: Dossier) -> None:
    digest = dossier.exhibits[0].digest.hex
    strange = Digest.of(b"elsewhere").hex
    assert "a reference names nothing in the dossier" in rules(
        made.html.decode().replace(digest, strange), made, dossier
    )
