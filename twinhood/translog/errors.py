"""What can go wrong in the log."""


class BadLeaf(ValueError):
    """A leaf that the log does not take: not canonical JSON, too long, of no partnership."""


class LogAhead(Exception):
    """What was published is ahead of the database, or another tree: nothing may be signed.

    Happens after a restore from an old backup. `published` and `known` are numbers of leaves.
    """

    def __init__(self, published: int, known: int) -> None:
        self.published = published
        self.known = known
        super().__init__(f"the published log has {published} leaves, the database {known}")


class TilesMissing(Exception):
    """A tile or bundle that a checkpoint stands on is not in the store, or not as it was."""
