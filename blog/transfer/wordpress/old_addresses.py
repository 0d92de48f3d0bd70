"""The addresses that posts had there -> OldAddress rows, each one's whose claim to it is best.

claims_of() says what an item claims and by what right. Addresses gives what is free at once, and
judges what two claim when all posts of a file have spoken: their order in it decides nothing.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qs, quote, unquote, urlsplit

from django.db.models import Q

from blog.models import Claim, OldAddress, Post
from blog.old_paths import normalised
from blog.redirects import answers_always
from blog.transfer.wordpress.memory import Memory
from blog.transfer.wxr.reading import Item
from comments.transfer.records import ImportMap
from comments.transfer.report import CREATED, UNCHANGED, Report

# Our own export says so what the old addresses of a post are.
OLD_ADDRESS_META = "_parley_old_address"
OLD_SLUG_META = "_wp_old_slug"
# In a link without a name: the path is the blog's.
NUMBERED_BY = frozenset({"p", "page_id", "attachment_id", "post_type"})
PART = 500

Claims = dict[str, Claim]


def claims_of(item: Item, *, is_public: bool, is_ours: bool = False) -> Claims:
    """Return every path at which a post could be read there, normalised, with the best right to it.

    `is_ours`: it comes from Parley, which says what its old addresses are; its numbers are none.
    """
    right = Claim.LINK if is_public else Claim.HIDDEN
    if is_ours:
        return {value: right for key, value in item.meta if key == OLD_ADDRESS_META and value}
    own = [_path_of(item.link), normalised("/", f"p={item.post_id}")]
    if item.type == "page":
        own.append(normalised("/", f"page_id={item.post_id}"))
    former = dict.fromkeys(_at_old_slugs(item), Claim.FORMER)
    return _possible(former | dict.fromkeys(own, right))


def claims_of_file(item: Item) -> Claims:
    """Return where the page of an attachment was to be read there: now, its post's own."""
    own = [_path_of(item.link), normalised("/", f"attachment_id={item.post_id}")]
    return _possible(dict.fromkeys(own, Claim.FORMER))


def _possible(claims: Claims) -> Claims:
    return {path: claim for path, claim in claims.items() if path and path != "/"}


def _path_of(link: str) -> str:
    try:
        parts = urlsplit(link.strip())
        is_numbered = NUMBERED_BY & parse_qs(parts.query, max_num_fields=50).keys()
    except ValueError:
        return ""
    return normalised("/" if is_numbered else parts.path, parts.query)


def _at_old_slugs(item: Item) -> Iterator[str]:
    """Yield the item's link with each name that it had before in the place of its name."""
    slugs = [unquote(value) for key, value in item.meta if key == OLD_SLUG_META and value]
    link, name = _plain_path(item.link), unquote(item.name).lower()
    before, found, after = link.rpartition(name) if name else ("", "", "")
    if not found:
        before, after = link.rstrip("/").rpartition("/")[0] + "/", ""
    for slug in slugs:
        yield normalised(quote(f"{before}{slug}{after}"))


def _plain_path(link: str) -> str:
    """Return the path of a link that has the name in it, or the root."""
    try:
        parts = urlsplit(link.strip())
    except ValueError:
        return "/"
    return "/" if parts.query else unquote(parts.path).lower()


@dataclass(frozen=True)
class _Lost:
    """A claim to an address that another post had when it was made."""

    path: str
    claim: Claim
    post: int


