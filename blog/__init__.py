"""Posts and the site around them. Stands on comments and accounts; nothing stands on it."""
