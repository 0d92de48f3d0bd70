"""Threads, comments, moderation, spam. Knows a thread, never a post. Imports nothing of ours."""
