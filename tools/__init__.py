"""Tools the agent may call: one file each, whose docstring is what the model reads.

Empty until the agent arrives; installs as `agenttune.tools`.
"""
