"""What can go wrong and a person can mend."""


class NotYours(Exception):
    """The person has no role in this partnership: for them it does not exist (404)."""


class NeedsSecondFactor(Exception):
    """The action moves money, and the person signed in with one factor only."""
