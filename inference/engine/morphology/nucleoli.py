"""Nucleoli, as far as light and pixels allow."""

from __future__ import annotations

from functools import lru_cache

import cv2
import numpy as np
from numpy.typing import NDArray

from inference.engine.types import Floats

SMALLEST_NUCLEUS_PX = 40
"""Width below which a nucleolus is only a few pixels across and cannot be told from noise."""
NUCLEOLUS_SHARE = 0.16
"""Diameter of the typical nucleolus, in diameters of the nucleus."""
RIM_SHARE = 0.08
"""Depth of the nucleus' rim in which nothing is called a nucleolus, in diameters of the nucleus."""
LEAST_PALER = 0.08
"""A nucleolus is paler than its surroundings by at least this share of the nucleus' density."""


def count_nucleoli(density: Floats, nucleus: NDArray[np.bool_]) -> int | None:
    """Pale blobs inside one nucleus; None where it is less than 40 pixels wide or high.

    density: (h, w) float32 optical density; nucleus: (h, w) bool, with at least one pixel.
    A blob is a local maximum of the Laplacian of Gaussian at the scale of a nucleolus. Source:
    Lindeberg, Feature detection with automatic scale selection, Int J Comput Vis 30 (1998).

    Very uncertain: on Romanowsky stains a nucleolus, a gap in the chromatin and a vacuole over the
    nucleus are pale alike, those out of focus vanish, and there was no data with marked nucleoli
    to measure how often this is right. It is a hint where to look, and decides nothing.
    """
    mask = nucleus.view(np.uint8)
    if min(cv2.boundingRect(mask)[2:]) < SMALLEST_NUCLEUS_PX:
        return None
    diameter = 2 * float(np.sqrt(np.count_nonzero(nucleus) / np.pi))
    mean = cv2.mean(density, mask)[0]
    # The rim against pale cytoplasm would answer like a blob; outside counts as average.
    level = np.where(nucleus, density, np.float32(mean))
    paler = _blobs(level, NUCLEOLUS_SHARE * diameter)
    inner = cv2.erode(
        mask, _disk(RIM_SHARE * diameter), borderType=cv2.BORDER_CONSTANT, borderValue=0
    )
    strong = (paler > LEAST_PALER * mean) & (inner > 0)
    if not strong.any():
        return 0
    peaks = strong & (paler >= cv2.dilate(paler, _disk(NUCLEOLUS_SHARE * diameter)))
    return int(cv2.connectedComponents(peaks.view(np.uint8))[0]) - 1


def _blobs(level: Floats, width: float) -> Floats:
    """How much paler a blob of this width is than what surrounds it, in units of `level`.

    A disk of radius r answers most at sigma = r / sqrt(2); one that lies c below its surroundings
    gives 2 c / e there.
    """
    sigma = width / 2 / np.sqrt(2)
    smooth = cv2.GaussianBlur(level, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    laplacian = cv2.Laplacian(smooth, cv2.CV_32F, ksize=1, borderType=cv2.BORDER_REPLICATE)
    return np.asarray(laplacian * np.float32(sigma**2 * np.e / 2), np.float32)


@lru_cache(maxsize=64)
def _disk(radius: float) -> NDArray[np.uint8]:
    size = 2 * max(1, round(radius)) + 1
    return np.asarray(cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (size, size)), np.uint8)