@dataclass
class Addresses:
    """Those of the posts of one file."""

    memory: Memory
    report: Report
    lines: dict[int, int] = field(default_factory=dict)  # of each post, by its key
    lost: list[_Lost] = field(default_factory=list)
    files: list[tuple[str, Claims]] = field(default_factory=list)  # with their posts' numbers
    made: int = 0

    def take(self, item: Item, post: Post, claims: Claims, *, is_news: bool) -> None:
        """Keep the addresses of a post; one that was removed here comes again only as news.

        Queries: 1, and 1 for each that changes.
        """
        self.lines[post.pk] = item.line
        claims = self._reachable(claims, post)
        rows = OldAddress.objects.filter(Q(path__in=claims) | Q(post=post))
        known = {row.path: row for row in rows}
        for path, claim in claims.items():
            row = known.pop(path, None)
            if row is None:
                self.made += is_news and _give(path, post.pk, claim)
            elif row.post_id == post.pk:
                _set_claim(row, claim)
            else:
                self.lost.append(_Lost(path, claim, post.pk))
        for row in known.values():
            _set_claim(row, Claim.FORMER)

    def take_file(self, item: Item) -> None:
        """Have the page of an attachment that is new lead to the post that it belongs to."""
        known = self.memory.recall("attachment", item.post_id)
        if known and known.run_id == self.memory.run.pk and item.parent not in {"", "0"}:
            self.files.append((item.parent, claims_of_file(item)))

    def settle(self) -> None:
        """Judge what more than one post claimed, once all have spoken, and count what stands."""
        self._settle_files()
        for lost in self.lost:
            self._judge(lost)
        self._count()
        self.lost, self.files, self.lines, self.made = [], [], {}, 0

    def _reachable(self, claims: Claims, post: Post) -> Claims:
        """Return the claims without those that a page of ours answers: none would be led on."""
        own = normalised(post.get_absolute_url())
        ours = {path for path in claims if path != own and answers_always(path)}
        for path in sorted(ours):
            self.report.skip(
                "addresses that pages of this site have", line=self.lines[post.pk], what=path
            )
        return {path: claim for path, claim in claims.items() if path not in {own, *ours}}

    def _settle_files(self) -> None:
        """Give to pages of files what is free, in their order. Queries: 2 for each PART."""
        wanted = self._wanted_by_files()
        paths = list(wanted)
        for start in range(0, len(paths), PART):
            part = paths[start : start + PART]
            taken = set(OldAddress.objects.filter(path__in=part).values_list("path", flat=True))
            rows = [
                OldAddress(path=path, post_id=wanted[path], claim=Claim.FORMER)
                for path in part
                if path not in taken
            ]
            OldAddress.objects.bulk_create(rows, ignore_conflicts=True)
            self.made += len(rows)

    def _wanted_by_files(self) -> dict[str, int]:
        """Return the keys of the posts that pages of files are to lead to, by path."""
        numbers = {number for number, _claims in self.files}
        known = ImportMap.objects.known(self.memory.run.source, "post", numbers)
        keys = {number: row.object_id for number, row in known.items()}
        standing = Post.objects.only("pk").in_bulk(set(keys.values()))
        wanted: dict[str, int] = {}
        for number, claims in self.files:
            if keys.get(number) in standing:
                for path in claims:
                    if not answers_always(path):
                        wanted.setdefault(path, keys[number])
        return wanted

    def _judge(self, lost: _Lost) -> None:
        row = OldAddress.objects.filter(path=lost.path).first()
        if row is None or row.post_id == lost.post:
            return
        loser = lost.post
        if lost.claim < row.claim:
            loser, row.post_id = row.post_id, lost.post
            _set_claim(row, lost.claim)
        # Who is in another file is told of there, each time that file is read.
        if loser in self.lines:
            line = self.lines[loser]
            self.report.skip("addresses that two posts had", line=line, what=lost.path)

    def _count(self) -> None:
        standing, posts = 0, list(self.lines)
        for start in range(0, len(posts), PART):
            standing += OldAddress.objects.filter(post__in=posts[start : start + PART]).count()
        for place in range(standing):
            self.report.took("redirects", CREATED if place < self.made else UNCHANGED)


def _give(path: str, post: int, claim: Claim) -> bool:
    OldAddress.objects.create(path=path, post_id=post, claim=claim)
    return True


def _set_claim(row: OldAddress, claim: Claim) -> None:
    """Save by what right a post has an address. What somebody gave to it here stays given."""
    if row.claim not in {Claim.GIVEN, claim}:
        row.claim = claim
        row.save(update_fields=["post", "claim"])
