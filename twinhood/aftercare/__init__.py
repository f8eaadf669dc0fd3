"""aftercare: what became of things after they were handed over.

Owns      follow-ups 3, 12 and 24 months after a hand-over, the holder's secret links, questions
          about who holds a vehicle, the register of incidents.
Door      `following.find`, `write`, `answer`, `renew`; `questions.decide`; `incidents.register`,
          `review`, `add_note`; `queries.told_of`, `public_incidents`; the pure `core.dates`,
          `core.holders`.
Promises  each thing is asked after once at each date; an answer is taken once, however often it
          is sent; another holder than the receiver is an alarm, and public only once a person
          looked at it; an incident is public once two people of two bodies, neither of them its
          writer, agreed to exactly its words; silence is told as silence.
Imports   transport, deliveries, needs, documents, people, places, translog, kit.
"""
