"""From optical density to the picture of a camera."""

from __future__ import annotations

import cv2
import numpy as np

from inference.engine.synthetic.chance import drift
from inference.engine.types import Box, Floats, Rgb


def blurred_light(density: Floats, lamp: Floats, blur_px: float) -> Floats:
    """Light that reaches the sensor, in grey values; (H, W, 3) float32."""
    light = cv2.exp(-density) * lamp
    if blur_px < 0.05:
        return np.asarray(light, np.float32)
    return np.asarray(cv2.GaussianBlur(light, (0, 0), blur_px), np.float32)


def vignette(rng: np.random.Generator, width: int, height: int) -> Floats:
    """Fall-off of the lamp from a centre that is never quite in the middle; (H, W, 1), about 1."""
    strength, cx, cy = rng.uniform(0.0, 0.14), rng.normal(0, 0.2), rng.normal(0, 0.2)
    x = np.linspace(-1.0, 1.0, width, dtype=np.float32)[None, :] - np.float32(cx)
    y = np.linspace(-1.0, 1.0, height, dtype=np.float32)[:, None] - np.float32(cy)
    return np.asarray(1.04 - strength * (x * x + y * y)[..., None], np.float32)


def film(seed: int, box: Box, pitch: float) -> Floats:
    """Density of the dried plasma: faint, uneven, bluish; (H, W, 3), a function of the place."""
    wide = drift(seed, box, pitch * 5.0, channel=91)
    narrow = drift(seed, box, pitch, channel=92)
    tint = np.array([0.030, 0.022, 0.012], np.float32)
    return np.asarray((wide + 0.4 * narrow)[..., None] * tint, np.float32)


def sensed(light: Floats, noise: float, rng: np.random.Generator) -> Rgb:
    """Add sensor noise, growing with the root of the light (shot noise), and round to uint8.

    noise: standard deviation in grey values at 200.
    """
    if noise > 0:
        grain = rng.standard_normal(light.shape, dtype=np.float32)
        light = light + grain * np.sqrt(np.maximum(light, 0.0) / 200.0 + 0.05) * np.float32(noise)
    return np.clip(np.rint(light), 0, 255).astype(np.uint8)


def through_jpeg(rgb: Rgb, quality: int) -> Rgb:
    """What is left of `rgb` after JPEG at `quality` (1 to 100), colour halved as cameras do."""
    encoded = cv2.imencode(".jpg", rgb[..., ::-1], [cv2.IMWRITE_JPEG_QUALITY, quality])[1]
    decoded = np.asarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)
    return np.ascontiguousarray(decoded[..., ::-1])
