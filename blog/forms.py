"""What an author typed: the post's form, and the pictures that come with it.

A form judges and keeps words; storing them is publishing.py's and media.py's.
"""

from hashlib import sha256
from typing import Any, ClassVar

from django import forms
from django.core import signing
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import UploadedFile
from django.forms.utils import ErrorDict
from django.utils.crypto import get_random_string
from django.utils.translation import gettext_lazy as _

from accounts.text import validate_single_line
from blog import media
from blog.choices import SCHEDULING, ChoicesForm
from blog.models import Picture, Post, PostKind
from blog.publishing import needs_a_title, nothing_to_read, parse_tags
from blog.words import Words, differing, packed, words_of
from comments.forms import KNOWN_EXTRAS, StrictForm
from comments.models import Markup

FORM_SALT = "blog.new-post"
# Buttons after which readers see what the form says, sooner or later.
PUBLISHING = SCHEDULING | {"publish", "publish_changes", "submit"}
PICTURE_HELP = _("JPEG, PNG, WebP, AVIF or GIF, up to 10 MB.")
PICTURE_TYPES = "image/jpeg,image/png,image/webp,image/avif,image/gif"
SLUG_HELP = _(
    "The last part of its address. Readers know this one: if you change it, it leads them on."
)
# What Django says of them speaks of slugs.
SLUG_ERRORS = {
    "invalid": _("Not a valid address: it takes letters from a to z, digits, - and _."),
    "unique": _("This address is taken. Please choose another."),
}
ALT_HELP = _("What the picture shows, for those who cannot see it.")
DECORATIVE_HELP = _("It shows nothing that the text does not say; screen readers pass over it.")
CREDIT_HELP = _("Who made it, where that is to be named.")
PICTURE_WORDS = ("alt", "is_decorative", "caption", "credit")


class PictureField(forms.FileField):
    """An upload, already accepted by media.py: its clean value is a media.Accepted."""

    def __init__(self, *, label: Any) -> None:
        widget = forms.FileInput(attrs={"accept": PICTURE_TYPES})
        super().__init__(label=label, required=False, widget=widget, help_text=PICTURE_HELP)

    def clean(self, data: Any, initial: Any = None) -> media.Accepted | None:
        upload = super().clean(data, initial)
        return media.accept(upload) if isinstance(upload, UploadedFile) else None


class LineField(forms.CharField):
    """One line of words about a picture."""

    def __init__(self, *, label: Any, help_text: Any = "", max_length: int = 300) -> None:
        super().__init__(
            label=label,
            help_text=help_text,
            required=False,
            max_length=max_length,
            validators=[validate_single_line],
        )


class DecorativeField(forms.BooleanField):
    """A tick instead of words for those who cannot see a picture."""

    def __init__(self) -> None:
        super().__init__(label=_("Only decoration"), required=False, help_text=DECORATIVE_HELP)


class PictureForm(forms.Form):
    """A picture to be put into the text."""

    picture = PictureField(label=_("Picture"))
    picture_alt = LineField(label=_("Text for those who cannot see it"), help_text=ALT_HELP)
    picture_is_decorative = DecorativeField()
    picture_caption = LineField(label=_("Caption"))
    picture_credit = LineField(label=_("Credit"), help_text=CREDIT_HELP, max_length=200)

    is_picture_required = True

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if self.is_picture_required and not self.files.get("picture"):
            self.add_error("picture", _("Choose a picture first."))
        if data.get("picture"):
            require_alt(self, "picture_alt", "picture_is_decorative")
        return data


