"""The parts a screen is made of: one file each, with its bindings, messages and styles."""
