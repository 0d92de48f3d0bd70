"""A WordPress blog -> rows of this site. importing.py runs it, the others take one thing each.

They build on what ../wxr/ reads and ../text/ converts, and know nothing of XML.
"""
