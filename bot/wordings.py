"""Wordings: which words may stand for each other in a summary, which turn a sentence round, and which say nothing
of their own."""

import re

ALIKE = tuple(
    frozenset(group.split())
    for group in """car auto automobile vehicle carmaker
pharma pharmaceutical
crude oil
chip semiconductor
shrimp prawn
gem jewellery jewelry
farm agricultural agriculture agri farmer
corn maize
garment apparel
tariff duty levy surcharge penalty tax
deal pact agreement accord treaty
probe investigation investigate inquiry
shipment export
country nation
worth value
begin start due effective effect from commence kick
say tell told said according state announce inform notify note
ask seek request demand urge want appeal
keep stay remain kept maintain unchanged
reach hit record touch
use buy purchase
talk negotiation discussion round meet meeting negotiate
negotiator team official
product good goods item
company firm
revoke cancel scrap withdraw remove lift abolish
pause suspend halt suspension
cut lower reduce fall decline drop down trim slash
raise increase up hike rise jump climb higher surge grow
exempt spare exclude
impose slap levy put set charge collect
face pay bear
court judge
phone smartphone
add extra more further additional
give grant
end finish expire close
plan intend aim
likely expect may could might
maker manufacturer producer
minister ministry
government administration
estimate forecast
carpet rug
among include""".splitlines()
)
OPPOSITES = (
    ("export", "import"),
    ("buy", "sell"),
    ("surplus", "deficit"),
    ("include", "exclude"),
    ("minimum", "maximum"),
    ("before", "after"),
    ("accept", "reject"),
    ("support", "oppose"),
    ("win", "lose"),
    ("legal", "illegal"),
    ("open", "close"),
    ("begin", "end"),
    ("high", "low"),
    ("gain", "loss"),
    ("supplier", "buyer"),
    ("permanent", "temporary"),
    ("uphold", "overturn"),
    ("weak", "strong"),
    ("least", "most"),
)
COMMON = frozenset(
    re.findall(
        r"\w+",
        """a an the this that these those it its he she they we his her their our in on at by for from to of
        with without under over after before during amid as if when while and but or nor so yet both all
        some many most more less few no not new now then there here what which who how why according
        meanwhile however also only up down out about two three four five six seven eight nine ten one
        officials official exporters exporter importers importer ministers minister negotiators talks
        tariffs tariff duties duty levies levy goods imports exports import export shipments sources
        analysts economists lawmakers companies firms traders farmers producers makers buyers sellers
        countries nations trade deal deals rates rate businesses government ministry president court judges
        carmakers refiners negotiations exemptions nothing neither none every each another further higher
        lower last next""",
    )
)  # may begin a sentence and name nobody
NEUTRAL = COMMON | frozenset(
    re.findall(
        r"[\w-]+",
        """is are was were be been being has have had do does did will would shall can could may might must
        should there than into onto upon between among against through via per cent percent because since
        until till where whose whom him them us such same own other others made make take taken took took
        put set come came go goes went gone due still already just as well while whether either new current
        currently year years month week day days time period amount total figure level people side sides
        two-way bilateral part parts case matter way thing things said says say india indian american market
        markets country own worth so-called ahead out off back away again together within across toward
        towards like include including included""",
    )
)  # says nothing that could be wrong by itself
