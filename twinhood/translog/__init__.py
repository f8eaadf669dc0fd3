"""translog: the log that cannot be rewritten.

Owns      leaves, their places in one Merkle tree, tiles, checkpoints and the log's keys; witnesses
          and their cosignatures; commitments with their openings.
Door      `actions.append`, `commit`, `pull_back`, `erase_opening`, `seal`; `queries.latest`,
          `inclusion`, `consistency`, `proven`, `leaves`, `others`, `openings`, `is_ahead`; the
          pure `core`.
Promises  a leaf that was appended is sealed once, at one place, in a tree that only grows; no
          checkpoint stands over a tile that is not on the disk; a log that is ahead of its
          database signs nothing; no person is in a leaf.
Imports   kit. It names partnerships by a word, and knows nothing of what is in a leaf.
"""
