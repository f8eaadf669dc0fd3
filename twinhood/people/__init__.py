"""people: who, for which organisation, in which partnership.

Owns      sign-in, persons, organisations, partnerships (the tenant of every row above), roles,
          the people of the example that anybody may be.
Door      `queries.in_workspace`, `workspace`, `workspaces`, `partnership_for`, `has_second_factor`,
          `persona_of`; `core.permissions`; `words.ROLE_WORDS`; `waiting.Task`;
          `identity.check_identity`, `is_known`, `same_people`.
Promises  one policy decides everything that a person may do; a stranger learns not even that a
          thing exists (404); money moves only after a passkey or a code of an app, and nobody has
          a password; whoever approves is known, and two accounts of one person are one voice; a
          role has a beginning and an end and is never deleted; somebody of the example holds roles
          in example partnerships only, and is nobody in production.
Imports   places, kit.
"""
