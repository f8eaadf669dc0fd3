"""people: who, for which organisation, in which partnership.

Owns      sign-in, persons, organisations, partnerships (the tenant of every row above), roles.
Door      `queries.may`, `queries.require`, `queries.workspace`, `core.permissions`.
Promises  one policy decides everything that a person may do; a stranger learns not even that a
          thing exists (404); a role has a beginning and an end and is never deleted.
Imports   places, kit.
"""
