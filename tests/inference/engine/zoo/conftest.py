"""The marker of the largest networks."""

from __future__ import annotations

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: builds the largest networks, a minute of one core")
