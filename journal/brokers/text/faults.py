"""What can be wrong with a cell or a row. Readers turn these into problems with the row's number."""

from __future__ import annotations

from collections.abc import Mapping


class BadValue(ValueError):
    """A text that is not what its place should hold."""

    code = "bad_value"

    def __init__(self, text: str, wanted: str) -> None:
        super().__init__(text)
        self.text = text
        self.wanted = wanted

    def trouble_in(self, raw: Mapping[str, str]) -> str:
        """What is wrong, with the name of the first column of the row that holds the text, if one does."""
        text = self.text.strip()
        where = next((name for name, value in raw.items() if value.strip() == text), "")
        return f"{where} “{self.text[:60]}” is not {self.wanted}".strip()


class Missing(ValueError):
    """A row lacks something that no booking can do without."""

    def __init__(self, code: str, lack: str) -> None:
        super().__init__(lack)
        self.code = code
        self.lack = lack


class BadNumber(BadValue):
    code = "bad_number"

    def __init__(self, text: str) -> None:
        super().__init__(text, "a number")


class BadDate(BadValue):
    code = "bad_date"

    def __init__(self, text: str) -> None:
        super().__init__(text, "a date")


class AmbiguousDate(BadValue):
    code = "ambiguous_date"

    def __init__(self, text: str) -> None:
        super().__init__(text, "a date that can be read in one way only")
