"""One small authority and one finished paper for all tests that check."""

import pytest

from twinhood.documents.core.checking_report import Anchor, Known
from twinhood.documents.tests import signed_papers as papers
from twinhood.documents.tests.signed_papers import World


@pytest.fixture(scope="session")
def authority() -> World:
    return papers.new_world()


@pytest.fixture(scope="session")
def complete(authority: World) -> bytes:
    """Signed by both, with a timestamp over all of it: the paper that holds."""
    return papers.complete(authority)


@pytest.fixture(scope="session")
def trusting(authority: World) -> Known:
    """The trust list with the two roots, and nothing else known."""
    return Known(anchors=tuple(Anchor(der, "the test's list") for der in authority.anchors))
