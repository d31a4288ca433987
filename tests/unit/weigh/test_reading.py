"""Reading: chains of voices, quotations, nesting, and the places of everything."""

from __future__ import annotations

import pytest

from witnessmark.errors import MalformedError
from witnessmark.model import Stance, Topic
from witnessmark.weigh.reading import Passage, Proposed, statements


def read(text: str) -> list[Proposed]:
    return list(statements(text))


def chain(one: Proposed) -> list[str]:
    return [voice.text for voice in one.chain]


def content(one: Proposed) -> list[str]:
    return [passage.text for passage in one.content]


def test_a_relay_names_every_voice_from_the_outermost_to_the_first() -> None:
    text = "The Front said that 640 men were dead, the Telm Agency reported, citing a statement on a channel."
    outer, inner = read(text)
    assert chain(outer) == ["the Telm Agency", "a statement on a channel"]
    assert outer.stance is Stance.REPORTS
    assert chain(inner) == ["the Telm Agency", "a statement on a channel", "The Front"]
    assert inner.stance is Stance.ASSERTS
    assert inner.nested_in == outer.name
    assert [one.passage.text for one in inner.quantities] == ["640"]
    assert not outer.quantities


@pytest.mark.parametrize(
    "text",
    [
        "The Sellan army, cited by the Telmar Agency, said about 170 rebels had died.",
        "The Sellan army was quoted by the Telmar Agency as saying about 170 rebels had died.",
        "“About 170 rebels had died,” the Sellan army was quoted by the Telmar Agency as saying.",
        "According to the Sellan army, cited by the Telmar Agency, about 170 rebels had died.",
    ],
)
def test_whoever_is_cited_by_another_is_the_first_voice(text: str) -> None:
    (one,) = read(text)
    assert [voice.text.lower() for voice in one.chain] == ["the telmar agency", "the sellan army"]
    assert one.stance is Stance.REPORTS
    assert [number.passage.text.lower() for number in one.quantities] == ["about 170"]


def test_a_quoted_source_within_a_quotation_is_nested() -> None:
    outer, inner = read("“The guards told us that the men are alive,” said Ana Torv, the governor.")
    assert chain(outer) == ["Ana Torv, the governor"]
    assert chain(inner) == ["Ana Torv, the governor", "The guards"]
    assert inner.nested_in == outer.name


def test_what_somebody_says_of_themselves_in_a_quotation_is_theirs() -> None:
    text = (
        "“The men are ours,” General Tam Oswar said. "
        "“I can confirm the pictures. I cannot confirm the number.”"
    )
    said, *inner = read(text)
    assert content(said) == [
        "“The men are ours,”",
        "“I can confirm the pictures. I cannot confirm the number.”",
    ]
    assert [(chain(one), one.stance) for one in inner] == [
        (["General Tam Oswar"], Stance.CONFIRMS),
        (["General Tam Oswar"], Stance.DECLINES_TO_CONFIRM),
    ]


def test_a_quotation_goes_on_over_paragraphs() -> None:
    text = "“We came at night,” said Ana Torv.\n\n“The gate was open.\n\n“Nobody was there.”\n\nRain fell."
    (one,) = read(text)
    assert content(one) == ["“We came at night,”"]  # a new paragraph needs a quotation that is still open
    text = "Ana Torv said: “We came at night.\n\n“The gate was open.\n\n“Nobody was there.”\n\nRain fell."
    one = read(text)[0]
    assert content(one) == ["“We came at night.", "“The gate was open.", "“Nobody was there.”"]


@pytest.mark.parametrize(
    ("text", "mention", "source"),
    [
        ("Ana Torv, the mayor, said no. She said the bridge fell.", "She", "Ana Torv, the mayor"),
        ("Ana Torv said no. Torv said the bridge fell.", "Torv", "Ana Torv"),
        (
            "Brigadier General Tam Oswar said no. The general said the bridge fell.",
            "The general",
            "Brigadier General Tam Oswar",
        ),
        (
            "The Telm News Agency said no. The agency said the bridge fell.",
            "The agency",
            "The Telm News Agency",
        ),
        ("The rebels said no. They said the bridge fell.", "They", "The rebels"),
        ("It was raining. She said the bridge fell.", "She", "She"),
        (
            "Two brothers, Jan and Ulf Ost, keep a list, said Ana Torv, who says the bridge fell.",
            "who",
            "Ana Torv",
        ),
    ],
)
def test_a_pronoun_a_title_or_a_last_name_leads_back_to_the_name(
    text: str, mention: str, source: str
) -> None:
    last = read(text)[-1]
    if mention != "who":
        assert last.mention is not None
        assert (last.mention.text, chain(last)) == (mention, [source])
    else:
        assert any(source in voice for voice in chain(last))


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("The rector disputes this. He says 31 men were expelled.", "The rector"),
        ("The company's spokesman was relieved: all 16 men were safe, he said.", "The company's spokesman"),
        ("The monument carries 619 names.", "The monument"),
        ("The navy has updated its figures: 41 dead.", "The navy"),
        ("A report by state radio that twenty had died was wrong, she said.", "state radio"),
        ("The parish priest wrote down 212 names.", "The parish priest"),
        ("Rebel radio claimed that 150 men had died.", "Rebel radio"),
    ],
)
def test_whoever_counts_is_the_voice_of_the_number(text: str, source: str) -> None:
    assert [chain(one)[-1] for one in read(text) if one.quantities] == [source]


