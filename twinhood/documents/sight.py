"""Who may see a file: the room that it belongs to says so, each time it is asked for.

A room registers one function when Django starts. It is given the file and says how far it may
be seen on its account, or None if no row of it refers to the file:

    class NeedsConfig(AppConfig):
        def ready(self) -> None:
            sight.register(evidence.sight_of)
"""

from collections.abc import Callable
from enum import IntEnum

from twinhood.documents.models import StoredFile
from twinhood.kit.above import Above
from twinhood.people.models import Person
from twinhood.people.queries import workspace


class Sight(IntEnum):
    """How far a file may be seen, by whom besides the one who sent it in."""

    # Taken back: by its workspace, whatever other rooms say.
    PULLED_BACK = 0
    UPLOADER = 1
    # Whoever has a role in its partnership today.
    WORKSPACE = 2
    # All the world, renditions only.
    PUBLIC = 3


type Keeper = Callable[[StoredFile], Sight | None]
_keepers = Above[Keeper]()
register = _keepers.register


def of(file: StoredFile) -> Sight:
    """How far it may be seen now: as far as any room says, unless one pulled it back."""
    said = [found for keeper in _keepers if (found := keeper(file)) is not None]
    if Sight.PULLED_BACK in said:
        return Sight.PULLED_BACK
    return max(said, default=Sight.UPLOADER)


def may_see(person: Person, file: StoredFile) -> bool:
    """Whether this person may see the renditions of a file that is not public."""
    if file.uploaded_by_id == person.pk:
        return True
    if of(file) is Sight.UPLOADER or file.partnership is None:
        return False
    return bool(workspace(person, file.partnership).roles)
