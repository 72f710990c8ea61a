"""A shortcut for rows that look like the row before: most of a big statement.

Rows of one section have the same attributes in the same order. The XML parser reads the first one; from its
attribute names a pattern is made, and rows that fit it exactly are read by that pattern, three times as fast.
A row that fits is well-formed by construction: known names, closed quotes, no markup and no control
characters inside. Whatever does not fit goes to the XML parser, and so does everything else.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import compress

_TEMPLATES_MAX = 40
_NARROWED_MAX = 8
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_TAG = re.compile(r"<([A-Za-z_][A-Za-z0-9_]*) ", re.ASCII)
_ENTITY = re.compile(r"&(?:(amp|lt|gt|quot|apos);)?")
_CHARACTERS = {"amp": "&", "lt": "<", "gt": ">", "quot": '"', "apos": "'"}

Match = Callable[[str, int], re.Match[str] | None]
Feed = Callable[[str], None]
TakeRow = Callable[[str, dict[str, str]], None]


class Template:
    """The pattern of one element's rows. Attributes that have always been empty are not even looked at."""

    def __init__(self, element: str, attributes: dict[str, str]) -> None:
        self.element = element
        self.all_names = tuple(attributes)
        self._match_any = self._compile(frozenset(attributes))
        self._narrowed = 0
        self._narrow({name for name, value in attributes.items() if value})

    def match(self, text: str, position: int) -> re.Match[str] | None:
        """Where a row that fits begins at `position`; `names` are those of its groups."""
        row = self.match_narrow(text, position)
        if row is None and self._narrowed < _NARROWED_MAX:
            row = self._match_any(text, position)
            if row is not None:
                values = zip(self.all_names, row.groups(), strict=True)
                self._narrow({*self.names, *(name for name, value in values if value)})
                row = self.match_narrow(text, position)
        return row

    def _narrow(self, filled: set[str]) -> None:
        self._narrowed += 1
        is_last = self._narrowed >= _NARROWED_MAX
        self.names = tuple(name for name in self.all_names if is_last or name in filled)
        self.match_narrow = self._match_any if is_last else self._compile(frozenset(self.names))

    def _compile(self, filled: frozenset[str]) -> Match:
        values = (
            rf' {name}="([^"<\x00-\x1f]*)"' if name in filled else f' {name}=""'
            for name in self.all_names
        )
        return re.compile(rf"<{self.element}{''.join(values)} ?/>\s*").match


class Templates:
    """Divides text between the shortcut and the XML parser, in order."""

    def __init__(self, feed: Feed, take_row: TakeRow, is_inside: Callable[[], bool]) -> None:
        self._feed = feed
        self._is_inside = is_inside
        self._take_row = take_row
        self._by_element: dict[str, Template] = {}
        self._made = 0
        self._is_off = False

    def learn(self, element: str, attributes: dict[str, str]) -> None:
        """The XML parser has read this row: the next ones may look like it."""
        names = tuple(attributes)
        known = self._by_element.get(element)
        if self._made >= _TEMPLATES_MAX or (known is not None and known.all_names == names):
            return
        if all(map(_NAME.fullmatch, (element, *names))):
            self._made += 1
            self._by_element[element] = Template(element, attributes)

    def read(self, text: str) -> None:
        """`text` ends where a tag ends."""
        if self._is_off or "<!" in text or text.find("<?", 2) >= 0:
            # Comments and the like may hold what looks like rows. Statements have none.
            self._is_off = True
            self._feed(text)
            return
        position, end = 0, len(text)
        while position < end:
            position = self._read_rows(text, position)
            following = text.find("<", position + 1)
            following = end if following < 0 else following
            if position < end:
                self._feed(text[position:following])
            position = following

    def _read_rows(self, text: str, position: int) -> int:
        """Take rows as long as they fit; returns where that ended."""
        while (tag := _TAG.match(text, position)) and self._is_inside():
            template = self._by_element.get(tag.group(1))
            if template is None:
                break
            start, take_row = position, self._take_row
            while row := template.match(text, position):
                values = row.groups()
                raw = dict(compress(zip(template.names, values, strict=True), values))
                if text.find("&", position, row.end()) >= 0 and not decode(raw):
                    return position
                take_row(template.element, raw)
                position = row.end()
            if position == start:
                break
        return position


def decode(raw: dict[str, str]) -> bool:
    """Put XML's five named characters in; False where there is anything else to decode."""
    for name, value in raw.items():
        if "&" in value:
            if "" in _ENTITY.findall(value):
                return False
            raw[name] = _ENTITY.sub(lambda match: _CHARACTERS[match.group(1)], value)
    return True
