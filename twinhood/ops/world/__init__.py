"""The example: Stamford and Kramatorsk, with money, papers and people that are made up.

One world serves `make run`, the tests, the screenshots and the docs. The cities, their mayors,
the signatures of 6 April 2023 and the other twinnings are public facts with sources
(`twinnings.facts`); everything else is done by offices and organisations that say "(example)".
"""

from twinhood.ops.world.build import build_example, is_built

__all__ = ["build_example", "is_built"]
