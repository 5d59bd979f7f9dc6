"""What runs: configuration, clock, schedule, desk, web and commands."""
