"""places: where things are.

Owns      cities with their names in all scripts, dated former names, zones, populations, and
          what official lists say of them on dates (near the fighting, occupied).
Door      `queries.search`, `queries.names_of`, `actions.load_gazetteer`, `actions.name_place`,
          `Place.name_in`; `standing.take_list`, `standing.standing_of`; `core.maps`, `core.names`.
Promises  a place keeps its GeoNames number for ever; each name says in which language and when
          it was used, where that is known; search finds any script and forgives a slip; a load
          that is cut off leaves no trace.
Imports   kit.
"""
