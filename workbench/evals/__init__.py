"""Many runs: what-if over recorded candidates, by the same engine."""
