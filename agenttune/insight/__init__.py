"""What people and prompts are told about a study: digest.py and its parts, prompt.py around it, importance.py."""
