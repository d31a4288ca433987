import pytest

from witnessmark.collect.charset import Sureness, by_label, detect

ARABIC = "قال شاهد عيان إن الرجال اقتيدوا إلى ضفة النهر ثم سُمع صوت محركات. " * 4
RUSSIAN = "Свидетель сказал, что людей увели к берегу реки, и больше их не видели. " * 4
FRENCH = "Les hommes ont été emmenés vers la rivière, déclare un témoin âgé. " * 4
ENGLISH = "A witness said that trucks were seen near the river. " * 4


@pytest.mark.parametrize(
    ("text", "encoding", "name", "sureness"),
    [
        (ARABIC, "cp1256", "windows-1256", Sureness.LIKELY),
        (ARABIC, "utf-8", "utf-8", Sureness.LIKELY),
        (ARABIC, "utf-16", "utf-16-le", Sureness.CERTAIN),
        (ARABIC, "utf-16-be", "utf-16-be", Sureness.GUESSED),
        (ARABIC, "utf-8-sig", "utf-8", Sureness.CERTAIN),
        (RUSSIAN, "cp1251", "windows-1251", Sureness.LIKELY),
        (RUSSIAN, "utf-16-le", "utf-16-le", Sureness.GUESSED),
        (FRENCH, "cp1252", "windows-1252", Sureness.GUESSED),
        (FRENCH, "utf-8", "utf-8", Sureness.LIKELY),
        (ENGLISH, "ascii", "utf-8", Sureness.CERTAIN),
        (ENGLISH, "utf-16-le", "utf-16-le", Sureness.GUESSED),
        ("", "ascii", "utf-8", Sureness.CERTAIN),
    ],
)
def test_an_encoding_is_found_by_its_bytes(text: str, encoding: str, name: str, sureness: Sureness) -> None:
    content = text.encode(encoding, "ignore")
    found = detect(content)
    assert (found.name, found.sureness) == (name, sureness)
    assert content.decode(found.name).lstrip("\ufeff") == content.decode(encoding)


def test_what_a_page_declares_is_believed_unless_the_bytes_contradict_it() -> None:
    assert detect(ARABIC.encode("cp1256", "ignore"), "windows-1256").sureness is Sureness.DECLARED
    assert detect(ARABIC.encode("cp1256", "ignore"), "utf-8").name == "windows-1256"
    assert detect(FRENCH.encode("cp1252"), "iso-8859-1").name == "windows-1252"
    assert detect(ENGLISH.encode(), "utf-16").name == "utf-8"
    assert detect(b"\xef\xbb\xbfabc", "windows-1256").name == "utf-8"


@pytest.mark.parametrize(
    "label", ["rot13", "zip", "idna", "punycode", "unicode_escape", "utf-7", "hex", "", "\0", "x" * 5000, "é"]
)
def test_a_declared_decoder_that_is_not_for_text_is_not_used(label: str) -> None:
    assert by_label(label) is None
    assert detect("é".encode(), label).name == "utf-8"
