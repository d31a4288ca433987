"""What was done to some pictures: spliced, lit wrongly, recycled, copied. Each with its truth."""

from __future__ import annotations

from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageFilter, ImageFont

FONT = "/usr/share/fonts/truetype/dejavu/DejaVuSans-Bold.ttf"
Truth = dict[str, Any]


def box_of(mask: np.ndarray) -> list[int]:
    """x, y, width, height of what is marked."""
    ys, xs = np.nonzero(mask)
    return [int(xs.min()), int(ys.min()), int(xs.max() - xs.min() + 1), int(ys.max() - ys.min() + 1)]


def splice(
    base: Image.Image, source: Image.Image, marked: np.ndarray, scale: float, corner: tuple[int, int]
) -> tuple[Image.Image, np.ndarray, Truth]:
    """Cut what is marked out of the source and paste it, scaled, with its corner where said."""
    x, y, width, height = box_of(marked)
    cut = source.crop((x, y, x + width, y + height))
    stencil = Image.fromarray((marked[y : y + height, x : x + width] * 255).astype(np.uint8))
    size = (round(width * scale), round(height * scale))
    cut, stencil = cut.resize(size, Image.Resampling.BICUBIC), stencil.resize(size, Image.Resampling.BICUBIC)
    soft = stencil.filter(ImageFilter.GaussianBlur(1.1))
    result = base.copy()
    contact = Image.new("L", base.size, 0)
    ImageDraw.Draw(contact).ellipse(
        (corner[0] + 6, corner[1] + size[1] - 14, corner[0] + size[0] - 6, corner[1] + size[1] + 5), fill=130
    )
    result.paste((46, 36, 28), (0, 0), contact.filter(ImageFilter.GaussianBlur(5)))
    result.paste(cut, corner, soft)
    mask = np.zeros((base.height, base.width), bool)
    mask[corner[1] : corner[1] + size[1], corner[0] : corner[0] + size[0]] = np.asarray(stencil) > 127
    sx, sy = size[0] / width, size[1] / height
    shift = (corner[0] - x * sx + (sx - 1) / 2, corner[1] - y * sy + (sy - 1) / 2)
    matrix = [[sx, 0.0, shift[0]], [0.0, sy, shift[1]], [0.0, 0.0, 1.0]]
    return result, mask, {"source_to_here": matrix}


