"""The queue page: tabs, filters, one page of cards, the bar for many. Every GET of the desk that
shows a queue; the acts are deciding.py's, taking_back.py's and writing.py's.
"""

from dataclasses import dataclass, replace
from typing import Any

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from comments.desk import deciding, presence, taking_back, writing
from comments.desk.acts import bulk_buttons
from comments.desk.answers import (
    MAY_MODERATE,
    TYPED_NOTHING,
    admin_frame,
    quoted,
    tidy_address,
)
from comments.desk.cards import read_cards
from comments.desk.filter_panel import filter_panel
from comments.desk.filters import FilterForm, Filters, prepare
from comments.desk.offered import Offered
from comments.desk.queues import Order, Queue, count_matching, counts, orders_of, read_page
from comments.models import Comment
from comments.moderation import MOST_AT_ONCE, newest_entry, newest_report
from comments.status import Status

PAGE_SIZE = 20
# "g" and then this key leads to the queue.
KEYS = {
    Queue.PENDING: "p",
    Queue.REPORTED: "r",
    Queue.SPAM: "s",
    Queue.APPROVED: "a",
    Queue.REJECTED: "x",
    Queue.ALL: "l",
}
STATUSES = {
    Queue.PENDING: [Status.PENDING],
    Queue.SPAM: [Status.SPAM],
    Queue.APPROVED: [Status.APPROVED],
    Queue.REJECTED: [Status.REJECTED],
}


@dataclass(frozen=True)
class Chip:
    """A filter that is in force. Shape: `address` is the queue without it."""

    label: str
    value: str
    address: str


@dataclass(frozen=True)
class Where:
    """Which cards a page shows, and the addresses that follow from it."""

    queue: Queue
    order: Order
    filters: Filters

    def address(self, **others: Any) -> str:
        """Return this queue's address, with the filters, the order and what is given."""
        query = QueryDict(self.filters.as_query(), mutable=True)
        if self.order != orders_of(self.queue)[0]:
            query["order"] = self.order.value
        for name, value in others.items():
            query[name] = value
        return _joined(reverse("admin:desk_queue", args=[self.queue.value]), query)

    def without(self, name: str) -> str:
        query = QueryDict(self.filters.as_query(), mutable=True)
        query.pop(name, None)
        return _joined(reverse("admin:desk_queue", args=[self.queue.value]), query)

    def elsewhere(self, queue: Queue) -> str:
        """Return another queue's address with the same filters."""
        query = QueryDict(self.filters.as_query())
        return _joined(reverse("admin:desk_queue", args=[queue.value]), query)


def _joined(address: str, query: QueryDict) -> str:
    return f"{address}?{query.urlencode()}" if query else address


@require_safe
@permission_required(MAY_MODERATE, raise_exception=True)
def queue_page(request: HttpRequest, queue: str = Queue.PENDING.value) -> HttpResponse:
    """Show one page of a queue as its address says. Queries: the same at 1 card and at 25."""
    if queue not in Queue.values:
        raise Http404
    if (address := tidy_address(request)) is not None:
        return redirect(address)
    filters, errors = Filters.parse(request.GET)
    where = Where(Queue(queue), chosen_order(request, Queue(queue)), filters)
    if errors:
        return unread(request, where)
    search_note = prepare(filters)
    after, before = request.GET.get("after", ""), request.GET.get("before", "")
    page = read_page(where.queue, where.order, filters, after=after, before=before, size=PAGE_SIZE)
    context = {
        **admin_frame(request),
        **frame(request, where),
        "title": _("Desk"),
        "cards": read_cards(page.comments),
        "after_address": where.address(after=page.after) if page.after else "",
        "before_address": where.address(before=page.before) if page.before else "",
        **filter_panel(None if filters.is_empty else request.GET),
        "search_note": search_note,
        "chips": chips(where, page.comments),
        "is_first": not (after or before),
    }
    return render(request, "admin/comments/desk/queue.html", context)


