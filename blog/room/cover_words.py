"""A post's cover as its form has it: a new one, none, or other words about the one that is there.

The words are the picture's and not the post's: they are public at once, and no revision has them.
"""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils.translation import gettext as _

from blog import media, policy, publishing
from blog.forms import PICTURE_WORDS, PostForm
from blog.models import Picture, Post
from blog.words import laid_over, latest_words


def cover_of(form: PostForm, actor: Any) -> dict[str, Picture | None]:
    """Return the new cover as a field to write, or nothing when it stays what it is."""
    data, cover = form.cleaned_data, form.instance.cover
    words = form.cover_words()
    if data["cover_file"]:
        return {"cover": media.keep(data["cover_file"], uploader=actor, **words)}
    if data.get("remove_cover"):
        return {"cover": None}
    if cover is not None and form.describes_cover():
        describe_cover(cover, actor, words)
    return {}


def describe_cover(cover: Picture, actor: Any, words: dict[str, Any]) -> None:
    """Give a cover other words. Raises: ValidationError when it is not this person's to describe.

    Who writes in a post need not have the picture: other posts may show it as well.
    """
    if all(getattr(cover, name) == value for name, value in words.items()):
        return
    if not policy.pictures_of(actor).filter(pk=cover.pk).exists():
        trouble = _("This cover is somebody else's picture: they or an editor can describe it.")
        raise ValidationError({"cover_alt": trouble})
    media.describe(cover, **words)
    publishing.show_again(cover)


def describe_again(request: HttpRequest, post: Post) -> str:
    """Give a cover the words that came along with a merge; return why not, with those words."""
    latest = latest_words(post)
    form = PostForm(request.POST, instance=laid_over(post, latest), words=latest)
    names = [f"cover_{name}" for name in PICTURE_WORDS]
    trouble = [str(each) for name in names for each in form.errors.get(name, ())]
    if (cover := form.instance.cover) is None and any(map(form.data.get, names)):
        trouble.append(_("The post has no cover."))
    try:
        if not trouble and form.describes_cover():
            describe_cover(cover, request.user, form.cover_words())
    except ValidationError as error:
        trouble = error.messages
    said = " · ".join(form.data[name] for name in names if form.data.get(name))
    told = {"words": said, "why": " ".join(trouble)}
    return (
        _("The words about the cover were not stored: %(words)s. %(why)s") % told if trouble else ""
    )
