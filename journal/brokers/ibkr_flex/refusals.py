"""Why a whole file is refused, in sentences: what it is, and what to do."""

from __future__ import annotations

from journal.brokers.base import UnreadableStatement

NAMES_MAX = 20_000
_EXPORT = (
    "In Client Portal open Performance & Reports → Flex Queries, set the query's Format to XML, run it and "
    "upload that file."
)
REMEDIES = {
    "bad_number": "Export the statement again; if the number is still there, add the execution by hand.",
    "bad_date": "Set the query's date format to yyyyMMdd and its time format to HHmmss, and export again.",
    "ambiguous_date": "Say whether days or months come first when you import, or set the query's date "
    "format to yyyyMMdd and export again.",
    "no_date": "Add the field Date/Time to the query and export again.",
    "no_quantity": "Add the field Quantity to the query and export again.",
    "no_price": "Add the field Trade Price to the query and export again.",
    "no_amount": "Add the field Amount to the query and export again.",
    "no_symbol": "Add the field Symbol to the query and export again.",
    "no_rate": "Add the field Rate to the query and export again.",
}
# The Flex Web Service's own codes: what it means, and what helps.
_WAIT = "Ask for the statement again in a few minutes."
_TOKEN = "Create a new token under Flex Web Service in Client Portal."  # noqa: S105
_QUERY = "Check the query's number under Flex Queries in Client Portal."
_SERVICE_CODES = {
    "1001": ("The statement could not be generated at this time.", _WAIT),
    "1003": ("The statement is not available.", "Ask for a shorter or an earlier period."),
    "1004": ("The statement is incomplete at this time.", _WAIT),
    "1005": ("The settlement data is not ready yet.", _WAIT),
    "1006": ("The FIFO P/L data is not ready yet.", _WAIT),
    "1007": ("The mark-to-market P/L data is not ready yet.", _WAIT),
    "1008": ("The P/L data is not ready yet.", _WAIT),
    "1009": ("The server is under heavy load.", _WAIT),
    "1010": (
        "Legacy Flex queries are no longer supported.",
        "Convert the query to an Activity Flex query.",
    ),
    "1011": (
        "The service account is inactive.",
        "Switch the Flex Web Service on in Client Portal.",
    ),
    "1012": ("The token has expired.", _TOKEN),
    "1013": ("The token may not be used from this IP address.", _TOKEN),
    "1014": ("The query is invalid.", _QUERY),
    "1015": ("The token is invalid.", _TOKEN),
    "1016": ("The account is invalid.", _QUERY),
    "1017": ("The reference code is invalid.", "Ask for the statement again."),
    "1018": ("Too many requests were made with this token.", "Wait a few minutes, then ask again."),
    "1019": ("The statement is still being generated.", _WAIT),
    "1020": ("The request was invalid or could not be validated.", _QUERY),
    "1021": ("The statement could not be retrieved at this time.", _WAIT),
    "1025": (
        "Too many failed attempts.",
        "Wait a day, and check token and query before asking again.",
    ),
}


class ServiceReply:
    """A FlexStatementResponse: what the web service answers instead of a statement."""

    def __init__(self) -> None:
        self.texts: dict[str, str] = {}
        self._name = ""

    def open(self, name: str) -> None:
        self._name = name

    def add(self, text: str) -> None:
        if self._name and len(self.texts) < 20:
            self.texts[self._name] = (self.texts.get(self._name, "") + text)[:300]

    def refusal(self) -> UnreadableStatement:
        code = self.texts.get("ErrorCode", "").strip()
        if not code:
            return UnreadableStatement(
                "service_receipt",
                "This is the web service's receipt for a request, not the statement itself. Fetch the "
                "statement with the reference code that it holds, and import that.",
            )
        stated = self.texts.get("ErrorMessage", "").strip()
        meaning, remedy = _SERVICE_CODES.get(code, (stated or "It gives no reason.", _WAIT))
        return UnreadableStatement(
            "service_error",
            f"Interactive Brokers answered with error {code[:10]} instead of a statement: {meaning} {remedy}",
        )


def empty() -> UnreadableStatement:
    return UnreadableStatement("empty_file", "The file holds nothing. Export the statement again.")


def not_xml() -> UnreadableStatement:
    return UnreadableStatement(
        "not_xml", f"The file is not XML, so it is not a Flex statement. {_EXPORT}"
    )


def flex_text() -> UnreadableStatement:
    return UnreadableStatement(
        "flex_text",
        "This is a Flex query saved as text (CSV), without trades or cash transactions that could be read. "
        f"{_EXPORT}",
    )


def web_page() -> UnreadableStatement:
    return UnreadableStatement(
        "web_page",
        "The file is a web page, not a statement; the download was probably answered by a sign-in or error "
        f"page. {_EXPORT}",
    )


def activity_csv() -> UnreadableStatement:
    return UnreadableStatement(
        "activity_csv",
        "This is an activity statement in CSV, not a Flex query. Leave the format open, or choose “Interactive Brokers "
        "activity statement (CSV)”, and read it again.",
    )


def packed(how: str) -> UnreadableStatement:
    return UnreadableStatement(
        "packed_file",
        f"The file is packed ({how}). Unpack it and upload the XML file that is in it.",
    )


def document(what: str) -> UnreadableStatement:
    return UnreadableStatement("document_file", f"The file is {what}, not a statement. {_EXPORT}")


def not_flex() -> UnreadableStatement:
    return UnreadableStatement(
        "not_flex", f"The file is XML, but not a Flex statement of Interactive Brokers. {_EXPORT}"
    )


def hostile(what: str) -> UnreadableStatement:
    return UnreadableStatement(
        "hostile_xml",
        f"The file was refused because {what}, which no statement does and which can be used to harm a "
        "server. Nothing was imported. Export the statement again from Client Portal.",
    )


def truncated(row: int) -> UnreadableStatement:
    place = f"in the middle, after row {row:,}" if row else "before its first row"
    return UnreadableStatement(
        "truncated",
        f"This is half a file: it ends {place}. Nothing was imported. Download it again and wait until the download "
        "is complete.",
    )


def broken(row: int, reason: str) -> UnreadableStatement:
    return UnreadableStatement(
        "broken_xml",
        f"The file is damaged after row {row:,} ({reason}). Nothing was imported. Download it again, and do "
        "not edit it by hand.",
    )
