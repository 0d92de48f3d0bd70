"""A post as a Markdown file with front matter, out and in: an author's own copy of their words.

opening.py makes text of bytes, front_matter.py and yaml_lines.py read a head in any of its
spellings, taking.py says which of it are a post's words, writing.py writes a file. What a file says
of who wrote it, its state and its dates is never taken: whoever sends it is its author.
"""
