"""places: where things are.

Owns      cities with their names in all scripts, dated former names, zones, populations.
Door      `queries.search`, `queries.resolve`, `actions.load_gazetteer`; `core.maps`,
          `core.names`, `core.distance`.
Promises  a place keeps its GeoNames number for ever; each name says in which language and when
          it was used, where that is known; search finds any script and forgives a typo.
Imports   kit.
"""
