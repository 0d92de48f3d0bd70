"""A whole site as one zip that people and Hugo can read: writing.py writes it, moving_in.py reads.

layout.py says what stands where, front_matter.py and json_lines.py how it is spelled, checking.py
what is refused before a single row is written.
"""
