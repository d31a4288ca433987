"""Pixels: pictures decoded to brightness, what they look like as a code, and the parts they are made of.

Knows nothing of cases, and stages may all use it. Foreign bytes are decoded in the locked room only.

    pixels.raster    decoding with Pillow, EXIF orientation
    pixels.pdq       fingerprint(pixels) -> Fingerprint; spectrum, orientations(waves) -> uint8[8, 32]
    pixels.regions   regions(grey) -> list[Region]
    pixels.film      the codes of a video's frames with their times, packed
    pixels.prints    fingerprints(grey) -> Fingerprints: whole, sampled, and one for each region

All but `raster` need numpy and are imported where they are used.
"""
