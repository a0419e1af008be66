"""A real browser for the tests of pages: Debian's chromium, driven by Playwright, offline."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import pytest

_ARGUMENTS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-sync",
    "--no-first-run",
)
_LOCAL = {"", "127.0.0.1", "localhost", "::1"}


@dataclass
class Visits:
    """What went wrong while pages were open."""

    messages: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)


@contextmanager
def chromium() -> Iterator[Any]:
    """Start chromium; skip the test where there is none, but fail on the build server."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    if program is None:
        message = "no chromium on this machine: Debian's package is called chromium"
        if os.environ.get("CI", "").lower() == "true":
            pytest.fail(message)
        pytest.skip(message)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=list(_ARGUMENTS))
        try:
            yield browser
        finally:
            browser.close()


@contextmanager
def open_page(browser: Any, address: str, **settings: Any) -> Iterator[tuple[Any, Visits]]:
    """Open a page that can reach nothing but files and this machine.

    Parameters
    ----------
    browser
        From `chromium`.
    address
        Of the page.
    **settings
        Of Playwright's `new_context`: viewport, color_scheme, java_script_enabled, ...
    """
    visits = Visits()
    context = browser.new_context(**settings)

    def decide(route: Any) -> None:
        url = urlsplit(route.request.url)
        if url.scheme in ("file", "data", "blob", "about") or (url.hostname or "") in _LOCAL:
            route.continue_()
        else:
            visits.refused.append(route.request.url)
            route.abort()

    context.route("**/*", decide)
    page = context.new_page()
    page.on(
        "console",
        lambda message: (
            visits.messages.append(message.text) if message.type in ("error", "warning") else None
        ),
    )
    page.on("pageerror", lambda error: visits.messages.append(str(error)))
    try:
        page.goto(address)
        yield page, visits
    finally:
        context.close()