class PostForm(forms.ModelForm, StrictForm, PictureForm, ChoicesForm):
    """A post as its author writes it, bound to the version that they have before them."""

    body = forms.CharField(
        label=_("Text"), required=False, strip=False,
        widget=forms.Textarea(attrs={"rows": 24, "dir": "auto"}),
        help_text=_("Markdown, with footnotes, tables and code."),
    )  # fmt: skip
    tags = forms.CharField(
        label=_("Tags"), required=False, max_length=800, help_text=_("Separated by commas.")
    )
    cover_file = PictureField(label=_("Cover picture"))
    cover_alt = LineField(label=_("Text for those who cannot see it"), help_text=ALT_HELP)
    cover_is_decorative = DecorativeField()
    cover_caption = LineField(label=_("Caption"))
    cover_credit = LineField(label=_("Credit"), help_text=CREDIT_HELP, max_length=200)
    remove_cover = forms.BooleanField(label=_("Remove the cover"), required=False)
    # What it was shown with: its words are the picture's, and may be others meanwhile.
    cover_seen = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput)
    version = forms.IntegerField(required=False, min_value=0, widget=forms.HiddenInput)
    token = forms.CharField(required=False, max_length=400, widget=forms.HiddenInput)

    is_picture_required = False
    # Whose page it was: see room/answers.py.
    known_extras = KNOWN_EXTRAS | {"person", *(f"initial-{name}" for name in ChoicesForm.PLACE)}
    WRITTEN: ClassVar = ("title", "slug", "excerpt", "body", "author_note", "source_line")

    class Meta:
        model = Post
        fields = ("title", "slug", "excerpt", "body", "author_note", "source_line")
        widgets: ClassVar = {
            "title": forms.TextInput(attrs={"dir": "auto"}),
            "excerpt": forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
            "author_note": forms.Textarea(attrs={"rows": 3, "dir": "auto"}),
        }
        help_texts: ClassVar = {
            "slug": _("The last part of the post's address. Left empty, it follows the title."),
            "excerpt": _("One or two sentences, under the title and in lists."),
            "author_note": _("Set apart at the end: who wrote this, and how."),
            "source_line": _("Where this comes from or appeared before. Links work here."),
        }

    def __init__(
        self, data: Any = None, files: Any = None, *, instance: Post, words: Words | None = None
    ) -> None:
        """`words`: what the instance was laid over with, if they are not its own."""
        super().__init__(data, files, instance=instance, initial=_initial(instance, words))
        self.fields["slug"].required = False
        self.fields["slug"].error_messages |= SLUG_ERRORS
        if instance.first_public_at is not None and not instance.is_scheduled():
            self.fields["slug"].help_text = SLUG_HELP
        if instance.markup == Markup.HTML:
            self.fields["body"].label = _("Text (this text is HTML)")
            self.fields["body"].help_text = _("This text is HTML, and stays HTML when it is saved.")
        self.remember_the_place()
        if instance.cover_id is None:
            del self.fields["remove_cover"]
        self.offer_people(instance.author_id, words["coauthors"] if words else ())
        if instance.kind == PostKind.PAGE:
            for name in ("categories", "series", "series_position"):
                del self.fields[name]

    def clean_body(self) -> str:
        return plain_breaks(self.cleaned_data["body"])

    def clean_author_note(self) -> str:
        return plain_breaks(self.cleaned_data["author_note"])

    def clean_tags(self) -> list[str]:
        try:
            return parse_tags(self.cleaned_data["tags"].split(","))
        except ValidationError as error:
            raise ValidationError(error.messages) from error

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        # ModelForm's clean() hands on to nobody; StrictForm's hands on to PictureForm's.
        StrictForm.clean(self)
        self._refuse_unknown_files()
        self._require_cover_alt()
        if self.data.get("action") in PUBLISHING:
            self._require_words(data)
        return data

    def written(self) -> dict[str, Any]:
        """Return the fields as publishing/ takes them; pictures are not among them.

        A box that did not come along was not emptied by anybody.
        """
        names = [name for name in (*self.WRITTEN, "tags") if name in self.data]
        words = {name: self.cleaned_data[name] for name in names} | self.chosen()
        # As it is by now, and not left out: a draft of which it was chosen before gives way.
        left_alone = [name for name in words if self.is_as_opened(name)]
        return words | {name: getattr(self.instance, name) for name in left_alone}

    def seen_version(self) -> int:
        """Return the version of the text that its author had before them."""
        return self.cleaned_data.get("version") or 0

    def cover_words(self) -> dict[str, Any]:
        return {name: self.cleaned_data.get(f"cover_{name}") for name in PICTURE_WORDS}

    def describes_cover(self) -> bool:
        """Tell whether the cover that stays was given other words than it was shown with."""
        cover = self.instance.cover
        if cover is None or self.cleaned_data.get("remove_cover"):
            return False
        seen = self.cleaned_data.get("cover_seen") or _mark_of(cover_words_of(cover))
        return _mark_of(self.cover_words()) != seen

    def says(self, post: Post) -> bool:
        """Tell whether a valid form holds what a post has that was made from it."""
        data = self.cleaned_data
        lines = ("title", "excerpt", "author_note", "source_line")
        tags = {tag.name.casefold() for tag in post.tags.all()}
        same_body = post.body == data["body"]
        if data["picture"]:
            # It stands at the end of the stored text.
            same_body = post.body.startswith(data["body"].rstrip())
        return (
            all(data[name] == getattr(post, name) for name in lines)
            and same_body
            and data["slug"] in {"", post.slug}
            and {name.casefold() for name in data["tags"]} == tags
            and bool(data["cover_file"]) == (post.cover_id is not None)
            and not differing(words_of(post) | packed(self.chosen()), words_of(post))
        )

    def tell(self, error: ValidationError) -> None:
        """Show what publishing/ refused: at its field, where the form has one for it."""
        if not hasattr(error, "error_dict"):
            self.add_error(None, error)
            return
        for name, told in error.error_dict.items():
            field = {"at": "publish_at"}.get(name, name)
            self.add_error(field if field in self.fields else None, told)

    def show_unjudged(self, errors: Any = None) -> None:
        """Show what was sent without judging it, or with another form's `errors` alone."""
        self.cleaned_data = {}
        self._errors = errors if errors is not None else ErrorDict()

    def _require_words(self, data: dict[str, Any]) -> None:
        """Ask for what readers must have; a draft may be without."""
        for name, missing in (("title", needs_a_title()), ("body", nothing_to_read())):
            if name not in self.errors and not data.get(name, "").strip():
                self.add_error(name, missing)

    def _require_cover_alt(self) -> None:
        if self.describes_cover() or self.cleaned_data.get("cover_file"):
            require_alt(self, "cover_alt", "cover_is_decorative")

    def _refuse_unknown_files(self) -> None:
        if unknown := sorted(set(self.files) - set(self.fields)):
            names = ", ".join(name[:40] for name in unknown[:5])
            message = _("This form takes no file called %(names)s.")
            self.add_error(None, ValidationError(message, "unknown_field", {"names": names}))


