"""Answers to what people ask of a study, computed from the record: one module per question, one template per answer.

Every answer is a record; `worded` makes plain text of it, in which every number is the record's. A model may word it
again, but nothing here asks one.
"""
