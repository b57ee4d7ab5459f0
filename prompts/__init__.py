"""Texts that language models read: one file per message (`*.md.jinja`), rendered by name.

Empty until a language model proposes; installs as `agenttune.prompts`.
"""
