"""The writing room: what authors see of their posts. Who may do what there is said in policy.py."""
