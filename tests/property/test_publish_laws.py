"""Laws of the brief that hold whatever is written in the records."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tests.fixtures.brief import fiction

from witnessmark.model import Range, Stance
from witnessmark.model.wire import digest_of
from witnessmark.publish import Dossier, brief
from witnessmark.publish.rereading import reread
from witnessmark.publish.sentences import Words, visible
from witnessmark.weigh import weigh

BASE = fiction.dossier()
OUTSIDE = re.compile(r'(?:src|href)="(?!#|previews/)')

hostile = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40),
    st.sampled_from(
        [
            "<script>alert(1)</script>",
            '"><img src=x onerror=alert(1)>',
            "</q></span></section><h1>verified",
            "![a](http://selm.example/x.png)",
            "[x](javascript:alert(1))",
            "| a | b |\n|---|---|",
            "\u202eevil\u2066",
            "قال المتحدث إن العدد 40",
            "# Heading\n- [1] list",
            "&lt;b&gt; &amp; `code`",
            "</style><style>*{}",
            "<!--",
        ]
    ),
).filter(lambda text: bool(text.strip()))
names = hostile.filter(lambda text: not any(ord(sign) < 32 for sign in text))
few = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def case_of(words: str, speaker: str, title: str, before: str = "") -> Any:
    """A dossier of one article, in which `speaker` says `words`."""
    text = f"{before}{words} end"
    article = fiction.Text("E00050", title, title, title, text)
    statement = fiction.said(speaker, Stance.ASSERTS, article.words(words), amount=Range(best=3))
    return Dossier(
        BASE.investigation,
        BASE.custody,
        BASE.made_at,
        events=BASE.events,
        exhibits=(article.shown(),),
        texts={article.digest: text},
        weighing=weigh((fiction.DEATHS,), {digest_of(statement): statement}),
    )


@few
@given(hostile, names, names)
def test_nothing_that_is_written_becomes_an_element(words: str, speaker: str, title: str) -> None:
    plain = case_of("plain words", "A speaker", "A title")
    made = brief(case_of(words, speaker, title))
    usual = {one.name for one in reread(brief(plain).html).every()}
    assert {one.name for one in reread(made.html).every()} == usual
    assert not OUTSIDE.search(made.html.decode())


@few
@given(hostile, st.text(st.characters(exclude_categories=["Cs"]), max_size=20))
def test_a_quote_is_printed_to_the_letter_and_its_span_cuts_it_out(words: str, before: str) -> None:
    dossier = case_of(words, "A speaker", "A title", before)
    made = brief(dossier)
    printed = {quote.text() for quote in reread(made.html).every("q")}
    assert visible(words) in printed
    for reference in made.references:
        if isinstance(reference, Words):
            text = dossier.texts[reference.text]
            assert text[reference.span.start : reference.span.end] == reference.quote


@few
@given(hostile, names)
def test_the_plain_text_holds_no_markup_of_others(words: str, speaker: str) -> None:
    made = brief(case_of(words, speaker, "A title")).markdown.decode()
    assert not re.search(r"(?<!\\)<", made)
    assert not re.search(r"(?<!\\)!\[", made)
    assert not re.search(r"(?<!\\)\]\(", made)


@settings(few, max_examples=8)
@given(st.permutations(list(BASE.weighing.statements)))
def test_the_order_of_the_statements_does_not_matter(order: list[Any]) -> None:
    statements = {digest: BASE.weighing.statements[digest] for digest in order}
    claims = tuple(one.claim for one in BASE.weighing.claims)
    usual = replace(BASE, weighing=weigh(claims, BASE.weighing.statements))
    assert brief(replace(BASE, weighing=weigh(claims, statements))) == brief(usual)
