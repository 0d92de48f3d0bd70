"""Akismet, by its own protocol: asked over TLS about a comment, told what a person decided.

Off until COMMENTS_AKISMET_KEY is set. client.py sends one request, protocol.py knows the calls and
their answers, fields.py what of a comment leaves the house; check.py is the check that is named in
COMMENTS_CHECKS, feedback.py tells Akismet of its mistakes. The key stands in requests to Akismet
and nowhere else: no log, no finding, no page.
"""

# In the ledger and in reports; a name that is the same in every language.
SERVICE = "Akismet"
CHECK = "comments.spam.akismet.check.akismet"
