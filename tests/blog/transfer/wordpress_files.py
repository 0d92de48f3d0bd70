"""Writes WordPress exports (WXR 1.2) of any size, such as real blogs give: seeded, as a stream.

Used by the tests that import and by the measures. Knows nothing of the importer: it writes what
WordPress writes, and now and then what damaged or old blogs hold (missing parents, replies that
stand before what they answer, one old slug of two posts).
"""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import TextIO
from xml.sax.saxutils import escape, quoteattr

HOST = "https://old.example"
BEGIN = datetime(2012, 3, 4, 5, 6, 7)
DEEPEST = 12
# A parent of this number or above was deleted from the blog for good.
GONE = 9_000_000
CATEGORIES = (  # slug, parent's slug, name; a parent may be listed after its children
    ("bread", "baking", "Bread & rolls"),
    ("baking", "", "Baking"),
    ("rye", "bread", "Rye"),
    ("travel", "", "Travel"),
    ("by-bicycle", "travel", "By bicycle"),
)
TAGS = ("flour", "water", "salt", "time", "Été", "c++", "oven", "north")
PEOPLE = ("ann", "bert", "cleo.d")
WORDS = [
    "the",
    "a",
    "of",
    "and",
    "to",
    "in",
    "that",
    "it",
    "was",
    "for",
    "on",
    "with",
    "as",
    "his",
    "they",
    "be",
    "at",
    "one",
    "have",
    "this",
    "from",
    "or",
    "had",
    "by",
    "hot",
    "bread",
    "dough",
    "crumb",
    "oven",
    "crust",
    "flour",
    "rye",
    "starter",
    "morning",
    "kitchen",
    "neighbour",
    "letter",
    "road",
    "bicycle",
    "rain",
    "harbour",
    "winter",
    "never",
    "always",
    "perhaps",
    "because",
    "however",
    "quietly",
    "baked",
    "shaped",
    "rested",
    "folded",
]
POST_STATES = {3: "draft", 5: "pending", 7: "private", 11: "future", 13: "trash"}
COMMENT_STATES = ("1", "0", "spam", "trash")
COMMENT_WEIGHTS = (88, 4, 5, 3)


@dataclass(frozen=True)
class Blog:
    """What a file is to hold. Units: `filler` is bytes of what no reader ever sees."""

    posts: int = 120
    comments: int = 1_500
    seed: int = 1
    host: str = HOST
    filler: int = 0
    # How long posts are: real blogs have a few hundred words.
    paragraphs: int = 4


@dataclass
class _Comment:
    id: int
    parent: int
    depth: int