def test_in_a_transcript_a_speaker_goes_on_until_the_next_one() -> None:
    text = "HOST: How many? SOLA: I saw forty men. We counted nine dead. HOST: The army says a hundred died."
    found = {(*chain(one), number.passage.text) for one in read(text) for number in one.quantities}
    assert found == {
        ("SOLA", "forty"), ("SOLA", "nine"), ("HOST", "The army", "a hundred"),
    }  # fmt: skip
    assert not [one for one in read("CAIRO: Ten men died. Nine were hurt.") if len(one.content) > 1]


def test_a_text_that_speaks_for_itself_has_no_cue_and_no_source() -> None:
    (one,) = read("At least 40 men were killed at the bridge on Monday.")
    assert (one.cue, one.source, one.chain) == (None, None, ())
    assert one.topic is Topic.NUMBER


@pytest.mark.parametrize(
    ("text", "source"),
    [
        ("We were sent nine pictures. The mayor left. They show forty men.", "nine pictures"),
        ("A video was published at noon. It shows forty men in a yard.", "A video"),
    ],
)
def test_what_they_show_is_said_by_the_pictures_that_were_named(text: str, source: str) -> None:
    assert chain(read(text)[-1]) == [source]


def test_a_figure_that_one_announced_and_the_text_doubts_is_a_number_of_both() -> None:
    text = "The figure of 640, which the Front announced, has no support in anything that we have seen."
    found = {(*chain(one), one.stance, str(one.quantities[0].amount)) for one in read(text)}
    assert found == {("the Front", Stance.ASSERTS, "640"), (Stance.DOUBTS, "640")}


def test_what_the_text_counts_aside_of_a_speaker_is_its_own() -> None:
    said, own = read("“We will stay,” said Ana Torv, whose union has 25,000 members.")
    assert said.source is not None and said.source.text.startswith("Ana Torv")
    assert (own.source, [str(one.amount) for one in own.quantities]) == (None, ["25,000"])


def test_those_who_are_cited_are_voices_and_no_count() -> None:
    (one,) = read("The Ledger said that 50 officers had been arrested, citing two former generals.")
    assert [str(counted.amount) for counted in one.quantities] == ["50"]


def test_a_name_that_ends_as_adverbs_do_is_a_name() -> None:
    (one,) = read("Mr Kelly said: “There are hundreds of people inside.”")
    assert one.source is not None and one.source.text == "Mr Kelly"


def test_they_in_a_quotation_are_whom_its_speaker_means() -> None:
    (one,) = [
        one for one in read("Critics say no. Mr Orlo said: “They say that 300 men hide.”") if one.quantities
    ]
    assert chain(one) == ["Mr Orlo", "They"]


def test_a_government_is_not_one_of_its_units() -> None:
    found = read("Six government units say they were ready. The government said that 40 men had died.")
    assert found[-1].source is not None and found[-1].source.text == "The government"


def test_certainty_is_kept_as_it_is_written() -> None:
    (one,) = read("The analyst believes that the lorries may belong to the army.")
    assert one.certainty is not None
    assert (one.certainty.passage.text, one.certainty.level) == ("believes", "moderate")


def test_an_adverb_of_hearsay_names_nobody() -> None:
    (one,) = read("The men were reportedly shot at dawn.")
    assert (one.stance, one.source) == (Stance.REPORTS, None)


def test_half_a_character_is_a_clear_error() -> None:
    with pytest.raises(MalformedError, match="character 3 of the text is half of one"):
        read("abc\ud800 said he")


def test_a_place_outside_the_text_is_refused() -> None:
    with pytest.raises(MalformedError, match="is not a stretch"):
        Passage.of("abc", (1, 9))


def test_the_facts_have_the_shape_that_is_promised() -> None:
    (one,) = read("Ana Torv said on Monday that at least 40 men had died in Belisk.")
    facts = one.facts()
    assert list(facts) == [
        *("id", "source", "chain", "cue", "content", "stance", "certainty", "nested_in", "quantities"),
        *("when", "where", "topic", "extractor", "version"),
    ]
    assert facts["source"] == {"text": "Ana Torv", "start": 0, "end": 8}
    assert facts["quantities"] == [
        {
            "text": "at least 40", "start": 29, "end": 40, "low": 40, "best": None, "high": None,
            "qualifier": "at least", "unit": "persons",
            "victims": {"text": "men", "start": 41, "end": 44},
            "action": {"text": "died", "start": 49, "end": 53}, "role": "total",
        }
    ]  # fmt: skip
    assert facts["where"] == {"text": "Belisk", "start": 57, "end": 63}
