"""The moderation desk inside the admin: queues of cards, decisions, undo, people, the log.

Every act goes through moderation/, bound to what the editor's page showed. Knows nothing of posts.
"""
