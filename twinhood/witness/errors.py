"""What keeps a witness from signing."""


class Refused(Exception):
    """The log did what no log may do, or what it shows does not fit together: not signed."""


class Forked(Refused):
    """The log's own signatures contradict each other. `evidence` is the note that shows it."""

    def __init__(self, why: str, evidence: bytes) -> None:
        self.evidence = evidence
        super().__init__(why)


class Unreachable(Exception):
    """The log cannot be reached, or answers with what is none; another time it may."""


class BadFile(Exception):
    """A key file or state file that cannot be used."""
