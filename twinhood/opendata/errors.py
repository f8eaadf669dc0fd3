"""What keeps a public file from being built."""


class NothingSealed(Exception):
    """The log has no checkpoint yet, or nothing of this partnership is in it."""


class AlreadyBuilding(Exception):
    """Somebody is building this partnership's file."""


class NoRoom(Exception):
    """Building could fill the disk. `wanted_bytes` must be free and are not."""

    def __init__(self, wanted_bytes: int, free_bytes: int) -> None:
        self.wanted_bytes = wanted_bytes
        self.free_bytes = free_bytes
        super().__init__(f"{wanted_bytes} bytes must be free, {free_bytes} are")
