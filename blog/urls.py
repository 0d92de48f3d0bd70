from django.urls import path

from blog import feeds, views
from blog.models import PostKind
from blog.room import (
    autosave,
    checking,
    conflict,
    converting,
    covers,
    editor,
    files,
    history,
    labels,
    library,
    listing,
    logbook,
    many,
    moves,
    outsiders,
    pages,
    previewing,
    quick,
    review,
    series,
    shares,
    signed_in,
    uploading,
)

app_name = "blog"

urlpatterns = [
    path("", views.home, name="home"),
    path("posts/<slug:slug>/", views.post, name="post"),
    path("posts/<slug:slug>/unlock/", views.unlock, {"kind": PostKind.POST}, name="unlock_post"),
    path("pages/", views.pages, name="pages"),
    path("pages/<slug:slug>/", views.page, name="page"),
    path("pages/<slug:slug>/unlock/", views.unlock, {"kind": PostKind.PAGE}, name="unlock_page"),
    path("categories/<slug:slug>/", views.category, name="category"),
    path("tags/<slug:slug>/", views.tag, name="tag"),
    path("series/<slug:slug>/", views.series, name="series"),
    path("authors/<slug:slug>/", views.author, name="author"),
    path("feed/atom/", feeds.AtomFeed(), name="atom"),
    path("feed/rss/", feeds.RssFeed(), name="rss"),
    path("privacy/", views.privacy, name="privacy"),
    path("write/new/", editor.write, name="write"),
    path("write/<int:pk>/", editor.write, name="edit"),
    # how a text will look, while it is written
    path("write/new/look/", previewing.live_preview, name="live_preview"),
    path("write/<int:pk>/look/", previewing.live_preview, name="live_preview"),
    path("write/<int:pk>/preview/", pages.preview, name="preview"),
    # from one state into another, and what was done
    path("write/<int:pk>/move/", moves.move, name="move"),
    path("write/<int:pk>/log/", logbook.post_log, name="post_log"),
    path("write/<int:pk>/publish/", moves.publish, name="publish"),
    path("write/<int:pk>/unpublish/", moves.unpublish, name="unpublish"),
    # Review, and drafts shown to outsiders.
    path("write/<int:pk>/review/", review.review, name="review"),
    path("write/<int:pk>/share/", shares.share, name="share"),
    path("drafts/<str:token>/", outsiders.shared, name="shared"),
    # pictures
    path("write/pictures/", library.show_library, name="library"),
    path("write/pictures/pick/", library.pick, name="pick_picture"),
    path("write/<int:pk>/cover/", covers.choose_cover, name="choose_cover"),
    path("write/pictures/<int:pk>/", library.show_picture, name="picture"),
    path("write/pictures/<int:pk>/remove/", library.remove_picture, name="remove_picture"),
    path("write/pictures/upload/", uploading.upload_picture, name="upload_picture"),
    path("write/pictures/<int:pk>/describe/", uploading.describe_picture, name="describe_picture"),
    # What was written before, and the way back
    path("write/<int:pk>/history/", history.history, name="history"),
    path("write/<int:pk>/history/compare/", history.compare, name="compare"),
    path("write/<int:pk>/history/<int:number>/", history.revision, name="revision"),
    path(
        "write/<int:pk>/history/<int:number>/preview/",
        history.revision_preview,
        name="revision_preview",
    ),
    path("write/<int:pk>/history/<int:number>/restore/", history.restore, name="restore"),
    # never lost
    path("write/new/autosave/", autosave.autosave_new, name="autosave_new"),
    path("write/<int:pk>/autosave/", autosave.autosave, name="autosave"),
    path("write/<int:pk>/here/", autosave.here, name="here"),
    path("write/<int:pk>/merge/", conflict.merge_view, name="merge"),
    # Tags, categories and series
    path("write/labels/", labels.labels, name="labels"),
    path("write/labels/merge/", labels.merge_labels, name="merge_labels"),
    path("write/labels/<slug:kind>/<int:pk>/", labels.edit_label, name="edit_label"),
    path("write/series/", series.series_list, name="series_list"),
    path("write/series/<int:pk>/", series.edit_series, name="edit_series"),
    path("write/signed-in/", signed_in.signed_in, name="signed_in"),
    path("write/<int:pk>/convert/", converting.convert, name="convert"),
    path("write/<int:pk>/post.md", files.post_file, name="post_file"),
    path("write/<int:pk>/import/", files.import_into, name="import_into"),
    path("write/import/", files.import_file, name="import_file"),
    # the list of posts, and what is done from it
    path("write/", listing.my_posts, name="my_posts"),
    path("write/many/", many.act_on_many, name="many"),
    path("write/many/undo/", many.undo, name="undo_many"),
    path("write/<int:pk>/quick/", quick.quick, name="quick"),
    path("write/<int:pk>/checklist/", checking.checklist, name="checklist"),
]