def relight(
    true: np.ndarray, lit: np.ndarray, bare: np.ndarray, marked: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Put an object and its shadow from another sun into a truly lit picture (all of them linear).

    Given back: the picture, the mask of all that was changed, and the mask of the shadow alone.
    """
    x, y, width, height = box_of(marked)
    ground = np.zeros_like(marked)
    ground[y + round(height * 0.8) : y + height * 2, max(0, x - width // 2) : x + width * 3] = True
    darker = (lit.mean(axis=2) < 0.8 * bare.mean(axis=2)) & ground & ~marked
    shadow = np.asarray(_picture(darker).filter(ImageFilter.MedianFilter(7))) > 127
    grown = _picture(shadow | marked).filter(ImageFilter.MaxFilter(7))
    weight = np.asarray(grown.filter(ImageFilter.GaussianBlur(1.8)), float)[..., None] / 255
    return true * (1 - weight) + lit * weight, np.asarray(grown) > 127, shadow


def _picture(mask: np.ndarray) -> Image.Image:
    return Image.fromarray(mask.astype(np.uint8) * 255)


def recycle(original: Image.Image) -> tuple[Image.Image, Truth]:
    """Mirror, crop, enlarge and caption an older picture."""
    width, height = original.size
    left, top, wide, high = (
        round(width * 0.09),
        round(height * 0.14),
        round(width * 0.80),
        round(height * 0.70),
    )
    mirrored = original.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
    target = (1280, round(1280 * high / wide))
    picture = mirrored.crop((left, top, left + wide, top + high)).resize(target, Image.Resampling.LANCZOS)
    picture = Image.blend(picture, Image.new("RGB", target, (168, 150, 118)), 0.10)
    band = target[1] - 92
    pen = ImageDraw.Draw(picture, "RGBA")
    pen.rectangle((0, band, target[0], target[1]), fill=(12, 12, 12, 170))
    font = ImageFont.truetype(FONT, 46)
    pen.text((36, band + 20), "HALSAN 19 NOV", font=font, fill=(245, 240, 225))
    arabic = ImageFont.truetype(FONT, 44, layout_engine=ImageFont.Layout.RAQM)
    pen.text(
        (1244, band + 20), "حلسان ١٩ نوفمبر", font=arabic, fill=(245, 240, 225), anchor="ra", direction="rtl"
    )
    sx, sy = wide / target[0], high / target[1]
    matrix = [
        [-sx, 0.0, width - 1 - left - (sx - 1) / 2],
        [0.0, sy, top + (sy - 1) / 2],
        [0.0, 0.0, 1.0],
    ]
    truth = {
        "transform": ["mirror", "crop", "enlarge", "tint", "caption"],
        "here_to_original": matrix,
        "caption_box": [0, band, target[0], target[1] - band],
        "caption": "HALSAN 19 NOV | حلسان ١٩ نوفمبر",
    }
    return picture, truth


def platform_copy(original: Image.Image, width: int) -> tuple[Image.Image, Truth]:
    """What a platform makes of a picture: smaller, without metadata."""
    size = (width, round(original.height * width / original.width))
    scale = (original.width / size[0], original.height / size[1])
    matrix = [[scale[0], 0.0, (scale[0] - 1) / 2], [0.0, scale[1], (scale[1] - 1) / 2], [0.0, 0.0, 1.0]]
    picture = original.resize(size, Image.Resampling.LANCZOS)
    return picture, {"transform": ["resize", "re-encode"], "here_to_original": matrix}


def forwarded(original: Image.Image) -> tuple[Image.Image, Truth]:
    """Cropped a little, with a sticker in a corner, then resized: what comes out of a chain of messages."""
    left, top, right, bottom = 52, 40, 1244, 934
    size = (1080, round(1080 * (bottom - top) / (right - left)))
    picture = original.crop((left, top, right, bottom)).resize(size, Image.Resampling.BICUBIC)
    pen = ImageDraw.Draw(picture, "RGBA")
    pen.rounded_rectangle((838, 24, 1056, 92), 14, fill=(176, 24, 30, 225))
    pen.text((858, 38), "COAST 24", font=ImageFont.truetype(FONT, 34), fill=(255, 255, 255))
    sx, sy = (right - left) / size[0], (bottom - top) / size[1]
    matrix = [[sx, 0.0, left + (sx - 1) / 2], [0.0, sy, top + (sy - 1) / 2], [0.0, 0.0, 1.0]]
    return picture, {"transform": ["crop", "resize", "logo", "re-encode"], "here_to_original": matrix}


def screenshot(original: Image.Image) -> tuple[Image.Image, Truth]:
    """A telephone's picture of a post that shows the picture."""
    page = Image.new("RGB", (1080, 1280), (250, 250, 248))
    pen = ImageDraw.Draw(page)
    small, plain, bold = (ImageFont.truetype(FONT.replace(bit, new), size) for bit, new, size in (
        ("-Bold", "", 26), ("-Bold", "", 34), ("-Bold", "-Bold", 36)))  # fmt: skip
    pen.rectangle((0, 0, 1080, 56), fill=(236, 236, 232))
    pen.text((40, 12), "20:31", font=small, fill=(40, 40, 40))
    pen.text((950, 12), "LTE 64%", font=small, fill=(40, 40, 40), anchor="ma")
    pen.ellipse((40, 92, 128, 180), fill=(120, 148, 132))
    pen.text((84, 136), "S", font=bold, fill="white", anchor="mm")
    pen.text((152, 94), "salt road watcher", font=bold, fill=(20, 20, 20))
    pen.text((152, 142), "@saltroadwatch · 20 Nov", font=small, fill=(110, 110, 110))
    pen.text((40, 212), "From the roof at Halsan. They say 640.", font=plain, fill=(20, 20, 20))
    pen.text((40, 260), "I count sixty in this one. Where are the others?", font=plain, fill=(20, 20, 20))
    size = (1000, round(1000 * original.height / original.width))
    page.paste(original.resize(size, Image.Resampling.LANCZOS), (40, 326))
    below = 326 + size[1] + 30
    for place, mark in ((60, "41 replies"), (390, "212 shares"), (720, "96 keeps")):
        pen.text((place, below), mark, font=small, fill=(110, 110, 110))
    pen.line((0, below + 70, 1080, below + 70), fill=(220, 220, 216), width=2)
    scale = (original.width / size[0], original.height / size[1])
    matrix = [
        [scale[0], 0.0, -40 * scale[0] + (scale[0] - 1) / 2],
        [0.0, scale[1], -326 * scale[1] + (scale[1] - 1) / 2],
        [0.0, 0.0, 1.0],
    ]
    truth = {
        "transform": ["resize", "screenshot of a post"],
        "here_to_original": matrix,
        "panel_box": [40, 326, *size],
        "words": "From the roof at Halsan. They say 640. I count sixty in this one. Where are the others?",
    }
    return page, truth
