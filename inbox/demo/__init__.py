"""The demo world: its people and claims, and local servers in place of a mail provider, a carrier and a printer."""
