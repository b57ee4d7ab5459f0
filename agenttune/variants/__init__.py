"""Model code as a proposal: a part of the user's file that a model writes anew (decision 0017).

A *variant* is the file with its *target* (the file, a class, a function) replaced by a *block*. All that is said of
code before it runs is said by its syntax tree (target.py, checking.py), and nothing here imports or runs it but
`running.py`, which does so in the sandbox. Not for: what becomes of variants in a study (proposers/, objectives/).
"""
