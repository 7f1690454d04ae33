"""An examination: everything that can be said of an article — scores, page, reading, verdicts — before any story is known."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TypeVar

from bot.analysis import Analysis, Scores, Why, analyze
from bot.articles import Article
from bot.conditions import Moves
from bot.deadlines import find_deadlines
from bot.desk import Desk
from bot.events import Event, Tell, silent
from bot.facts import find_facts, may_tell, sieve_of_measures
from bot.faithfulness import Doubt, unsupported
from bot.feeds import Fetched, FetchRequest
from bot.firmness import Judge, by_rules
from bot.ports import Classifier, Extractor, Fetcher, Reader, Writer
from bot.reading import Reading
from bot.relevance import RelevanceStep
from bot.summaries import summarize
from bot.topics import Topic, with_topics
from bot.verdicts import Verdict, kept
from bot.vocabulary import find_sectors, index_reading
from bot.watchlists import judge, judge_all, may_match

PAGE_FLOOR = 0.10  # a score from which an article's page is worth fetching
Text = TypeVar("Text")
Made = TypeVar("Made")
Verdicts = tuple[tuple[str, Verdict], ...]  # by watchlist name


@dataclass(frozen=True, slots=True)
class Read:
    """One article as far as analyze has got: everything `explain` shows."""

    article: Article
    analysis: Analysis
    reading: Reading | None = None  # None: neither scores nor words asked for one
    verdicts: Verdicts = ()  # of all only where it was read for explaining
    muted: Verdicts = ()  # of the mute list
    written: str = ""  # what a writer made of it, kept or not
    doubts: tuple[Doubt, ...] = ()  # why that was dropped


@dataclass(frozen=True, slots=True)
class Examiner:
    """Scores every article; reads in full, and judges, only what the scores or a watchlist's words call for."""

    fetcher: Fetcher
    extractor: Extractor
    reader: Reader
    classifier: Classifier
    rules: Classifier  # decides when the classifier fails
    plain: Reader  # reads when the reader fails
    first_pass: Classifier | None = None  # says no to what surely holds no topic, and spares the classifier that
    relevance: RelevanceStep | None = None  # decides anew with the facts; None where the classifier's word is the last
    firmness: Judge = by_rules  # of what is done to a measure, and how sure that is
    writer: Writer | None = None  # phrases a summary of the quotes, for what the quotes carry
    tell: Tell = field(default=silent)

    def examine(
        self, articles: Sequence[Article], desk: Desk, *, thorough: bool = False, facts: bool = False
    ) -> list[Read]:
        """Scores all, fetches the pages of candidates, reads and judges what a watchlist may want; in order.

        `thorough` reads and judges every article, for explaining; `facts` reads whatever names a measure of trade, also
        what no desk wants, for the facts in it."""
        scores = self._first_scores(articles, desk.topics)
        telling = sieve_of_measures(desk.vocabulary) if facts else None
        asked = [thorough or (telling is not None and may_tell(a.whole, telling)) for a in articles]
        wanted = [ask or self._candidate(a, s, desk) for a, s, ask in zip(articles, scores, asked, strict=True)]
        articles = self._with_pages([(a, w) for a, w in zip(articles, wanted, strict=True)], desk)
        again = [n for n, a in enumerate(articles) if wanted[n] and (a.from_page or self._spared(scores[n]))]
        texts = [(articles[n].title, articles[n].text) for n in again]
        for n, closer in zip(again, self._score(texts, desk.topics), strict=True):
            scores[n] = closer
        wanted = [
            w and (ask or self._picked(s) or may_match(desk.watchlists, a.whole, s, a))
            for a, s, w, ask in zip(articles, scores, wanted, asked, strict=True)
        ]
        wholes = [a.whole for a, w in zip(articles, wanted, strict=True) if w]
        readings = iter(self._each(wholes, self.reader.read, self.plain.read))
        reads = [
            self._judged(a, s, next(readings), desk, thorough) if w else _passed_over(a, s)
            for a, s, w in zip(articles, scores, wanted, strict=True)
        ]
        return self._with_summaries(reads, desk) if self.writer else reads

    def _first_scores(self, articles: Sequence[Article], topics: Sequence[Topic]) -> list[Scores]:
        first_pass = None if topics else self.first_pass  # it knows the shipped topics only, and gives no vectors
        return cascade([(a.title, a.text) for a in articles], first_pass, partial(self._score, topics=topics))

    def _picked(self, scores: Scores) -> bool:
        step = self._step(scores)
        return step.is_open(scores) if step else scores.labels["relevant"]

    def _step(self, scores: Scores) -> RelevanceStep | None:
        return self.relevance if scores.by == self.classifier.name else None

    def _spared(self, scores: Scores) -> bool:
        return self.first_pass is not None and scores.by == self.first_pass.name

    def _score(self, texts: Sequence[tuple[str, str]], topics: Sequence[Topic]) -> list[Scores]:
        return [with_topics(s, topics) for s in self._each(texts, self.classifier.score, self.rules.score)]

    def _each(
        self,
        texts: Sequence[Text],
        model: Callable[[Sequence[Text]], list[Made]],
        instead: Callable[[Sequence[Text]], list[Made]],
    ) -> list[Made]:
        """What the model makes of each text. Where it fails it gets them one by one, so that a text which it cannot take
        goes to its stand-in alone."""
        try:
            return model(texts) if texts else []
        except Exception as error:  # whatever it is: the batch must not wait for one text for ever
            if len(texts) == 1:
                self.tell(Event("model_failed", {"error": str(error)}))
                return instead(texts)
        return [made for text in texts for made in self._each([text], model, instead)]

    def _candidate(self, article: Article, scores: Scores, desk: Desk) -> bool:
        if any(scores.labels.values()) or self._picked(scores) or scores.scores["relevant"] >= PAGE_FLOOR:
            return True
        return may_match(desk.watchlists, article.whole, scores, article)

    def _with_pages(self, articles: Sequence[tuple[Article, bool]], desk: Desk) -> list[Article]:
        """The same articles, those wanted with the text of their page where that says more than the feed did."""
        barred = {f.url for f in desk.feeds if not f.pages}
        urls = {
            a.url: a
            for a, wanted in articles
            if wanted and a.url.startswith("http") and not a.from_page and a.feed_url and a.feed_url not in barred
        }
        pages = {p.url: p for p in self.fetcher.fetch([FetchRequest(u, {}, "page") for u in urls])} if urls else {}
        return [self._grown(a, pages.get(a.url) if wanted else None) for a, wanted in articles]

    def _grown(self, article: Article, page: Fetched | None) -> Article:
        if page is None or page.error:
            return article
        text = self.extractor.extract(page)
        return replace(article, text=text, from_page=True) if len(text) > len(article.text) else article

    def _judged(self, article: Article, scores: Scores, reading: Reading, desk: Desk, thorough: bool) -> Read:
        """An article that breaks its own judging is kept as scored, and told: it must not stop the batch for ever."""
        try:
            return self._read(article, scores, reading, desk, thorough)
        except Exception as error:
            words = {"article": article.id, "url": article.url, "error": f"{type(error).__name__}: {error}"}
            self.tell(Event("article_failed", words))
            return Read(article, analyze(article, scores), reading)

    def _read(self, article: Article, scores: Scores, reading: Reading, desk: Desk, thorough: bool) -> Read:
        index = index_reading(reading)
        sectors = find_sectors(index, desk.vocabulary)
        quotes = tuple(q.text for q in summarize(reading, len(article.title), sectors))
        facts = find_facts(reading, index, desk.vocabulary, article.published.date(), self.firmness)
        if step := self._step(scores):
            scores = step.with_facts(scores, facts)
        deadlines = find_deadlines(reading, index, desk.vocabulary, article)
        analysis = analyze(
            article, scores, reading=reading, sectors=sectors, quotes=quotes, facts=facts, deadlines=deadlines
        )
        verdicts, muted = (
            judge_all(lists, article, index, analysis, misses=thorough) for lists in (desk.watchlists, desk.mute)
        )
        fired = () if any(verdict.fired for _, verdict in muted) else verdicts
        later = {w.name for w in desk.watchlists if w.asks_ledger}
        owners = {watchlist.name: watchlist.owner for watchlist in desk.watchlists}
        why = tuple(why_of(name, v, owners[name]) for name, v in fired if v.fired and name not in later)
        awaits = tuple(name for name, v in fired if v.fired and name in later)
        return Read(article, replace(analysis, why=why, awaits=awaits), reading, verdicts, muted)

    def reading(self, article: Article) -> Reading:
        """The article read, for judging it anew."""
        return self._each([article.whole], self.reader.read, self.plain.read)[0]

    def settled(self, article: Article, analysis: Analysis, moves: Moves, desk: Desk) -> tuple[Analysis, Verdicts]:
        """The analysis once it is known what its facts did to the ledger, and what each watchlist said that waited for it."""
        waiting = [w for w in desk.watchlists if w.name in analysis.awaits]
        if not waiting:
            return analysis, ()
        index = index_reading(self.reading(article))
        verdicts = tuple((w.name, judge(w, article, index, analysis, moves)) for w in waiting)
        owners = {watchlist.name: watchlist.owner for watchlist in waiting}
        fired = tuple(why_of(name, verdict, owners[name]) for name, verdict in verdicts if verdict.fired)
        return replace(analysis, why=(*analysis.why, *fired), awaits=()), verdicts

    def _with_summaries(self, reads: list[Read], desk: Desk) -> list[Read]:
        """The same, with what the writer says of those that may alert. It sees what the card shows, and nothing else."""
        asked = [
            n for n, read in enumerate(reads) if (read.analysis.why or read.analysis.awaits) and read.analysis.quotes
        ]
        texts = ["\n".join((reads[n].article.title, *reads[n].analysis.quotes)) for n in asked]
        for n, words in zip(asked, self._write(texts), strict=True):
            reads[n] = self._gated(reads[n], words, desk)
        return reads

    def _write(self, texts: Sequence[str]) -> list[str]:
        """Nothing for any of them where the writer fails, which is told once a batch."""
        try:
            words = self.writer.write(texts) if self.writer and texts else [""] * len(texts)
            return [said for _, said in zip(texts, words, strict=True)]
        except Exception as error:  # whatever it is: an alert must not wait for words that it can do without
            self.tell(Event("writer_failed", {"error": str(error), "instead": "the quotes stand alone"}))
            return [""] * len(texts)

    def _gated(self, read: Read, words: str, desk: Desk) -> Read:
        shown = (read.article.title, *read.analysis.quotes)
        doubts = unsupported(words, shown, desk.vocabulary, read.article.published.date())
        if doubts:
            self.tell(summary_dropped(read.article.id, read.article.url, words, doubts))
        by = self.writer.name if self.writer else ""
        kept = replace(read.analysis, summary=words, summary_by=by) if words and not doubts else read.analysis
        return replace(read, analysis=kept, written=words, doubts=doubts)


