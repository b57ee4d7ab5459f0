"""What a person, and later a prompt, is told about a study: so far the importance of parameters (importance.py)."""
