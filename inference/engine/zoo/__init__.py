"""Architectures: one file each, presets as data."""
