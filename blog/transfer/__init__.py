"""Moving in and out: other systems' exports become posts, and this site becomes files."""
