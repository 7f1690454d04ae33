"""The desk in Slack: what people press, ask and fill in there, done and answered."""
