"""joining: how a city comes to work here, and how two of them find each other.

Owns      claims of cities and what was found of each, pairings of two cities and what both said.
Door      `claiming.apply`, `ask_for_mail`, `confirm_mail`, `record_call`, `confirm`, `refuse`,
          `withdraw`; `pairing.bring_together`, `answer`; `suggesting.suggestions`; the pure `core`.
Promises  nobody is believed alone: an address of the body's own domain, a call to a number out of
          an official register, and a second person; a claim without a registry code or a place
          never gets through; what waits, was refused or withdrawn is public nowhere; a
          partnership opens once both cities said yes.
Imports   twinnings, documents (what letters a name may have), people, places, kit.
"""
