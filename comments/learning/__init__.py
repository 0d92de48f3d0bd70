"""What the learner is taught, and what each process makes of it: its side of the database.

The log says which decisions of people stand; labels.py reads them, examples.py keeps one example
for each comment in the act's own transaction. The model is a fold over these in their order:
memory.py holds it in each process, checkpoints.py keeps it at some points on the way.
The arithmetic is spam/learner/, which knows of no database.
"""
