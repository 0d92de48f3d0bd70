"""The demonstration blog: its people, posts, comments and pictures, as plain files.

`people.toml`, `posts/*.md` and `threads/*.toml` hold the words, `drawing.py` makes the pictures, and
`loader.py` reads the files into typed structures. Nothing here knows a model or a database.
"""
