"""The parts of the fake Slack; tests use tests/fake_slack.py, which puts them together."""
