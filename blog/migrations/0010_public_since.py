"""Since when what is here was public, under which feed id; and a log that refuses to be changed."""

from django.db import migrations
from django.db.models import F, Q
from django.utils import timezone

LOG_IS_APPEND_ONLY = """
CREATE FUNCTION blog_log_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'The publishing log is append-only.' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER blog_log_is_append_only
    BEFORE UPDATE OR DELETE ON blog_publishinglogentry
    FOR EACH ROW EXECUTE FUNCTION blog_log_is_append_only();
"""
LOG_IS_A_TABLE = """
DROP TRIGGER blog_log_is_append_only ON blog_publishinglogentry;
DROP FUNCTION blog_log_is_append_only();
"""
PART = 1000


def run_on_postgresql(sql):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql, params=None)

    return run


def remember_since_when(apps, schema_editor):
    """A private post has a date too, but nobody was ever shown it."""
    Post = apps.get_model("blog", "Post")
    posts = Post.objects.using(schema_editor.connection.alias)
    came = Q(status="published") | Q(published_at__lte=timezone.now())
    dated = posts.filter(came, published_at__isnull=False).exclude(status="private")
    dated.update(first_public_at=F("published_at"))
    trashed = posts.filter(status="trash")
    trashed.update(trashed_at=timezone.now())
    _name_for_feeds(posts.filter(first_public_at__isnull=False))


def _name_for_feeds(posts):
    """Feeds named posts by their address until now; it is what their readers' programs know."""
    last = 0
    while part := list(posts.filter(pk__gt=last).order_by("pk").only("kind", "slug")[:PART]):
        for post in part:
            post.feed_id = f"/{post.kind}s/{post.slug}/"
        posts.bulk_update(part, ["feed_id"])
        last = part[-1].pk


class Migration(migrations.Migration):
    dependencies = [("blog", "0009_writing_room_roles")]

    operations = [
        migrations.RunPython(remember_since_when, migrations.RunPython.noop),
        migrations.RunPython(
            run_on_postgresql(LOG_IS_APPEND_ONLY), run_on_postgresql(LOG_IS_A_TABLE)
        ),
    ]
