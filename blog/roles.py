"""Who may do what: the three roles as data. A role is a group; code asks for permissions only.

A migration makes the groups. A change here needs a migration of its own; a test holds them equal.
"""

READER = "Reader"
AUTHOR = "Author"
EDITOR = "Editor"

READER_MAY = frozenset({"comments.add_comment"})

AUTHOR_MAY = READER_MAY | {
    "blog.add_post",
    "blog.change_post",
    "blog.publish_post",
    "blog.add_picture",
}

EDITOR_MAY = AUTHOR_MAY | {
    "blog.edit_others_posts",
    "blog.view_tag",
    "blog.add_tag",
    "blog.change_tag",
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

ROLES = {READER: READER_MAY, AUTHOR: AUTHOR_MAY, EDITOR: EDITOR_MAY}
