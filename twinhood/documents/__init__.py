"""documents: papers that are frozen, signed in turn, and checked by anybody.

Owns      frozen documents and their revisions, slots for signatures, signatures, the certificates
          of offices, trusted issuers.
Door      `actions`, `queries`; the pure `core`: making a PDF, signing it, checking it.
Promises  from the day it is frozen nothing but signatures changes a document's bytes; what is
          shown of a signature is what was checked, and nobody's own word.
Imports   people, places, translog, kit. It knows nothing of what a document is about.
"""
