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


class NothingTaken(Exception):
    """While the log is ahead of its database nothing is taken in: it could never be sealed."""


class TilesMissing(Exception):
    """A tile or bundle that a checkpoint stands on is not in the store, or not as it was."""


class LogKeyMissing(Exception):
    """The file of a key that this log signs with is not there, or holds another key."""

    def __init__(self, path: str) -> None:
        self.path = path
        super().__init__(f"the log's key {path} is missing or is another one")


class BadCosignature(Exception):
    """What a witness sent is not taken; `status` is the answer's HTTP status, the text says why."""

    def __init__(self, status: int, why: str) -> None:
        self.status = status
        super().__init__(why)
