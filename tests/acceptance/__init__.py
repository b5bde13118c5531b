"""The program as its users meet it: the real processes, against an Octopus that somebody else wrote.

Nothing here imports ``monitr`` or ``octopus_sandbox``: the settings, commands and operations of ``docs``' contract are
all that these tests know.
"""
