"""`python -m port`: answers the adapter protocol on standard input and output."""

from .host import Host

Host().run()
