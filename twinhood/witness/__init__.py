"""witness: sees to it that a log shows everybody the same, and never forgets.

Owns      `twinhood witness`: fetches a log's checkpoint, demands the proof that it continues the
          one seen last, cosigns it and hands the cosignature in. Runs elsewhere, at a twin city's
          or a newsroom's, with a key and a state file of its own.
Door      `command.main`, `watching.Watch`.
Promises  no database, no Django; never two roots cosigned for one size, nor a tree that forgot
          something, also not after a crash: what will be signed is on the disk before it is.
Imports   the log's pure core.
"""
