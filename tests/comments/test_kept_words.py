"""The tag that keeps a literal's translation says what Django's own says, in every language."""

import pytest
from django.template import engines
from django.utils import translation

from comments.templatetags.kept_words import KeptNode

SOURCES = [
    '{% translate "Save" %}',
    '{% translate "Yes" %}{% translate "Save" %}',
    "{% translate \"50%% <b> & 'quoted'\" %}",
    '{% translate "Save" as word %}{{ word }}',
    '{% translate "Save" noop %}',
    '{% translate "Save"|upper %}',
    '{% translate "May" context "abbrev. month" %}',
    "{% translate word_given %}",
]


def template(source, libraries):
    return engines["django"].from_string(f"{{% load {libraries} %}}{source}")


@pytest.mark.parametrize("source", SOURCES)
def test_it_says_what_django_says_in_each_language_again_and_again(source):
    kept, plain = template(source, "i18n kept_words"), template(source, "i18n")
    for language in ["en", "de", "en", "fr", "de"]:
        with translation.override(language):
            given = {"word_given": "Save"}
            assert kept.render(given) == plain.render(given)


def test_a_word_is_looked_up_once_for_a_language(monkeypatch):
    kept = template('{% translate "Save" %}', "i18n kept_words")
    (node,) = kept.template.nodelist.get_nodes_by_type(KeptNode)
    asked = []
    render = node.node.render
    monkeypatch.setattr(node.node, "render", lambda context: asked.append(1) or render(context))
    for language in ["de", "en", "de", "en"]:
        with translation.override(language):
            assert kept.render({}) == {"de": "Sichern", "en": "Save"}[language]
    assert len(asked) == 2
