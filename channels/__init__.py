"""Adapters: a mailbox, a carrier or a scanner to raw pickups and read messages, and a message to a delivery."""
