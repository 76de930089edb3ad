"""The product's colours, for pages and pictures that must stand alone. A test compares them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeAlias

Palette: TypeAlias = Mapping[str, str]

LIGHT: Palette = {
    "ground": "#f0f0f0",
    "surface": "#fcfcfc",
    "sunken": "#e6e6e6",
    "line": "#d0d0d0",
    "text": "#1b1b1b",
    "text-quiet": "#565656",
    "accent": "#0b5c6e",
    "good": "#24662b",
    "warn": "#7d4e00",
    "bad": "#a8231b",
}
DARK: Palette = {
    "ground": "#191919",
    "surface": "#222222",
    "sunken": "#2d2d2d",
    "line": "#3c3c3c",
    "text": "#ececec",
    "text-quiet": "#b2b2b2",
    "accent": "#6cc3d6",
    "good": "#86c98c",
    "warn": "#e3b35c",
    "bad": "#ff9c92",
}
FAMILY = 'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Liberation Sans", sans-serif'
"""What the product's pages are set in; no font is fetched."""
