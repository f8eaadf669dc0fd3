"""web: the roof, pages that join rooms.

Owns      home, partnership, campaign, trace and desk pages; the table of addresses.
Door      none: nobody calls the roof.
Promises  a page that needs one room lives in that room; every number here is a query.
Imports   all rooms below.
"""
