"""Every pair of status and action, against a table written out by hand."""

import pytest

from comments.status import (
    MODERATOR_ACTIONS,
    TRANSITIONS,
    Action,
    IllegalTransition,
    Status,
    allowed,
    target,
)

# before: what each action leads to; an action that is missing is illegal.
EXPECTED = {
    None: {
        "submit": "pending approved spam",
        "import": "pending approved rejected spam deleted",
    },
    "pending": {
        "revise": "pending",
        "dismiss": "pending",
        "note": "pending",
        "move": "pending",
        "approve": "approved",
        "reject": "rejected",
        "mark_spam": "spam",
        "delete": "deleted",
        "edit": "pending spam",
        "undo": "pending approved rejected spam",
        "import": "pending approved rejected spam deleted",
    },
    "approved": {
        "revise": "approved",
        "dismiss": "approved",
        "note": "approved",
        "move": "approved",
        "hold": "pending",
        "reject": "rejected",
        "mark_spam": "spam",
        "delete": "deleted",
        "edit": "approved pending spam",
        "undo": "pending approved rejected spam",
        "import": "pending approved rejected spam deleted",
    },
    "rejected": {
        "revise": "rejected",
        "dismiss": "rejected",
        "note": "rejected",
        "move": "rejected",
        "approve": "approved",
        "hold": "pending",
        "mark_spam": "spam",
        "delete": "deleted",
        "undo": "pending approved rejected spam",
        "import": "pending approved rejected spam deleted",
    },
    "spam": {
        "revise": "spam",
        "dismiss": "spam",
        "note": "spam",
        "move": "spam",
        "approve": "approved",
        "hold": "pending",
        "reject": "rejected",
        "delete": "deleted",
        "edit": "spam",
        "undo": "pending approved rejected spam",
        "import": "pending approved rejected spam deleted",
    },
    "deleted": {
        "note": "deleted",
        "undo": "pending approved rejected spam",
        "import": "pending approved rejected spam deleted",
    },
}
PAIRS = [(before, action) for before in (None, *Status) for action in Action]


@pytest.mark.parametrize(("before", "action"), PAIRS)
def test_every_pair_leads_where_the_table_says(before, action):
    expected = set(EXPECTED[before and before.value].get(action.value, "").split())
    assert {status.value for status in allowed(before, action)} == expected


def test_the_table_names_no_other_pair():
    assert set(TRANSITIONS) <= set(PAIRS)


@pytest.mark.parametrize("action", MODERATOR_ACTIONS)
@pytest.mark.parametrize("before", Status)
def test_a_moderators_action_leads_to_one_status_or_is_illegal(before, action):
    goals = allowed(before, action)
    if goals:
        assert target(before, action) in goals
    else:
        with pytest.raises(IllegalTransition):
            target(before, action)


def test_an_edit_never_makes_a_comment_more_public():
    for before in Status:
        if before != Status.APPROVED:
            assert Status.APPROVED not in allowed(before, Action.EDIT)
