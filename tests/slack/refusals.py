"""How the fake Slack says no."""


class RefusedError(Exception):
    """The answer is ok: false. `more` stands beside the code."""

    def __init__(self, code: str, **more: object) -> None:
        super().__init__(code)
        self.code, self.more = code, more


class LimitedError(Exception):
    """The answer is 429; `wait` is its Retry-After."""

    def __init__(self, wait: int) -> None:
        super().__init__(f"wait {wait} s")
        self.wait = wait


def schema_error(code: str, wrong: list[str]) -> RefusedError:
    """A refusal that points at what is wrong, as Slack does for blocks and views."""
    told = [f"[ERROR] {what}" for what in wrong]
    return RefusedError(code, errors=wrong, response_metadata={"messages": told})
