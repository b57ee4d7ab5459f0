"""Variants of the user's code: found, checked, put into a work folder, run, and kept.

Not for: what becomes of them in a study (proposers/, objectives/).
"""
