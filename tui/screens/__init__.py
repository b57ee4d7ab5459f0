"""Screens that open over the main one and close with Esc: one file each."""
