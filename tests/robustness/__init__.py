"""A behavioural suite for the topic classifier after CheckList (Ribeiro et al., 2020): its items and what is done to them.

All wording is our own and none of it is training text, so that `tests/whole/test_robustness.py` measures what was learnt.
"""
