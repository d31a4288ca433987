"""Edits: what becomes of a picture on its way through posts, chats and editing programs.

Forty single edits by name and a dozen chains of several, each a function of the picture, a random generator
and other pictures to stand beside it. All work on upright RGB pictures and give one back.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter, ImageFont, ImageOps

Random = np.random.Generator
Others = Sequence[Image.Image]
Edit = Callable[[Image.Image, Random, Others], Image.Image]
LONG_SIDE = 1024
_WORDS = (
    *("breaking", "seen", "today", "near", "the", "bridge", "watch", "until", "end", "share", "before", "it"),
    *("is", "deleted", "they", "said", "nothing", "about", "this", "happened", "last", "night", "nobody"),
    *("reports", "please", "help", "us", "find", "truth", "my", "cousin", "sent"),
)


def opened(path: Path) -> Image.Image:
    """The picture, upright, in colour, its longer side at most `LONG_SIDE`."""
    with Image.open(path) as image:
        picture = ImageOps.exif_transpose(image).convert("RGB")
    picture.thumbnail((LONG_SIDE, LONG_SIDE))
    return picture


def compressed(image: Image.Image, quality: int) -> Image.Image:
    """The picture after JPEG of a quality."""
    stream = io.BytesIO()
    image.convert("RGB").save(stream, "JPEG", quality=quality)
    return Image.open(io.BytesIO(stream.getvalue())).convert("RGB")


def small(image: Image.Image, longest: int) -> Image.Image:
    """The picture with its longer side of so many pixels."""
    scale = longest / max(image.size)
    size = tuple(max(1, round(side * scale)) for side in image.size)
    return image.resize((size[0], size[1]), Image.Resampling.LANCZOS)


def cropped(image: Image.Image, rng: Random, share: float) -> Image.Image:
    """A part of the picture of the same shape, `share` of its area cut away, somewhere at random."""
    keep = math.sqrt(1 - share)
    width, height = round(image.width * keep), round(image.height * keep)
    left = int(rng.integers(0, image.width - width + 1))
    top = int(rng.integers(0, image.height - height + 1))
    return image.crop((left, top, left + width, top + height))


def side_cropped(image: Image.Image, rng: Random, share: float = 0.1) -> Image.Image:
    """The picture without a strip at one of its four sides."""
    width, height = image.size
    dx, dy = round(width * share), round(height * share)
    boxes = ((dx, 0, width, height), (0, 0, width - dx, height), (0, dy, width, height))
    return image.crop((*boxes, (0, 0, width, height - dy))[int(rng.integers(4))])


def sentence(rng: Random, words: int) -> str:
    """Some words as people write them above pictures."""
    return " ".join(str(rng.choice(_WORDS)) for _ in range(words)).capitalize()


def font(size: float) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """A typeface of so many pixels."""
    return ImageFont.load_default(max(8, size))


def logo(image: Image.Image, rng: Random, share: float) -> Image.Image:
    """A station's mark over `share` of the area, in one of the corners."""
    out = image.copy()
    side = max(8, round(math.sqrt(image.width * image.height * share)))
    mark = Image.new("RGB", (side, side), tuple(int(x) for x in rng.integers(0, 256, 3)))
    draw = ImageDraw.Draw(mark)
    draw.ellipse((side * 0.1, side * 0.1, side * 0.9, side * 0.9), fill="white")
    draw.text(
        (side * 0.25, side * 0.2), str(rng.choice(list("ABKMTVX"))), fill="black", font=font(side * 0.5)
    )
    gap = round(side * 0.15)
    left = gap if rng.random() < 0.5 else image.width - side - gap
    top = gap if rng.random() < 0.5 else image.height - side - gap
    out.paste(mark, (max(0, left), max(0, top)))
    return out


def caption(image: Image.Image, rng: Random, share: float) -> Image.Image:
    """A bar with a line of text over the bottom of the picture, `share` of its height."""
    out = image.copy()
    height = round(image.height * share)
    draw = ImageDraw.Draw(out)
    dark = rng.random() < 0.5
    top = image.height - height
    draw.rectangle((0, top, image.width, image.height), fill="black" if dark else "white")
    ink = "white" if dark else "black"
    draw.text((image.width * 0.03, top + height * 0.2), sentence(rng, 7), fill=ink, font=font(height * 0.5))
    return out