def why_of(name: str, verdict: Verdict, owner: str) -> Why:
    return Why(name, verdict.words(), verdict.grounds(), kept(verdict), owner)


def summary_dropped(article_id: str, url: str, words: str, doubts: Sequence[Doubt]) -> Event:
    """Words of ours or of a model that do not go on the card, and why."""
    why = "; ".join(f"{doubt.words}: {doubt.why}" for doubt in doubts)
    return Event("summary_dropped", {"article": article_id, "url": url, "words": words, "why": why})


def cascade(
    texts: Sequence[tuple[str, str]],
    first_pass: Classifier | None,
    score: Callable[[Sequence[tuple[str, str]]], list[Scores]],
) -> list[Scores]:
    """The first pass's word where it says no to every label, else that of `score`; one for each (title, text), in order."""
    if first_pass is None:
        return score(texts)
    scores = first_pass.score(texts)
    doubtful = [n for n, said in enumerate(scores) if any(said.labels.values())]
    for n, closer in zip(doubtful, score([texts[n] for n in doubtful]), strict=True):
        scores[n] = closer
    return scores


def _passed_over(article: Article, scores: Scores) -> Read:
    """What is never followed needs no vector: twenty thousand of them a day would fill the store."""
    return Read(article, analyze(article, replace(scores, embedding=())))
