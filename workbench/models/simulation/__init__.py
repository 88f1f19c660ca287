"""How a simulated model behaves: its profile, what it takes for true, how it writes and how it judges."""
