"""Real servers for the tests: each is started once a test run, on free loopback ports, and shared by all workers."""
