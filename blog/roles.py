"""Who may do what: the roles as data. A role is a group; code asks for permissions only.

A migration makes the groups. A change here needs a migration of its own; a test holds them equal.
"""

READER = "Reader"
CONTRIBUTOR = "Contributor"
AUTHOR = "Author"
EDITOR = "Editor"
ADMINISTRATOR = "Administrator"

READER_MAY = frozenset({"comments.add_comment"})

# Writes, and an editor publishes.
CONTRIBUTOR_MAY = READER_MAY | {"blog.add_post", "blog.change_post"}

AUTHOR_MAY = CONTRIBUTOR_MAY | {
    "blog.publish_post",
    "blog.add_picture",
}

EDITOR_MAY = AUTHOR_MAY | {
    "blog.edit_others_posts",
    "blog.view_tag",
    "blog.add_tag",
    "blog.change_tag",
    "blog.delete_tag",
    "blog.view_series",
    "blog.add_series",
    "blog.change_series",
    "blog.delete_series",
    "blog.view_picture",
    "blog.change_picture",
    "blog.delete_picture",
    "comments.moderate_comment",
    "comments.view_comment",
    "comments.view_moderationlogentry",
    "comments.view_listentry",
    "comments.add_listentry",
    "comments.change_listentry",
    "comments.delete_listentry",
    "comments.view_discussionrules",
    "comments.change_discussionrules",
    "comments.view_reason",
    "comments.add_reason",
    "comments.change_reason",
    "comments.view_sanction",
    "comments.view_report",
}

ADMINISTRATOR_MAY = EDITOR_MAY | {
    "accounts.view_user",
    "accounts.add_user",
    "accounts.change_user",
    "accounts.delete_user",
}

ROLES = {
    READER: READER_MAY,
    CONTRIBUTOR: CONTRIBUTOR_MAY,
    AUTHOR: AUTHOR_MAY,
    EDITOR: EDITOR_MAY,
    ADMINISTRATOR: ADMINISTRATOR_MAY,
}