def make_token() -> str:
    """Return the hidden key of one form of a new post: with it, a double click makes one post."""
    return signing.dumps(get_random_string(16), salt=FORM_SALT)


def creation_key(token: str, user: Any) -> str | None:
    """Return the key that this person's posts of one form share; None when it is none of ours."""
    try:
        nonce = signing.loads(token, salt=FORM_SALT)
    except (signing.BadSignature, ValueError):
        return None
    return sha256(f"{user.pk}\0{nonce}".encode()).hexdigest()


def require_alt(form: forms.BaseForm, name: str, decorative: str) -> None:
    """Ask for words with every picture that says something: without them some have nothing."""
    if name in form.errors:
        return
    has_words, is_decorative = map(form.cleaned_data.get, (name, decorative))
    if has_words and is_decorative:
        trouble = _(
            "What only decorates has no words of its own: empty them, or take the tick off."
        )
        form.add_error(decorative, trouble)
    elif not (has_words or is_decorative):
        form.add_error(
            name, _("Say in a few words what the picture shows, or tick that it only decorates.")
        )


def plain_breaks(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _initial(post: Post, words: Words | None) -> dict[str, Any]:
    if post._state.adding:
        return {"version": 0, "token": make_token()}
    words = words_of(post) if words is None else words
    shown = cover_words_of(post.cover)
    return {
        "version": post.text_version,
        "tags": ", ".join(words["tags"]),
        **{f"cover_{name}": value for name, value in shown.items()},
        "cover_seen": _mark_of(shown),
        **{name: words.get(name) for name in ChoicesForm.CHOSEN},
        "series_position": words.get("series_position") or None,
        "publish_at": post.published_at if post.is_scheduled() else None,
    }


def cover_words_of(cover: Picture | None) -> dict[str, Any]:
    """Return what a cover says; one that is not there says nothing."""
    cover = cover or Picture()
    return {name: getattr(cover, name) for name in PICTURE_WORDS}


def _mark_of(words: dict[str, Any]) -> str:
    # As a box gives them back: on one line.
    lines = [" ".join(str(words[name]).split()) for name in PICTURE_WORDS]
    return sha256("\0".join(lines).encode()).hexdigest()
