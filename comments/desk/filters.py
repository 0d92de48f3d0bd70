"""Stand-in until the filters are there."""

from dataclasses import dataclass

from django import forms
from django.http import QueryDict
from django.utils.http import urlencode


@dataclass(frozen=True)
class Filters:
    thread: int | None = None
    words: str = ""

    @classmethod
    def parse(cls, query: QueryDict) -> tuple["Filters", dict[str, str]]:
        thread = query.get("thread", "")
        return cls(int(thread) if thread.isdecimal() else None, query.get("words", "")), {}

    def as_query(self) -> str:
        return urlencode({k: v for k, v in vars(self).items() if v})

    @property
    def is_empty(self) -> bool:
        return not self.as_query()


class FilterForm(forms.Form):
    words = forms.CharField(required=False)
    thread = forms.IntegerField(required=False)
