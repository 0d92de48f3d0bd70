"""Made-up threads of any size, to try out and to measure: texts.py, shape.py and rows.py.

The last is a wide leaf of the one door (moderation/): rows as the door would have left them.
"""
