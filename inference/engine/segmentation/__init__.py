"""Finding white cells: one protocol, one file for each method, a registry by name."""

from inference.engine.segmentation.registry import (
    DEFAULT,
    SEGMENTERS,
    Segmenter,
    identity,
    segmenter,
)

__all__ = ["DEFAULT", "SEGMENTERS", "Segmenter", "identity", "segmenter"]
