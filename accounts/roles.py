"""What a person may do in a workspace, from least to most."""

from enum import StrEnum


class Role(StrEnum):
    VIEWER = "viewer"
    TRADER = "trader"
    OWNER = "owner"

    @property
    def label(self) -> str:
        return self.value.capitalize()

    @property
    def can_write(self) -> bool:
        return self is not Role.VIEWER

    @property
    def can_administer(self) -> bool:
        return self is Role.OWNER


ROLE_CHOICES = [(role.value, role.label) for role in reversed(Role)]
ROLE_MEANINGS = {
    Role.OWNER: "Everything a trader may, and who belongs to the workspace.",
    Role.TRADER: "Reads and writes the journal: imports, notes, tags, corrections.",
    Role.VIEWER: "Reads everything, changes nothing.",
}
