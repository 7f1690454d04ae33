"""What the daemons of the crash driver have in memory before they are forked: libraries, the shipped models."""

from functools import cache

import spacy

from bot import app, commands, demo, live, readiness
from bot.commands import daemon, storage
from bot.config import load_config
from bot.engines import scheduler
from bot.nlp import spacy_reader
from bot.sinks import slack
from bot.sources import boilerplate, worker
from bot.stores import copies, places

LIBRARIES = (boilerplate, commands, copies, daemon, live, places, readiness, scheduler, slack, storage, worker)
CONFIG = load_config(demo.SHIPPED, {})

vars(spacy)["load"] = cache(spacy.load)
vars(app)["vocabulary"] = cache(app.vocabulary)
MODEL = app.model(CONFIG, app.vocabulary())
vars(app)["model"] = lambda config, words: MODEL
spacy_reader.SpacyReader(CONFIG.spacy)
