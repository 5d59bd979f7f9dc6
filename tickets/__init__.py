"""What a ticket, claim, policy, request and decision are, and what may happen to them."""
