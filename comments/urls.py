from django.urls import path, register_converter

from comments import (
    data_views,
    first_moderator_views,
    history,
    managing,
    own,
    reading_views,
    report_views,
    views,
)
from comments.handles import HandleConverter
from comments.spam.akismet.callback import akismet_callback

app_name = "comments"

register_converter(HandleConverter, "handle")

urlpatterns = [
    path("data/", data_views.data, name="data"),
    path("data/own/", data_views.own_data, name="own_data"),
    path("<handle:thread_id>/", views.post_comment, name="post"),
    path("<handle:thread_id>/new/", reading_views.new_comments, name="new"),
    path("<handle:thread_id>/rows/", reading_views.rows, name="rows"),
    path("<handle:thread_id>/seen/", reading_views.seen, name="seen"),
    path("<handle:thread_id>/sort/", reading_views.choose_sort, name="sort"),
    path("<handle:thread_id>/<int:number>/helpful/", reading_views.mark_helpful, name="helpful"),
    path("<handle:thread_id>/<int:number>/mute/", reading_views.mute, name="mute"),
    path("<handle:thread_id>/<int:number>/unmute/", reading_views.unmute, name="unmute"),
    path("akismet/<str:secret>/", akismet_callback, name="akismet_callback"),
    path("mine/<str:token>/", own.claim, name="claim"),
    path("<handle:thread_id>/reply/", views.reply, name="reply"),
    path("<handle:thread_id>/preview/", views.preview, name="preview"),
    path("<handle:thread_id>/<int:number>/", views.permalink, name="permalink"),
    path("<handle:thread_id>/<int:number>/reply/", views.reply, name="reply_to"),
    path("<handle:thread_id>/<int:number>/edit/", own.edit_comment, name="edit"),
    path("<handle:thread_id>/<int:number>/delete/", own.delete_comment, name="delete"),
    path("<handle:thread_id>/<int:number>/undelete/", own.undelete_comment, name="undelete"),
    path("<handle:thread_id>/<int:number>/history/", history.history, name="history"),
    path("<handle:thread_id>/<int:number>/report/", report_views.report_comment, name="report"),
    path("<handle:thread_id>/<int:number>/report/thanks/", report_views.reported, name="reported"),
    path(
        "<handle:thread_id>/<int:number>/moderate/",
        first_moderator_views.moderate_comment,
        name="moderate",
    ),
    path("<handle:thread_id>/moderation/", first_moderator_views.moderation, name="moderation"),
    path("<handle:thread_id>/manage/", managing.manage, name="manage"),
    path("<handle:thread_id>/<int:number>/pin/", managing.pin, name="pin"),
    path("<handle:thread_id>/<int:number>/unpin/", managing.unpin, name="unpin"),
]
