"""Parley's own spam learner: it learns from this site's decisions by people, and from nothing else.

A model is a fold over the ordered list of standing decisions: nothing in here knows of a database,
of settings or of the clock, and the same decisions in the same order give bit-equal models, in one
go or from any state in between. The parts, in the order in which a text goes through them:

    folding.py    a text as it is compared, and where each of its characters came from
    features.py   `Written` -> `Features`: the words, pieces of words and links, as numbers
    model.py      `Model`: score(), learn(), what it advises and how well it did of late
    state.py      a model as bytes and back
    reasons.py    which parts of a text spoke for spam, and which against it
"""
