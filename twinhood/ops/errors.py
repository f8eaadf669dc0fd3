"""What can go wrong in the machine room and a person can mend."""


class OpsError(Exception):
    """One clear sentence for the person at the keyboard: what is wrong, and what to do next."""
