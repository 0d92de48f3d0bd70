"""Threads that come from elsewhere: what was imported, by which run, and how it gets in."""
