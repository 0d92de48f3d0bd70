"""Files of other systems' threads, one module a format; each gives Told, and none knows a model."""
