"""What a start looks at before it opens the doors."""

from typing import Any

import pytest

from twinhood.ops.errors import OpsError
from twinhood.ops.prepare import look_before_opening


@pytest.mark.django_db
def test_a_production_server_does_not_open_with_the_example_in_it(
    example: Any, settings: Any
) -> None:
    settings.PRODUCTION = True
    settings.PERSONAS_ALLOWED = False

    with pytest.raises(OpsError, match="refused"):
        look_before_opening()


@pytest.mark.django_db
def test_an_empty_production_server_opens(settings: Any) -> None:
    settings.PRODUCTION = True
    settings.PERSONAS_ALLOWED = False

    look_before_opening()
