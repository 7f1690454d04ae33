"""Block Kit as two libraries know it that are not ours: what they refuse, Slack would."""

from typing import Any

import slackblocks as oracle
from slack_sdk.models.blocks import Block as SdkBlock


def assert_taken_by_two_libraries(blocks: list[dict[str, Any]]) -> None:
    oracle.Message(channel="C0000000001", text="x", blocks=[rebuilt(block) for block in blocks]).to_dict()
    for block in blocks:
        parsed = SdkBlock.parse(block)
        assert parsed is not None
        parsed.validate_json()


def rebuilt(block: dict[str, Any]) -> Any:
    """The block made again with slackblocks, whose constructors refuse what Slack would."""
    match block["type"]:
        case "section":
            return oracle.SectionBlock(oracle.Text.from_dict(block["text"]))
        case "context":
            return oracle.ContextBlock([oracle.Text.from_dict(element) for element in block["elements"]])
        case "actions":
            return oracle.ActionsBlock([_element(element) for element in block["elements"]], block["block_id"])
    holders = {"rich_text_section": oracle.RichTextSection, "rich_text_quote": oracle.RichTextQuote}
    return oracle.RichTextBlock([holders[e["type"]]([_piece(p) for p in e["elements"]]) for e in block["elements"]])


def _element(element: dict[str, Any]) -> Any:
    if element["type"] == "button":
        return oracle.Button(oracle.Text.from_dict(element["text"]), element["action_id"], value=element["value"])
    options = [oracle.Option(oracle.Text.from_dict(o["text"]), o["value"]) for o in element["options"]]
    placeholder = oracle.Text.from_dict(element["placeholder"])
    return oracle.StaticSelectMenu(element["action_id"], options, placeholder=placeholder)


def _piece(piece: dict[str, Any]) -> Any:
    if piece["type"] == "link":
        return oracle.RichTextLink(url=piece["url"], text=piece["text"])
    return oracle.RichText(piece["text"] if piece["type"] == "text" else piece["fallback"])  # it knows no date element
