"""What stands where in a site's zip. Pure: names and words, no files and no rows."""

import re

from django.conf import settings

from blog.transfer.files import FILES

FORMAT = "parley-site"
VERSION = 1
README, SITE = "README.txt", "site.json"
MEDIA = "static/media/"
# Hugo refuses content in HTML unless its site says otherwise; this says so, and nothing else.
HUGO = "config/_default/security.toml"
HUGO_TAKES_HTML = """# Lets Hugo read the posts that came here as HTML (content/**/*.html).
# Hugo does not clean them: leave this file out if you do not trust those who wrote them.
allowContent = ['! ^text/org$']
"""

# What an unpacked zip has in data/, each a file of JSON Lines, in the order of reading.
GROUPS = "data/groups.jsonl"
USERS = "data/users.jsonl"
CATEGORIES = "data/categories.jsonl"
TAGS = "data/tags.jsonl"
SERIES = "data/series.jsonl"
PICTURES = "data/pictures.jsonl"
ATTACHMENTS = "data/attachments.jsonl"
LISTS = "data/lists.jsonl"
RULES = "data/rules.jsonl"
REASONS = "data/reasons.jsonl"
MEASURES = "data/measures.jsonl"
MUTES = "data/mutes.jsonl"
THREADS = "data/threads.jsonl"
COMMENTS = "data/comments.jsonl"
# What zips from before do not have.
ADDED = (RULES, MUTES, REASONS, MEASURES, SERIES)
DATA = (
    GROUPS, USERS, MUTES, CATEGORIES, TAGS, SERIES, PICTURES, ATTACHMENTS, LISTS, RULES, REASONS,
    MEASURES, THREADS, COMMENTS,
)  # fmt: skip

ENDINGS = {"markdown": "md", "html": "html"}
CONTENT = re.compile(r"content/(posts|pages)/[-a-zA-Z0-9_]{1,120}\+?\.(md|html)")
PICTURE_NAME = re.compile(r"pictures/(?:\w[\w.-]*/)*\w[\w.-]*\.(jpg|png|webp)", re.ASCII)
FILE_NAME = re.compile(
    rf"files/(?:\w[\w.-]*/)*\w[\w.-]*\.({'|'.join(sorted(FILES))})", re.ASCII | re.IGNORECASE
)


def content_entry(kind: str, slug: str, markup: str) -> str:
    """Return the entry of a post or a page.

    Hugo takes a file called index for the whole folder: such a one gets a mark that no slug has.
    """
    mark = "+" if slug.lower() in {"index", "_index"} else ""
    return f"content/{kind}s/{slug}{mark}.{ENDINGS[markup]}"


def key_of(kind: str, slug: str) -> str:
    """Return what the data calls a post or a page: "posts/a-day-out"."""
    return f"{kind}s/{slug}"


def readme() -> str:
    return f"""{settings.SITE_NAME}: a whole site in one file, written by Parley

CAREFUL: data/ holds the e-mail and network addresses of people who trusted this site with them.
Keep this file as you would keep their letters. It holds no passwords, no sign-ins and no keys,
but for the scrambled passwords of posts that ask for one.

content/posts/         the posts, one a file: a head between two lines of ---, then the text
content/pages/         the pages, the same way
config/                there if some texts are HTML: it lets Hugo read them, as they are
static/media/          pictures and files, under the names that the texts call them by
data/users.jsonl       people, without their passwords
data/groups.jsonl      the groups they are in, and what each group may do
data/mutes.jsonl       who does not want to read whom
data/categories.jsonl  the categories, and which stands within which
data/tags.jsonl        the tags
data/series.jsonl      the series; the head of a post says which it is part of, and at what place
data/pictures.jsonl    the pictures, with what was written about them
data/attachments.jsonl files that belong to posts
data/lists.jsonl       words, domains, networks and expressions that editors watch for, and how
                       often each was found
data/rules.jsonl       the rules for all discussions, if anybody has changed them
data/reasons.jsonl     the reasons that editors give, by the codes that the log names them by
data/measures.jsonl    what editors did about people: warned, suspended, banned; and what was lifted
data/threads.jsonl     discussions under pages that are not in this site
data/comments.jsonl    every comment, with its earlier texts, all that was ever done to it, who
                       found it helpful, who reported it, and where it stood before it was moved
site.json              the site's name, and how much of everything there is

Texts that end in .md are Markdown; those that end in .html came here as HTML. In a file that ends
in .jsonl every line is one thing, as JSON. Times are in UTC. "former_slugs" are addresses that
something was public at before, and since when it is not.

To read the site with Hugo, unpack content, static and config, if it is there, into the folder of a
Hugo site, and nothing else: a Hugo site is often kept where others can read it, and data/ is not
for them. Drafts, private posts and those with a password say "draft: true", so that Hugo keeps
them to itself. It runs what stands between {{{{< and >}}}}; a text that shows such marks is written
so that Hugo shows them, too, and says so in its head ("shortcodes").

To have the site back in Parley: manage.py import_site site.zip
"""
