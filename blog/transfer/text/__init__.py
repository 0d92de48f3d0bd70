"""What WordPress stores as text -> plain HTML. conversion.py is the door; nothing knows rows."""
