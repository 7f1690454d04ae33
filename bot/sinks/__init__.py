"""Sinks: where messages go, one file a plug of the port `Sink`; `card`, `mrkdwn`, `refusals` serve both for Slack."""
