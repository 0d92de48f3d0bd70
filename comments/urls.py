from django.urls import path

from comments import views

app_name = "comments"

urlpatterns = [
    path("<int:thread_id>/", views.post_comment, name="post"),
    path("<int:thread_id>/reply/", views.reply, name="reply"),
    path("<int:thread_id>/<int:number>/", views.permalink, name="permalink"),
    path("<int:thread_id>/<int:number>/reply/", views.reply, name="reply_to"),
    path("<int:thread_id>/<int:number>/edit/", views.edit_comment, name="edit"),
    path("<int:thread_id>/<int:number>/delete/", views.delete_comment, name="delete"),
]
