"""What can go wrong with places, and a person can mend."""


class MixedScripts(Exception):
    """A name mixes Latin and Cyrillic letters: by mistake, or to pass for another name."""

    def __init__(self, name: str) -> None:
        super().__init__(f"The name {name!r} mixes Latin and Cyrillic letters.")
        self.name = name
