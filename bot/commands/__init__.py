"""The commands, a file for each group; `cli.py` names them all."""
