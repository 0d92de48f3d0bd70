"""The measures themselves: that they count right, and say so when something is not."""
