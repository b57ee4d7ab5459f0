"""Figures: what AgentTune costs, what it finds, what it survives. `python -m benchmarks` prints them all."""
