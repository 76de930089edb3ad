"""Small drawn smears with a known number of cells."""

from __future__ import annotations

import cv2
import numpy as np

PAPER = (250, 248, 245)
RED_CELL = (205, 190, 196)
NUCLEUS = (120, 60, 170)


def smear(cells, *, size=(240, 240), radius=15, red_cells=(), red_radius=10, noise=1.5, seed=0):
    """(H, W, 3) uint8 with a dark nucleus of `radius` at each (x, y) of `cells`."""
    picture = np.empty((*size, 3), np.uint8)
    picture[:] = PAPER
    for place in red_cells:
        cv2.circle(picture, place, red_radius, RED_CELL, -1, cv2.LINE_AA)
    for place in cells:
        cv2.circle(picture, place, radius, NUCLEUS, -1, cv2.LINE_AA)
    rough = np.random.default_rng(seed).normal(0, noise, picture.shape)
    picture = cv2.GaussianBlur(picture, (0, 0), 0.7)
    return np.clip(picture + rough, 0, 255).astype(np.uint8)


def with_scale_bar(picture):
    """A white box with a black bar and text in the lower right corner."""
    picture = picture.copy()
    height, width = picture.shape[:2]
    picture[height - 30 :, width - 70 :] = 255
    cv2.line(picture, (width - 62, height - 8), (width - 8, height - 8), (0, 0, 0), 2)
    cv2.line(picture, (width - 62, height - 13), (width - 62, height - 3), (0, 0, 0), 1)
    cv2.putText(
        picture, "100 px", (width - 58, height - 15), cv2.FONT_HERSHEY_SIMPLEX, 0.35, (0, 0, 0), 1
    )
    return picture


RED_CELLS = tuple((x, y) for x in range(15, 240, 35) for y in (15, 120, 225))
APART = ((50, 65), (120, 70), (190, 60), (60, 170), (150, 175))