def unread(request: HttpRequest, where: Where) -> HttpResponse:
    """Answer with the filters as they were typed, what is wrong with them, and no card at all."""
    context = {
        **admin_frame(request),
        **frame(request, replace(where, filters=Filters())),
        "title": _("Desk"),
        **filter_panel(request.GET),
        "mended": where.address(),
    }
    return render(request, "admin/comments/desk/queue.html", context)


def chosen_order(request: HttpRequest, queue: Queue) -> Order:
    """Return the order asked for, or the queue's own where that is not offered."""
    offered, asked = orders_of(queue), request.GET.get("order")
    return next((order for order in offered if order.value == asked), offered[0])


def frame(request: HttpRequest, where: Where) -> dict[str, Any]:
    """Return what stands around the cards."""
    known = counts()
    tabs = [
        {
            "queue": queue,
            "address": where.elsewhere(queue),
            "count": known.get(queue, ""),
            "key": f"g {KEYS[queue]}",
            "is_here": queue == where.queue,
        }
        for queue in Queue
    ]
    orders = [
        {
            "label": order_label(where.queue, order),
            "address": Where(where.queue, order, where.filters).address(),
            "is_here": order == where.order,
        }
        for order in orders_of(where.queue)
    ]
    return {
        "where": where,
        "queue": where.queue,
        "tabs": tabs,
        "orders": orders,
        "filters": where.filters,
        "filter_query": where.filters.as_query(),
        "here": where.address(),
        "next": request.get_full_path(),
        "next_quoted": quoted(request.get_full_path()),
        "reasons": Offered(),
        "typed": TYPED_NOTHING,
        "bulk_buttons": bulk_buttons(
            STATUSES.get(where.queue, list(Status)), are_reported=where.queue == Queue.REPORTED
        ),
        "as_of": newest_entry(),
        "reports_as_of": newest_report(),
        "last_undo": taking_back.last_undo(request.user),
        **all_of(where, known.get(where.queue, "")),
    }


def order_label(queue: Queue, order: Order) -> str:
    """Return what an order is called; the worst of what was reported is what was reported most."""
    if (queue, order) == (Queue.REPORTED, Order.RISKIEST):
        return _("Most reported first")
    return str(order.label)


def all_of(where: Where, in_queue: str) -> dict[str, Any]:
    """Return how many match in all, and whether one act may change so many.

    Queries: those of count_matching(), or none where nothing is filtered.
    """
    count = in_queue if where.filters.is_empty else count_matching(where.queue, where.filters)
    return {
        "all_count": count,
        "are_too_many": count.endswith("+"),
        "most_at_once": f"{MOST_AT_ONCE:,}",
    }


def chips(where: Where, comments: list[Comment]) -> list[Chip]:
    query = QueryDict(where.filters.as_query())
    fields = FilterForm.base_fields
    return [
        Chip(
            str(fields[name].label or name.replace("_", " ").capitalize())
            if name in fields
            else name,
            _shown(name, value, comments),
            where.without(name),
        )
        for name, value in query.items()
    ]


def _shown(name: str, value: Any, comments: list[Comment]) -> str:
    """Return words for a filter's value, where a card of the page has them."""
    if comments and name == "thread":
        return comments[0].thread.title
    if comments and name == "author":
        return str(comments[0].author)
    choices = dict(getattr(FilterForm.base_fields.get(name), "choices", None) or [])
    return str(choices.get(value, value))


urlpatterns = [
    path("", queue_page, name="desk"),
    path("bulk/", deciding.decide_on_many, name="desk_bulk"),
    path("<int:comment_id>/decide/", deciding.decide, name="desk_decide"),
    path("<int:comment_id>/edit/", writing.edit, name="desk_edit"),
    path("<int:comment_id>/reply/", writing.reply, name="desk_reply"),
    path("<int:comment_id>/thread/", writing.run_thread, name="desk_thread"),
    path("<int:comment_id>/here/", presence.here, name="desk_presence"),
    path("undo/<int:entry_id>/", taking_back.undo, name="desk_undo"),
    path("undo/<uuid:batch>/", taking_back.undo_batch, name="desk_undo_batch"),
    path("<slug:queue>/", queue_page, name="desk_queue"),
]
