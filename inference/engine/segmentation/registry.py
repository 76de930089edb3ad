"""The methods by name. A new one is one file and one line here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from inference.engine.card import WEIGHTS
from inference.engine.package import find_part
from inference.engine.segmentation.adaptive import AdaptiveSegmenter
from inference.engine.segmentation.hsi import HsiSegmenter
from inference.engine.segmentation.hsv import HsvSegmenter
from inference.engine.segmentation.unet import KIND, UnetSegmenter
from inference.engine.types import Rgb, Segmentation

DEFAULT = "unet"


class Segmenter(Protocol):
    """A picture in, its white cells out. Must accept any size and any content."""

    def __call__(self, rgb: Rgb) -> Segmentation:
        """rgb: (H, W, 3) uint8. Never raises for what the picture shows."""
        ...


SEGMENTERS: Mapping[str, type[Segmenter]] = {
    "adaptive": AdaptiveSegmenter,
    "hsi": HsiSegmenter,
    "hsv": HsvSegmenter,
    "unet": UnetSegmenter,
}


def segmenter(name: str = DEFAULT) -> Segmenter:
    """The method called `name`. Raises `KeyError` with the known names."""
    if name not in SEGMENTERS:
        raise KeyError(f"No segmentation method {name!r}. Known: {', '.join(sorted(SEGMENTERS))}.")
    return SEGMENTERS[name]()


def identity(name: str) -> str:
    """What names the method and, where it is learned, its weights: for keys of what it found.

    Raises `PackageInvalid` where its package is not whole.
    """
    if SEGMENTERS.get(name) is not UnetSegmenter:
        return name
    return f"{name}-{find_part(KIND).card.files[WEIGHTS].sha256[:16]}"
