"""places: where things are.

Owns      cities with their names in all scripts, dated former names, zones, populations.
Door      `queries.search`, `queries.names_of`, `actions.load_gazetteer`, `actions.name_place`,
          `Place.name_in`; `core.maps`, `core.names`.
Promises  a place keeps its GeoNames number for ever; each name says in which language and when
          it was used, where that is known; search finds any script and forgives a slip; a load
          that is cut off leaves no trace.
Imports   kit.
"""
