"""A person at a browser without pictures: pages and forms over plain HTTP, where that is enough."""

from __future__ import annotations

import re
from urllib.parse import urljoin

import requests

from accounts.models import User
from tests.factories import PASSWORD
from tests.live.stack import Stack

_HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)"')


class Visitor:
    """Keeps cookies; `send` opens the page of a form first and gives back its hidden fields."""

    def __init__(self, stack: Stack, person: User | None = None) -> None:
        self.url = stack.url
        self.session = requests.Session()
        if person:
            self.sign_in(person)

    def sign_in(self, person: User) -> None:
        self.send("/account/login/", login=person.email, password=PASSWORD)

    def get(self, path: str, **query: str) -> requests.Response:
        return self.session.get(urljoin(self.url, path), params=query, timeout=60)

    def send(self, path: str, **fields: str) -> requests.Response:
        """Fill in the form at `path` and send it there, or where the page led."""
        page = self.get(path)
        hidden = dict(_HIDDEN.findall(page.text))
        headers = {"Referer": page.url}
        return self.session.post(page.url, data={**hidden, **fields}, headers=headers, timeout=60)

    @property
    def cookies(self) -> str:
        return "; ".join(f"{name}={value}" for name, value in self.session.cookies.items())
