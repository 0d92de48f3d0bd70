"""WordPress's export format: reading.py streams it in, export.py writes it; events.py is first."""
