"""No page can be forgotten: what the permission table names is looked at, and by axe-core too."""

from __future__ import annotations

from collections import Counter

from tests.permissions import ROUTES
from tests.screenshots.pages import NO_PAGE, PAGES, pages_of_the_table


def test_every_page_of_the_permission_table_is_looked_at():
    assert {page.route for page in PAGES} == pages_of_the_table()


def test_what_is_named_as_no_page_is_a_route():
    assert set(ROUTES) >= NO_PAGE


def test_each_picture_has_a_name_of_its_own():
    assert [
        name for name, number in Counter(page.name for page in PAGES).items() if number > 1
    ] == []
