"""A person with a browser: what they do on a page, and what the browser complains about."""

from __future__ import annotations

import re
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.sync_api import Browser, Locator, Page, Request, Response, expect

from tests.people import PASSWORD

ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
SAMPLES = Path(__file__).resolve().parent.parent / "brokers" / "ibkr_flex" / "samples"
PATIENCE_MS = 20_000

expect.set_options(timeout=PATIENCE_MS)

_DROP = """([box, name, text]) => {
  const data = new DataTransfer();
  data.items.add(new File([text], name));
  const happen = (kind) => document.querySelector(box).dispatchEvent(
    new DragEvent(kind, { bubbles: true, cancelable: true, dataTransfer: data }));
  ["dragenter", "dragover", "drop"].forEach(happen);
}"""


class Visitor:
    """`troubles` collects script errors, CSP violations, broken requests, and requests elsewhere."""

    def __init__(self, browser: Browser, base: str, **options: Any) -> None:
        self.base = base
        self.context = browser.new_context(
            **{"base_url": base, "viewport": {"width": 1280, "height": 900}, **options}
        )
        self.context.set_default_timeout(PATIENCE_MS)
        self.page: Page = self.context.new_page()
        self.troubles: list[str] = []
        self.page.on("pageerror", lambda error: self._note(f"script: {error}"))
        self.page.on("console", self._heard)
        self.page.on("request", self._asked)
        self.page.on("response", self._answered)

    def _note(self, what: str) -> None:
        self.troubles.append(f"{urlsplit(self.page.url).path}: {what}")

    def _heard(self, message: Any) -> None:
        # A refused form is told as a page; the browser mentions its status too.
        if message.type == "error" and not re.search(r"status of 4\d\d", message.text):
            self._note(message.text)

    def _asked(self, request: Request) -> None:
        if not request.url.startswith((self.base, "data:", "blob:")):
            self._note(f"asks {request.url}")

    def _answered(self, response: Response) -> None:
        wrong_file = response.status >= 400 and "/static/" in response.url
        if wrong_file or response.status >= 500:
            self._note(f"{response.status} from {response.url}")

    def open(self, path: str) -> Page:
        self.page.goto(path)
        return self.page

    def sign_up(self, name: str, *, enter: str = "/account/signup/") -> None:
        page = self.open(enter)
        page.get_by_label("Name").fill(name.capitalize())
        page.get_by_label("E-mail").fill(f"{name}@example.org")
        for field in page.locator("input[type=password]").all():
            field.fill(PASSWORD)
        page.get_by_role("button", name="Sign up").click()
        expect(page.get_by_role("heading", name="Dashboard")).to_be_visible()

    def sign_in(self, email: str) -> None:
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.get_by_role("button", name="Sign in", exact=True).click()

    def confirm_password(self) -> None:
        """Before anything about signing in changes, the password is asked for again."""
        self.page.get_by_label("Password").fill(PASSWORD)
        self.page.locator("form button[type=submit]").first.click()

    def sign_out(self) -> None:
        """As if the cookies were gone: the next page asks who is there."""
        self.context.clear_cookies()

    def drop(self, path: Path) -> None:
        page = self.open("/imports")
        page.evaluate(_DROP, ["[data-drop]", path.name, path.read_text()])

    def upload(self, path: Path) -> None:
        page = self.open("/imports")
        page.set_input_files("#id_file", path)
        page.get_by_role("button", name="Read the file").click()

    def bring_in(self, path: Path) -> None:
        """Upload, look, confirm, and see the result."""
        self.upload(path)
        self.page.get_by_role("button", name="Import it").click()
        expect(self.heading("in the book")).to_be_visible()

    def heading(self, words: str) -> Locator:
        return self.page.get_by_role("heading", name=words)

    def headline(self) -> str:
        """The first key figure, which is the P&L."""
        return self.page.locator(".figure--lead .figure__value").inner_text()

    def api(self, path: str) -> Any:
        answer = self.context.request.get(f"/api/{path}")
        assert answer.ok, answer.text()
        return answer.json()


def amount(text: str) -> Decimal:
    """The number in a figure: −1,234.50 USD is -1234.50."""
    return Decimal(re.sub(r"[^\d.+-]", "", text.replace("\N{MINUS SIGN}", "-")))


def statement(folder: Path, *, trades: int) -> Path:
    """An Activity statement of one account with so many closed trades: every second one won."""
    fills = []
    for number in range(trades):
        day = f"202603{number % 28 + 1:02}"
        close = "11" if number % 2 else "9.5"
        for side, quantity, price, second in (("BUY", 10, "10", 0), ("SELL", -10, close, 30)):
            key = number * 2 + (side == "SELL")
            fills.append(
                f'<Trade accountId="U7999001" currency="USD" fxRateToBase="1" assetCategory="STK" '
                f'symbol="S{number:03}" conid="{8000 + number}" multiplier="1" tradeID="{60000 + key}" '
                f'dateTime="{day};1030{second:02}" tradeDate="{day}" quantity="{quantity}" '
                f'tradePrice="{price}" ibCommission="-0.5" ibCommissionCurrency="USD" '
                f'transactionID="{70000 + key}" ibExecID="aa.{key}" buySell="{side}" '
                f'levelOfDetail="EXECUTION" />'
            )
    path = folder / "many.xml"
    path.write_text(
        '<FlexQueryResponse queryName="Many" type="AF"><FlexStatements count="1">'
        '<FlexStatement accountId="U7999001" fromDate="20260301" toDate="20260331" '
        'whenGenerated="20260401;023000"><AccountInformation accountId="U7999001" currency="USD" />'
        f"<Trades>{''.join(fills)}</Trades></FlexStatement></FlexStatements></FlexQueryResponse>"
    )
    return path
