"""One command that starts everything on one machine, and leaves nothing behind.

`bootstrap` makes the environment and is run by path with the machine's own Python, so it imports
the standard library only. Everything else runs inside the environment, and nothing here imports an
app: the apps are started as processes, exactly as production starts them.
"""
