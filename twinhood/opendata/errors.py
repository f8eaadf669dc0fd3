"""What keeps a public file from being built."""


class NothingSealed(Exception):
    """The log has no checkpoint yet, or nothing of this partnership is in it."""


class AlreadyBuilding(Exception):
    """Somebody is building this partnership's file."""
