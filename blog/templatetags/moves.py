"""What may be done with a post besides writing in it, for the page that it is written on."""

from typing import Any

from django import template

from blog.models import Post
from blog.room.moves import moves_of

register = template.Library()


@register.inclusion_tag("blog/room/_moves.html", takes_context=True)
def post_moves(context: template.RequestContext, post: Post) -> dict[str, Any]:
    """Show the buttons, the password and what was done last; nothing of what is not stored yet."""
    return moves_of(context["request"].user, post) if post.pk else {}
