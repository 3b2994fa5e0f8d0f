"""A browser, and bridges whose page it opens."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, ViewportSize, expect, sync_playwright

from tests.conftest import DaemonUnderTest, need_browser
from tests.patient_client import PatientClient

# A busy machine takes its time; the tests wait for conditions and never for a time.
LIMIT_SECONDS = 120.0
CHROMIUM_FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage",
)  # fmt: skip
SEED = 7
DESKTOP: ViewportSize = {"width": 1280, "height": 800}

expect.set_options(timeout=1000 * LIMIT_SECONDS)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let a step that takes too long say so itself, before the test is cut off."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.timeout(5 * LIMIT_SECONDS))


@dataclass
class Bridge:
    """A daemon with a page."""

    daemon: DaemonUnderTest
    address: str = ""

    @classmethod
    def of(cls, library: Path, models: Path, *flags: str, model: str = "tiny") -> Bridge:
        """One on a free port; `flags` are further ones of `serve`."""
        daemon = DaemonUnderTest(library, models, model=model, flags=["--http", "--http-port", "0", *flags])
        return cls(daemon)

    def start(self) -> Bridge:
        """Start it, and again at the same address after a `kill`."""
        self.daemon.log.unlink(missing_ok=True)
        self.daemon.spawn()
        end = time.monotonic() + LIMIT_SECONDS
        while (found := re.search(r"the page is at (http://\S+:(\d+))", self.words())) is None:
            assert time.monotonic() < end, self.words()
            time.sleep(0.05)
        self.address = found[1]
        flags = list(self.daemon.flags)
        flags[flags.index("--http-port") + 1] = found[2]
        self.daemon.flags = flags
        return self

    def words(self) -> str:
        """What the daemon has printed."""
        return self.daemon.words() if self.daemon.log.exists() else ""

    @property
    def library(self) -> Path:
        return self.daemon.library


@dataclass
class Visitor:
    """A page in the browser, and what its console complained of."""

    page: Page
    complaints: list[str] = field(default_factory=list)

    def hear(self, said: ConsoleMessage) -> None:
        """Keep what the console complains of."""
        if said.type in ("error", "warning"):
            self.complaints.append(said.text)

    def tab(self, name: str) -> None:
        """Bring a tab to the front."""
        self.page.get_by_role("tab", name=re.compile(f"^{name}")).click()
        expect(self.page.locator(f"#panel-{name.lower()}")).to_be_visible()


Visit = Callable[..., Visitor]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium. For a module and not for the session: playwright keeps an event loop running."""
    chromium = need_browser()
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=CHROMIUM_FLAGS)
        yield running
        running.close()


@pytest.fixture(scope="session")
def bridge(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Bridge]:
    """One bridge for all tests that only add takes to it."""
    running = Bridge.of(tmp_path_factory.mktemp("page") / "library", tiny_model.parent)
    try:
        yield running.start()
    finally:
        running.daemon.stop()


def fresh_session(bridge: Bridge) -> None:
    """Values that another test set are gone, and each take has the same notes."""
    with PatientClient(bridge.daemon.port) as client:
        client.send("/msanii/preset/load", "piano_loop")
        client.send("/msanii/param/seed", SEED)
        client.send("/msanii/sync", "fresh")
        client.wait_for("/msanii/synced", timeout_seconds=LIMIT_SECONDS)


@pytest.fixture
def visit(browser: Browser, bridge: Bridge) -> Iterator[Visit]:
    """Opens the page of a bridge (the shared one) and waits until it has read all state."""
    opened: list[Page] = []
    fresh_session(bridge)

    def go(
        of: Bridge | None = None, viewport: ViewportSize = DESKTOP, touch: bool = False, ready: bool = True
    ) -> Visitor:
        context = browser.new_context(viewport=viewport, has_touch=touch, is_mobile=touch)
        context.set_default_timeout(1000 * LIMIT_SECONDS)
        page = context.new_page()
        opened.append(page)
        visitor = Visitor(page)
        page.on("console", visitor.hear)
        page.on("pageerror", lambda error: visitor.complaints.append(str(error)))
        page.goto((of or bridge).address)
        if ready:
            expect(page.locator("body[data-ready]")).to_be_attached()
        return visitor

    yield go
    for page in opened:
        page.context.close()


@pytest.fixture
def visitor(visit: Visit) -> Iterator[Visitor]:
    """The page of the shared bridge; at the end its console must have been silent."""
    one = visit()
    yield one
    assert one.complaints == []


def make_take(visitor: Visitor) -> str:
    """Press Generate; the name of the take, once it is ready."""
    page = visitor.page
    visitor.tab("Make")
    before = page.locator(".job-words").inner_text()
    page.get_by_role("button", name="Generate", exact=True).click()
    words = page.locator(".job-words")
    expect(words).not_to_have_text(before)
    expect(words).to_contain_text("ready")
    return words.inner_text().removeprefix("ready: ").split(", ")[0]


def until(page: Page, expression: str) -> None:
    """Wait until a JavaScript expression holds. playwright's own way needs `eval`, which the page forbids."""
    end = time.monotonic() + LIMIT_SECONDS
    while not page.evaluate(expression):
        assert time.monotonic() < end, expression
        page.wait_for_timeout(20)
