"""A form that its script has not reached yet, on a slow line, must not put what was typed into an address."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import handoff.web

TEMPLATES = Path(handoff.web.__file__).parent / "templates"
FORM = re.compile(r"<form\b[^>]*>")


@pytest.mark.parametrize("page", sorted(TEMPLATES.rglob("*.html")), ids=lambda page: page.name)
def test_no_form_is_sent_as_a_query(page: Path) -> None:
    forms = FORM.findall(page.read_text("utf8"))
    assert [one for one in forms if not re.search(r'method="(post|dialog)"', one)] == []
