"""What candidates say and how much they disagree: answer keys, clusters, scores, checks. Pure: no I/O."""