def meme(image: Image.Image, rng: Random) -> Image.Image:
    """Large letters with an outline over the top and the bottom."""
    out = image.copy()
    draw = ImageDraw.Draw(out)
    size = image.width / 11
    for top in (image.height * 0.02, image.height - size * 1.5):
        draw.text(
            (image.width * 0.04, top),
            sentence(rng, 4).upper(),
            fill="white",
            stroke_width=max(1, round(size / 14)),
            stroke_fill="black",
            font=font(size),
        )
    return out


def pixelated(image: Image.Image, rng: Random, share: float) -> Image.Image:
    """A rectangle of `share` of the area in coarse blocks, as faces are hidden."""
    out = image.copy()
    width, height = (max(8, round(side * math.sqrt(share))) for side in image.size)
    left = int(rng.integers(0, image.width - width + 1))
    top = int(rng.integers(0, image.height - height + 1))
    part = image.crop((left, top, left + width, top + height))
    coarse = part.resize((max(1, width // 16), max(1, height // 16)), Image.Resampling.BOX)
    out.paste(coarse.resize(part.size, Image.Resampling.NEAREST), (left, top))
    return out


def bordered(image: Image.Image, rng: Random, sides: tuple[float, float, float, float]) -> Image.Image:
    """Bars left, top, right and below, as shares of the picture's width and height, in one plain colour."""
    left, top, right, below = (
        round(share * length) for share, length in zip(sides, (*image.size, *image.size), strict=True)
    )
    grey = int(rng.choice([0, 0, 255, 255, 32, 230]))
    out = Image.new("RGB", (image.width + left + right, image.height + top + below), (grey,) * 3)
    out.paste(image, (left, top))
    return out


def bar_above(image: Image.Image, rng: Random, share: float = 0.2) -> Image.Image:
    """A plain bar with text above the picture, `share` of its height."""
    height = round(image.height * share)
    out = Image.new("RGB", (image.width, image.height + height), "white")
    out.paste(image, (0, height))
    draw = ImageDraw.Draw(out)
    draw.text((image.width * 0.03, height * 0.15), sentence(rng, 8), fill="black", font=font(height * 0.3))
    return out


def rotated(image: Image.Image, rng: Random, degrees: float) -> Image.Image:
    """The picture turned a little either way, and the largest upright part without corners cut out of it."""
    angle = degrees if rng.random() < 0.5 else -degrees
    width, height = image.size
    sine, cosine = abs(math.sin(math.radians(angle))), abs(math.cos(math.radians(angle)))
    longer, shorter = max(image.size), min(image.size)
    if shorter <= 2 * sine * cosine * longer:
        half = shorter / 2
        inner = (half / sine, half / cosine) if width >= height else (half / cosine, half / sine)
    else:
        twice = cosine * cosine - sine * sine
        inner = ((width * cosine - height * sine) / twice, (height * cosine - width * sine) / twice)
    turned = image.rotate(angle, Image.Resampling.BICUBIC, expand=True)
    left, top = (turned.width - inner[0]) / 2, (turned.height - inner[1]) / 2
    return turned.crop(
        (round(left) + 1, round(top) + 1, round(left + inner[0]) - 1, round(top + inner[1]) - 1)
    )


def perspective(image: Image.Image, rng: Random, share: float = 0.04) -> Image.Image:
    """Each corner moved inwards by up to `share` of the sides, as photographs of screens are."""
    width, height = image.size
    shift = rng.uniform(0.3, 1, 8) * share
    corners = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
    inward = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * shift.reshape(4, 2)
    source = (corners + inward) * (width, height)
    rows, wanted = [], []
    for (x, y), (u, v) in zip(corners * (width, height), source, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    solved = np.linalg.solve(np.array(rows), np.array(wanted))
    return image.transform(image.size, Image.Transform.PERSPECTIVE, solved.tolist(), Image.Resampling.BICUBIC)


def noisy(image: Image.Image, rng: Random, deviation: float = 25) -> Image.Image:
    """Noise on every pixel."""
    values = np.asarray(image, np.float32)
    noise = rng.normal(0, deviation, values.shape)
    return Image.fromarray(np.clip(values + noise, 0, 255).astype(np.uint8))


def toned(image: Image.Image, gamma: float) -> Image.Image:
    """Brighter or darker by a power of the brightness."""
    return image.point([round(255 * (value / 255) ** gamma) for value in range(256)] * 3)


def post(image: Image.Image, rng: Random) -> Image.Image:
    """A telephone's screenshot of a post: a name, some text, the picture, buttons, another post."""
    width, height = 720, 1480
    dark = rng.random() < 0.4
    ground, ink, faint = ("#111418", "white", "#8b98a5") if dark else ("white", "black", "#5b6670")
    out = Image.new("RGB", (width, height), ground)
    draw = ImageDraw.Draw(out)
    hour, minute = rng.integers(0, 24), rng.integers(0, 60)
    draw.text((40, 20), f"{hour:02}:{minute:02}", fill=ink, font=font(28))
    draw.rectangle((620, 26, 660, 44), outline=ink, width=2)
    draw.line((0, 80, width, 80), fill=faint)
    draw.ellipse((30, 110, 110, 190), fill=_colour(rng))
    draw.text((130, 115), sentence(rng, 2).title(), fill=ink, font=font(30))
    draw.text(
        (130, 155),
        f"@{rng.choice(_WORDS)}{rng.integers(999)} - {rng.integers(1, 23)} h",
        fill=faint,
        font=font(24),
    )
    draw.text((30, 215), sentence(rng, 6), fill=ink, font=font(30))
    draw.text((30, 255), sentence(rng, 6), fill=ink, font=font(30))
    shown = image.resize((660, round(660 * image.height / image.width)), Image.Resampling.LANCZOS)
    shown = shown.crop((0, 0, 660, min(shown.height, 860)))
    out.paste(shown, (30, 320))
    below = 320 + shown.height
    for place in range(4):
        left = 50 + place * 165
        draw.rounded_rectangle((left, below + 24, left + 36, below + 60), 9, outline=faint, width=3)
        draw.text((left + 48, below + 26), f"{rng.integers(1, 999)}", fill=faint, font=font(26))
    draw.line((0, below + 84, width, below + 84), fill=faint)
    if below + 200 < height:
        draw.ellipse(
            (30, below + 110, 110, below + 190), fill=tuple(int(x) for x in rng.integers(40, 220, 3))
        )
        draw.text((130, below + 120), sentence(rng, 2).title(), fill=ink, font=font(30))
        draw.text((30, below + 210), sentence(rng, 6), fill=ink, font=font(30))
    return out


def _colour(rng: Random) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in rng.integers(40, 220, 3))
    return red, green, blue


def beside(image: Image.Image, rng: Random, others: Others) -> Image.Image:
    """Next to another picture of the same height."""
    other = others[int(rng.integers(len(others)))]
    height = image.height
    second = other.resize((max(1, round(other.width * height / other.height)), height))
    pair = [image, second] if rng.random() < 0.5 else [second, image]
    out = Image.new("RGB", (image.width + second.width, height))
    out.paste(pair[0], (0, 0))
    out.paste(pair[1], (pair[0].width, 0))
    return out


def collage(image: Image.Image, rng: Random, others: Others) -> Image.Image:
    """One of four, two by two, each cut to the same shape."""
    width, height = image.width // 2, image.height // 2
    drawn = [others[int(place)] for place in rng.choice(len(others), 3, replace=len(others) < 3)]
    tiles = [ImageOps.fit(one, (width, height)) for one in (image, *drawn)]
    out = Image.new("RGB", (2 * width, 2 * height))
    for tile, place in zip(tiles, rng.permutation(4), strict=True):
        out.paste(tile, (int(place) % 2 * width, int(place) // 2 * height))
    return out


def repost(image: Image.Image, rng: Random) -> Image.Image:
    """Made smaller, cut, marked and compressed twice."""
    image = compressed(small(image, 640), 60)
    return compressed(logo(cropped(image, rng, 0.08), rng, 0.02), 45)


def _alone(edit: Callable[..., Image.Image], *rest: object) -> Edit:
    """An edit that needs neither chance nor other pictures."""

    def edited(image: Image.Image, rng: Random, others: Others) -> Image.Image:
        del rng, others
        return edit(image, *rest)

    return edited


def _drawn(edit: Callable[..., Image.Image], *rest: object) -> Edit:
    """An edit that needs chance."""

    def edited(image: Image.Image, rng: Random, others: Others) -> Image.Image:
        del others
        return edit(image, rng, *rest)

    return edited


def _stretched(image: Image.Image) -> Image.Image:
    return image.resize((round(image.width * 1.25), image.height), Image.Resampling.LANCZOS)


def _grey(image: Image.Image) -> Image.Image:
    return image.convert("L").convert("RGB")


def _contrasted(image: Image.Image) -> Image.Image:
    return ImageEnhance.Contrast(image).enhance(1.6)


def _blurred(image: Image.Image, radius: float) -> Image.Image:
    return image.filter(ImageFilter.GaussianBlur(radius))


def _transposed(image: Image.Image, how: Image.Transpose) -> Image.Image:
    return image.transpose(how)


EDITS: Mapping[str, Edit] = {
    "jpeg q50": _alone(compressed, 50),
    "jpeg q10": _alone(compressed, 10),
    "thumbnail 320": _alone(small, 320),
    "thumbnail 128": _alone(small, 128),
    "thumbnail 64": _alone(small, 64),
    "stretch 25 %": _alone(_stretched),
    "grey": _alone(_grey),
    "gamma .6": _alone(toned, 0.6),
    "contrast 1.6": _alone(_contrasted),
    "blur r3": _alone(_blurred, 3),
    "noise sd 25": _drawn(noisy),
    "logo 2 %": _drawn(logo, 0.02),
    "logo 5 %": _drawn(logo, 0.05),
    "caption 10 %": _drawn(caption, 0.1),
    "caption 20 %": _drawn(caption, 0.2),
    "meme text": _drawn(meme),
    "pixelated 5 %": _drawn(pixelated, 0.05),
    "pixelated 20 %": _drawn(pixelated, 0.2),
    "bar above 20 %": _drawn(bar_above),
    "letterbox 12 %": _drawn(bordered, (0, 0.12, 0, 0.12)),
    "pillarbox 25 %": _drawn(bordered, (0.25, 0, 0.25, 0)),
    "frame 5 %": _drawn(bordered, (0.05, 0.05, 0.05, 0.05)),
    "crop 5 %": _drawn(cropped, 0.05),
    "crop 10 %": _drawn(cropped, 0.1),
    "crop 20 %": _drawn(cropped, 0.2),
    "crop 40 %": _drawn(cropped, 0.4),
    "crop 60 %": _drawn(cropped, 0.6),
    "side crop 10 %": _drawn(side_cropped),
    "mirror": _alone(_transposed, Image.Transpose.FLIP_LEFT_RIGHT),
    "rotate 90": _alone(_transposed, Image.Transpose.ROTATE_90),
    "rotate 180": _alone(_transposed, Image.Transpose.ROTATE_180),
    "rotate 2 and crop": _drawn(rotated, 2),
    "rotate 5 and crop": _drawn(rotated, 5),
    "rotate 10 and crop": _drawn(rotated, 10),
    "perspective 4 %": _drawn(perspective),
    "screenshot of a post": _drawn(post),
    "side by side": beside,
    "collage 2x2": collage,
    "repost chain": _drawn(repost),
    "mirror and crop 10 %": lambda image, rng, _: cropped(ImageOps.mirror(image), rng, 0.1),
}
"""One edit each; those of which less is asked are in `EASED`."""

EASED = ("thumbnail 64", "collage 2x2")


def _chain(*steps: Edit) -> Edit:
    def edited(image: Image.Image, rng: Random, others: Others) -> Image.Image:
        for step in steps:
            image = step(image, rng, others)
        return image

    return edited


_MIRROR = EDITS["mirror"]
_CHAT = _chain(_alone(small, 800), _alone(compressed, 40))
CHAINS: Mapping[str, Edit] = {
    "crop, mirror, caption, jpeg": _chain(
        EDITS["crop 20 %"], _MIRROR, EDITS["caption 10 %"], _alone(compressed, 40)
    ),
    "screenshot of a cropped post, sent on": _chain(EDITS["crop 10 %"], _drawn(post), _CHAT),
    "meme, frame, small": _chain(
        _drawn(meme), EDITS["frame 5 %"], _alone(small, 400), _alone(compressed, 50)
    ),
    "rotated, cropped, grey, noise": _chain(
        EDITS["rotate 5 and crop"], EDITS["crop 20 %"], EDITS["grey"], _drawn(noisy, 12)
    ),
    "beside another, logo, sent on": _chain(beside, _drawn(logo, 0.02), _CHAT),
    "letterboxed, mirrored, gamma, jpeg": _chain(
        EDITS["letterbox 12 %"], _MIRROR, EDITS["gamma .6"], _alone(compressed, 35)
    ),
    "crop 40, stretched, caption": _chain(EDITS["crop 40 %"], EDITS["stretch 25 %"], EDITS["caption 20 %"]),
    "three times through a chat": _chain(
        *(_alone(small, 900), _alone(compressed, 50), _alone(small, 700), _alone(compressed, 40)),
        *(EDITS["crop 5 %"], _alone(small, 500), _alone(compressed, 35)),
    ),
    "photographed screen": _chain(
        *(EDITS["perspective 4 %"], EDITS["rotate 2 and crop"], _alone(_blurred, 1)),
        *(EDITS["gamma .6"], _drawn(noisy, 8), _alone(compressed, 60)),
    ),
    "pixelated, cropped, mirrored, repost": _chain(
        EDITS["pixelated 5 %"], EDITS["crop 10 %"], _MIRROR, _drawn(repost)
    ),
    "turned, framed, captioned": _chain(
        EDITS["rotate 90"], EDITS["frame 5 %"], EDITS["bar above 20 %"], _CHAT
    ),
    "post of a mirrored crop": _chain(_MIRROR, EDITS["crop 20 %"], _drawn(post), _alone(compressed, 50)),
    "contrast, logo, side crop, blur": _chain(
        *(EDITS["contrast 1.6"], EDITS["logo 5 %"], EDITS["side crop 10 %"]),
        *(_alone(_blurred, 1.5), _alone(compressed, 40)),
    ),
    "pillarboxed meme, sent on": _chain(_drawn(meme), EDITS["pillarbox 25 %"], _CHAT),
}
"""Several edits, one after the other."""


def form(rng: Random) -> Image.Image:
    """A page of one office: the same head, labels and lines, filled in anew each time."""
    out = Image.new("RGB", (800, 1100), (252, 252, 250))
    draw = ImageDraw.Draw(out)
    draw.ellipse((60, 50, 160, 150), outline="black", width=5)
    draw.line((80, 100, 140, 100), fill="black", width=6)
    draw.text((190, 60), "REGISTRY OF ARRIVALS", fill="black", font=font(40))
    draw.text((190, 110), "Office of the eastern district", fill="black", font=font(26))
    labels = ("Name", "Born", "From", "To", "Carried by", "Papers", "Remarks", "Signed")
    for place, label in enumerate(labels):
        top = 210 + place * 95
        draw.text((60, top), label, fill="black", font=font(24))
        draw.rectangle((230, top - 8, 740, top + 52), outline=(90, 90, 90), width=2)
        draw.text((245, top + 6), sentence(rng, int(rng.integers(1, 5))), fill=(30, 40, 120), font=font(28))
    draw.text((60, 1020), f"No. {rng.integers(10_000, 99_999)}", fill="black", font=font(30))
    return out
