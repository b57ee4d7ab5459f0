"""The agent: a conversation that plans, runs, changes and explains studies."""
