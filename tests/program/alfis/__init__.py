"""An independent peer of the ALFIS network, written from the protocol's description alone.

It shares no code with the node that it tests, so a mistake in one is no mistake in both.
"""

from . import interpreter  # before all that needs its packages  # noqa: F401
