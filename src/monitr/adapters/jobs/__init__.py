"""Jobs: the broker that wakes workers up, the relay that feeds it, the workshop that works on runs, the schedule."""