@dataclass
class _Writer:
    blog: Blog
    file: TextIO
    random: random.Random
    ids: Iterator[int]
    comment_ids: Iterator[int]
    pages: list[int] = field(default_factory=list)
    last_comment: int = 0

    def write(self) -> None:
        self._head()
        counts = self._comment_counts()
        for number in range(1, self.blog.posts + 1):
            self._post(number, counts[number - 1])
            if number % 10 == 0:
                self._menu_item()
        self.file.write("</channel>\n</rss>\n")

    def _comment_counts(self) -> list[int]:
        """Spread the comments over the posts: few have many, as on every blog."""
        weights = [1 / (rank + 4) for rank in range(self.blog.posts)]
        self.random.shuffle(weights)
        weights[0] = max(weights)  # the first has the deepest thread
        total = sum(weights)
        counts = [int(self.blog.comments * weight / total) for weight in weights]
        counts[0] += self.blog.comments - sum(counts)
        return counts

    # --- the head ---------------------------------------------------------------------------------

    def _head(self) -> None:
        self.file.write(
            f"""<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0"
 xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:wfw="http://wellformedweb.org/CommentAPI/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
<title>An old blog</title>
<link>{self.blog.host}</link>
<pubDate>Mon, 10 Jun 2024 12:29:10 +0000</pubDate>
<wp:wxr_version>1.2</wp:wxr_version>
<wp:base_site_url>{self.blog.host}</wp:base_site_url>
<wp:base_blog_url>{self.blog.host}</wp:base_blog_url>
"""
        )
        for number, login in enumerate(PEOPLE, start=1):
            self.file.write(author(login, id=number, email=f"{login}@old.example"))
        for number, (slug, parent, name) in enumerate(CATEGORIES, start=1):
            self.file.write(
                f"<wp:category><wp:term_id>{number}</wp:term_id>"
                f"{_tag('wp:category_nicename', slug)}"
                f"{_tag('wp:category_parent', parent)}{_tag('wp:cat_name', name)}</wp:category>\n"
            )
        for number, name in enumerate(TAGS, start=50):
            self.file.write(
                f"<wp:tag><wp:term_id>{number}</wp:term_id><wp:tag_slug>tag-{number}</wp:tag_slug>"
                f"{_tag('wp:tag_name', name)}</wp:tag>\n"
            )

    # --- posts ------------------------------------------------------------------------------------

    def _post(self, number: int, comments: int) -> None:
        """Write a post or, each tenth time, a page; with its pictures and its comments."""
        id, is_page = next(self.ids), number % 10 == 9
        pictures = [next(self.ids), next(self.ids)] if number % 8 == 4 else []
        at = BEGIN + timedelta(days=number)
        state = "publish" if is_page else POST_STATES.get(number % 17, "publish")
        at = datetime(2199, 1, 1) + timedelta(days=number) if state == "future" else at
        slug = f"{'page' if is_page else 'post'}-{number}"
        meta = self._post_meta(number, pictures)
        self.file.write(
            item_head(
                id=id,
                title="" if number == 6 else f"{self._words(5).capitalize()} & no. {number}",
                link=f"{self.blog.host}/{at:%Y/%m}/{slug}/" if not is_page else "",
                host=self.blog.host,
                slug="" if state in {"draft", "pending"} else slug,
                type="page" if is_page else "post",
                status=state,
                at=at,
                creator=PEOPLE[number % len(PEOPLE)],
                content=self._text(number, pictures),
                excerpt=self._words(12) if number % 4 == 0 else "",
                parent=self._parent_page(is_page, id),
                password="enter" if number % 59 == 2 else "",
                is_sticky=number % 29 == 1,
                is_open=number % 6 != 0,
                meta=meta,
                labels=[] if is_page else self._labels(number),
            )
        )
        for comment in self._thread(comments):
            self._comment(comment, at)
        self.file.write("</item>\n")
        for place, picture in enumerate(pictures):
            self._attachment(picture, id, f"picture-{number}-{place}", at)

    def _parent_page(self, is_page: bool, id: int) -> int:
        if not is_page:
            return 0
        self.pages.append(id)
        return self.random.choice(self.pages[:-1]) if len(self.pages) > 2 else 0

    def _labels(self, number: int) -> list[tuple[str, str, str]]:
        slug, _parent, name = CATEGORIES[number % len(CATEGORIES)]
        tags = self.random.sample(range(len(TAGS)), number % 4)
        return [
            ("category", slug, name),
            *(("post_tag", f"tag-{50 + place}", TAGS[place]) for place in tags),
        ]

    def _post_meta(self, number: int, pictures: list[int]) -> list[tuple[str, str]]:
        meta = [("_edit_last", "1"), ("_seo", f'a:1:{{s:5:"score";i:{number};}}')]
        if pictures:
            meta.append(("_thumbnail_id", str(pictures[0])))
        if number % 7 == 0:
            meta.append(("_wp_old_slug", f"old-post-{number}"))
        if number % 40 == 1:
            meta.append(("_wp_old_slug", "once-mine"))  # several posts had it
        meta += [("_builder_data", part) for part in self._filler(self.blog.filler)]
        return meta

    def _filler(self, total: int) -> Iterator[str]:
        """Yield what page builders keep beside each post: it makes most of a large export."""
        left = total // max(self.blog.posts, 1)
        block = f'{{"id":"%08x","elType":"widget","settings":{{"text":"{self._words(300)}"}}}},'
        while left > 0:
            part = (block % self.random.getrandbits(32)) * 40
            yield part[:left]
            left -= len(part)

    def _text(self, number: int, pictures: list[int]) -> str:
        paragraphs = [self._words(60).capitalize() + "." for _n in range(self.blog.paragraphs)]
        paragraphs[0] += ' <em>See</em> <a href="https://elsewhere.example/?a=1&b=2">there</a>.'
        if number % 3 == 0:
            paragraphs = [
                f"<!-- wp:paragraph -->\n<p>{each}</p>\n<!-- /wp:paragraph -->"
                for each in paragraphs
            ]
        elif number % 5 == 0:
            paragraphs.insert(1, "<!--more-->")
        if pictures:
            paragraphs.append(f'[gallery ids="{",".join(map(str, pictures))}"]')
            url = f"{self.blog.host}/wp-content/uploads/2012/03/picture-{number}-0-300x200.png"
            paragraphs.append(f'[caption width="300"]<img src="{url}" alt=""> A loaf[/caption]')
        return "\n\n".join(paragraphs)

    def _attachment(self, id: int, parent: int, name: str, at: datetime) -> None:
        url = f"{self.blog.host}/wp-content/uploads/2012/03/{name}.png"
        self.file.write(
            item_head(
                id=id,
                title=name,
                link=f"{self.blog.host}/?attachment_id={id}",
                slug=name,
                type="attachment",
                status="inherit",
                at=at,
                parent=parent,
                attachment_url=url,
                meta=[
                    ("_wp_attached_file", f"2012/03/{name}.png"),
                    ("_wp_attachment_image_alt", f"A picture of {name}"),
                ],
            )
            + "</item>\n"
        )

    def _menu_item(self) -> None:
        id = next(self.ids)
        head = item_head(
            id=id,
            type="nav_menu_item",
            status="publish",
            at=BEGIN,
            link=f"{self.blog.host}/?p={id}",
        )
        self.file.write(head + "</item>\n")

    # --- comments ---------------------------------------------------------------------------------

    def _thread(self, count: int) -> list[_Comment]:
        """Return comments as they answer one another; one in fifty stands before its parent."""
        made: list[_Comment] = []
        for place in range(count):
            made.append(self._placed(made, place))
        for place in range(25, count, 50):
            made.insert(max(0, place - 20), made.pop(place))
        return made

    def _placed(self, made: list[_Comment], place: int) -> _Comment:
        id = next(self.comment_ids)
        if self.last_comment and self.random.random() < 0.002:
            return _Comment(id, self.last_comment, 0)  # of another post
        if self.random.random() < 0.01:
            return _Comment(id, GONE + self.random.randrange(1 + id // 2), 1)
        # The first ones answer each other, down to the deepest place; then at random.
        if 0 < place <= DEEPEST:
            above = made[place - 1]
        elif made and self.random.random() < 0.5:
            above = self.random.choice(made[-30:])
        else:
            self.last_comment = id if place == 0 else self.last_comment
            return _Comment(id, 0, 0)
        if above.depth >= DEEPEST:
            return _Comment(id, above.parent, above.depth)
        return _Comment(id, above.id, above.depth + 1)

    def _comment(self, comment: _Comment, at: datetime) -> None:
        (state,) = self.random.choices(COMMENT_STATES, COMMENT_WEIGHTS)
        who, user_id = self._who(comment.id)
        is_ping = comment.id % 41 == 0 and not comment.parent
        at = BEGIN + timedelta(minutes=comment.id)
        self.file.write(
            comment_xml(
                id=comment.id,
                parent=comment.parent,
                author="Another blog" if is_ping else who,
                email="" if is_ping else f"{who.lower()}@reader.example",
                url=f"https://elsewhere.example/{comment.id}" if comment.id % 5 == 0 else "",
                ip=f"192.0.2.{comment.id % 250 + 1}",
                at=at,
                content=self._comment_text(comment.id),
                approved=state,
                type=("pingback", "trackback")[comment.id % 2] if is_ping else "comment",
                user_id=0 if is_ping else user_id,
                meta=_comment_meta(comment.id, state, at),
            )
        )

    def _who(self, id: int) -> tuple[str, int]:
        if id % 15 == 0:
            number = id % len(PEOPLE)
            return PEOPLE[number], number + 1
        return f"Reader{self.random.randrange(400)}", 0

    def _comment_text(self, id: int) -> str:
        words = self._words(self.random.randrange(5, 70))
        if id % 6 == 0:
            return f"<blockquote>{words}</blockquote>\n\nNo, <strong>never</strong>. {words}"
        if id % 10 == 3:
            return f"{words}\nhttps://elsewhere.example/page-{id} & so on\n\n{words}"
        return words

    def _words(self, count: int) -> str:
        return " ".join(self.random.choices(WORDS, k=count))


def _comment_meta(id: int, state: str, at: datetime) -> list[tuple[str, str]]:
    """Return what Akismet and the trash keep beside a comment."""
    result = "true" if state == "spam" or id % 60 == 1 else "false"
    meta = [
        ("akismet_result", result),
        ("akismet_history", f'a:2:{{s:4:"time";d:{id};s:5:"event";s:9:"check-ham";}}'),
    ]
    if result == "true" and state != "spam":
        meta += [("akismet_user_result", "false"), ("akismet_user", "ann")]
    if state == "trash":
        before = "spam" if id % 2 else "1"
        time = int((at - datetime(1970, 1, 1)).total_seconds()) + 3600
        meta += [("_wp_trash_meta_status", before), ("_wp_trash_meta_time", str(time))]
    return meta


def write(path: Path, blog: Blog) -> Path:
    """Write the export of such a blog: the same blog is the same file, byte by byte."""
    with path.open("w", encoding="utf-8", newline="\n") as file:
        ids, comment_ids = iter(range(1, 10**9)), iter(range(1, GONE))
        _Writer(blog, file, random.Random(blog.seed), ids, comment_ids).write()
    return path


# --- the parts, for small files made by hand ---------------------------------------------------


def document(*parts: str, host: str = HOST, base: str | None = None) -> str:
    """Return an export that holds these parts."""
    base = host if base is None else base
    return f"""<?xml version="1.0" encoding="UTF-8" ?>
<rss version="2.0"
 xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"
 xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:dc="http://purl.org/dc/elements/1.1/"
 xmlns:wp="http://wordpress.org/export/1.2/">
<channel>
<title>A blog</title>
<link>{host}</link>
<pubDate>Mon, 10 Jun 2024 12:29:10 +0000</pubDate>
<wp:wxr_version>1.2</wp:wxr_version>
<wp:base_site_url>{host}</wp:base_site_url>
<wp:base_blog_url>{base}</wp:base_blog_url>
{"".join(parts)}</channel>
</rss>
"""


def author(login: str, *, id: int | str = 1, email: str = "", name: str = "") -> str:
    return (
        f"<wp:author><wp:author_id>{id}</wp:author_id>{_tag('wp:author_login', login)}"
        f"{_tag('wp:author_email', email)}"
        f"{_tag('wp:author_display_name', name or login)}</wp:author>\n"
    )


def category(slug: str, name: str, parent: str = "") -> str:
    return (
        f"<wp:category>{_tag('wp:category_nicename', slug)}{_tag('wp:category_parent', parent)}"
        f"{_tag('wp:cat_name', name)}</wp:category>\n"
    )


def post(id: int | str, *comments: str, **fields: object) -> str:
    """Return an item with its comments; `fields` as item_head() takes them."""
    return item_head(id=id, **fields) + "".join(comments) + "</item>\n"  # type: ignore[arg-type]


def item_head(
    *,
    id: int | str,
    title: str = "Hello",
    link: str = "",
    host: str = HOST,
    slug: str = "",
    type: str = "post",
    status: str = "publish",
    at: datetime | str = BEGIN,
    creator: str = "ann",
    content: str = "Some words.",
    excerpt: str = "",
    parent: int = 0,
    password: str = "",
    is_sticky: bool = False,
    is_open: bool = True,
    attachment_url: str = "",
    meta: list[tuple[str, str]] | None = None,
    labels: list[tuple[str, str, str]] | None = None,
) -> str:
    """Return an item without its end: its comments come behind."""
    link = link or f"{host}/{slug or f'?p={id}'}{'/' if slug else ''}"
    at = f"{at:%Y-%m-%d %H:%M:%S}" if isinstance(at, datetime) else at
    labelled = "".join(
        f'<category domain="{domain}" nicename={quoteattr(nicename)}>{_cdata(name)}</category>\n'
        for domain, nicename, name in labels or ()
    )
    return f"""<item>
{_tag("title", title)}
<link>{escape(link)}</link>
{_tag("dc:creator", creator)}
<description></description>
{_tag("content:encoded", content)}
{_tag("excerpt:encoded", excerpt)}
<wp:post_id>{id}</wp:post_id>
<wp:post_date>{at}</wp:post_date>
<wp:post_date_gmt>{at}</wp:post_date_gmt>
<wp:comment_status>{"open" if is_open else "closed"}</wp:comment_status>
{_tag("wp:post_name", slug)}
<wp:status>{status}</wp:status>
<wp:post_parent>{parent}</wp:post_parent>
<wp:menu_order>0</wp:menu_order>
<wp:post_type>{type}</wp:post_type>
{_tag("wp:post_password", password)}
<wp:is_sticky>{int(is_sticky)}</wp:is_sticky>
{_tag("wp:attachment_url", attachment_url) if attachment_url else ""}
{labelled}{_metas("wp:postmeta", meta)}"""


def comment_xml(
    *,
    id: int | str,
    parent: int | str = 0,
    author: str = "Gus",
    email: str = "gus@reader.example",
    url: str = "",
    ip: str = "192.0.2.1",
    at: datetime | str = BEGIN,
    content: str = "A thought.",
    approved: str = "1",
    type: str = "comment",
    user_id: int | str = 0,
    meta: list[tuple[str, str]] | None = None,
) -> str:
    at = f"{at:%Y-%m-%d %H:%M:%S}" if isinstance(at, datetime) else at
    return f"""<wp:comment>
<wp:comment_id>{id}</wp:comment_id>
{_tag("wp:comment_author", author)}
{_tag("wp:comment_author_email", email)}
<wp:comment_author_url>{escape(url)}</wp:comment_author_url>
<wp:comment_author_IP>{escape(ip)}</wp:comment_author_IP>
<wp:comment_date>{at}</wp:comment_date>
<wp:comment_date_gmt>{at}</wp:comment_date_gmt>
{_tag("wp:comment_content", content)}
<wp:comment_approved>{approved}</wp:comment_approved>
<wp:comment_type>{type}</wp:comment_type>
<wp:comment_parent>{parent}</wp:comment_parent>
<wp:comment_user_id>{user_id}</wp:comment_user_id>
{_metas("wp:commentmeta", meta)}</wp:comment>
"""


def _metas(name: str, meta: list[tuple[str, str]] | None) -> str:
    return "".join(
        f"<{name}>{_tag('wp:meta_key', key)}{_tag('wp:meta_value', value)}</{name}>\n"
        for key, value in meta or ()
    )


def _tag(name: str, text: str) -> str:
    return f"<{name}>{_cdata(text)}</{name}>"


def _cdata(text: str) -> str:
    """Write text as WordPress does: in a section that holds no end of one."""
    return "<![CDATA[" + text.replace("]]>", "]]]]><![CDATA[>") + "]]>"
