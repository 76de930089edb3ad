"""Fixtures of the tests of training."""

from __future__ import annotations

from tests.inference.engine.test_training_data import labelled

__all__ = ["labelled"]  # a fixture, found here by pytest
