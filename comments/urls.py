from django.urls import path

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
from comments.spam.akismet.callback import akismet_callback

app_name = "comments"

urlpatterns = [
    path("data/", data_views.data, name="data"),
    path("data/own/", data_views.own_data, name="own_data"),
    path("<int:thread_id>/", views.post_comment, name="post"),
    path("<int:thread_id>/new/", reading_views.new_comments, name="new"),
    path("<int:thread_id>/rows/", reading_views.rows, name="rows"),
    path("<int:thread_id>/seen/", reading_views.seen, name="seen"),
    path("<int:thread_id>/sort/", reading_views.choose_sort, name="sort"),
    path("<int:thread_id>/<int:number>/helpful/", reading_views.mark_helpful, name="helpful"),
    path("<int:thread_id>/<int:number>/mute/", reading_views.mute, name="mute"),
    path("<int:thread_id>/<int:number>/unmute/", reading_views.unmute, name="unmute"),
    path("akismet/<str:secret>/", akismet_callback, name="akismet_callback"),
    path("mine/<str:token>/", own.claim, name="claim"),
    path("<int:thread_id>/reply/", views.reply, name="reply"),
    path("<int:thread_id>/preview/", views.preview, name="preview"),
    path("<int:thread_id>/<int:number>/", views.permalink, name="permalink"),
    path("<int:thread_id>/<int:number>/reply/", views.reply, name="reply_to"),
    path("<int:thread_id>/<int:number>/edit/", own.edit_comment, name="edit"),
    path("<int:thread_id>/<int:number>/delete/", own.delete_comment, name="delete"),
    path("<int:thread_id>/<int:number>/undelete/", own.undelete_comment, name="undelete"),
    path("<int:thread_id>/<int:number>/history/", history.history, name="history"),
    path("<int:thread_id>/<int:number>/report/", report_views.report_comment, name="report"),
    path("<int:thread_id>/<int:number>/report/thanks/", report_views.reported, name="reported"),
    path(
        "<int:thread_id>/<int:number>/moderate/",
        first_moderator_views.moderate_comment,
        name="moderate",
    ),
    path("<int:thread_id>/moderation/", first_moderator_views.moderation, name="moderation"),
    path("<int:thread_id>/manage/", managing.manage, name="manage"),
    path("<int:thread_id>/<int:number>/pin/", managing.pin, name="pin"),
    path("<int:thread_id>/<int:number>/unpin/", managing.unpin, name="unpin"),
]
