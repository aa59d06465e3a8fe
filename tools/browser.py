"""Use the API page of a service in a headless browser, and record what must not happen there."""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field

from playwright.sync_api import ConsoleMessage, Page, Request, Response, expect, sync_playwright

from . import chromium

PATIENCE = 30_000  # milliseconds
REPORT_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`policy violation: ${event.effectiveDirective} ${event.blockedURI}`));
"""


@dataclass
class ApiPage:
    """The page, opened; `faults` are errors in its console, and requests to other hosts."""

    page: Page
    url: str
    faults: list[str] = field(default_factory=list)

    def authorize(self, credential: str) -> None:
        """Enter a credential, which the page then sends with every request."""
        self.page.click(".btn.authorize")
        self.page.fill(".auth-container input", credential)
        self.page.click(".auth-btn-wrapper .authorize")
        self.page.click(".btn-done")

    def open(self, operation: str) -> None:
        """Open an operation, given as `tag-operationId`, and wait until it is shown."""
        block = self.page.locator(f"#operations-{operation}")
        block.locator(".opblock-summary-control").click()
        block.locator(".execute").wait_for()
        block.locator(".opblock-loading-animation").wait_for(state="hidden")

    def close(self, operation: str) -> None:
        """Close an opened operation."""
        self.page.click(f"#operations-{operation} .opblock-summary-control")

    def parameters(self, operation: str) -> set[str]:
        """The names of an opened operation's parameters."""
        rows = self.page.locator(f"#operations-{operation} tr[data-param-name]").all()
        return {str(row.get_attribute("data-param-name")) for row in rows}

    def execute(
        self, operation: str, parameters: Mapping[str, str] | None = None, body: str = ""
    ) -> Response:
        """Send an opened operation as it stands, or with other values, and wait until it is shown.

        Raises:
            AssertionError: the page does not show the response.
        """
        block = self.page.locator(f"#operations-{operation}")
        for name, value in (parameters or {}).items():
            block.locator(f"tr[data-param-name='{name}'] input").fill(value)
        if body:
            block.locator("textarea.body-param__text").fill(body)
        with self.page.expect_response(lambda answer: "/api/docs" not in answer.url) as expected:
            block.locator(".execute").click()
        answer = expected.value
        shown = block.locator(".live-responses-table .response .response-col_status")
        expect(shown).to_contain_text(str(answer.status), timeout=PATIENCE)
        return answer

    def shown(self, operation: str) -> str:
        """The text of the response that the page shows."""
        return self.page.inner_text(f"#operations-{operation} .live-responses-table")

    def note_message(self, message: ConsoleMessage) -> None:
        """Record an error in the console, unless it only says that an operation was rejected."""
        if message.type != "error":
            return
        failed = message.text.startswith("Failed to load resource: the server responded with")
        of_page = re.search(r"/api/(docs|openapi)", message.location.get("url", ""))
        if not failed or of_page:
            self.faults.append(f"console: {message.text}")

    def note_request(self, request: Request) -> None:
        """Record a request to another host."""
        if not request.url.startswith((f"{self.url}/", "data:")):
            self.faults.append(f"request to another host: {request.url}")


@contextmanager
def api_page(url: str) -> Iterator[ApiPage]:
    """Open the API page of the service at a URL until the block ends."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium.path())
        try:
            page = browser.new_page(viewport={"width": 1100, "height": 900})
            page.set_default_timeout(PATIENCE)
            opened = ApiPage(page, url)
            page.on("console", opened.note_message)
            page.on("pageerror", lambda error: opened.faults.append(f"exception: {error}"))
            page.on("request", opened.note_request)
            page.add_init_script(REPORT_VIOLATIONS)
            page.goto(f"{url}/api/docs")
            page.wait_for_selector(".opblock")
            yield opened
        finally:
            browser.close()
