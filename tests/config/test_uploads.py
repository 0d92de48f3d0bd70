"""What one request may put on the disk, and what becomes of the words sent along."""

import os

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import RequestFactory
from django.urls import reverse

from blog.models import Picture
from config.uploads import MOST_KEPT
from tests.blog.pictures import picture_bytes

CHUNK = 64 * 1024


def request_with(*sizes):
    files = {f"file{n}": SimpleUploadedFile("a", bytes(size)) for n, size in enumerate(sizes)}
    return RequestFactory().post("/", {"words": "Kept.", **files})


def on_disk(file):
    return os.path.getsize(file.temporary_file_path())


@pytest.mark.parametrize("sizes", [(60_000_000,), (20_000_000, 20_000_000, 20_000_000)])
def test_no_request_fills_the_disk_and_every_file_tells_its_size(sizes):
    request = request_with(*sizes)
    files = request.FILES.values()
    assert [file.size for file in files] == list(sizes)
    assert sum(map(on_disk, files)) <= MOST_KEPT + CHUNK
    assert request.POST["words"] == "Kept."


def test_what_a_form_takes_comes_whole():
    request = request_with(10 * 1024 * 1024, 10 * 1024 * 1024)
    assert [len(file.read()) for file in request.FILES.values()] == [10 * 1024 * 1024] * 2


@pytest.mark.django_db
def test_a_picture_of_fifty_megabytes_costs_no_word(client, alice):
    client.force_login(alice)
    huge = SimpleUploadedFile("a.jpg", picture_bytes() + bytes(50_000_000))
    data = {"title": "T", "body": "Words.", "picture": huge, "picture_alt": "A", "action": "save"}
    response = client.post(reverse("blog:write"), data)
    assert response.status_code == 422
    assert "larger than 10 MB" in response.text
    assert "Words." in response.text
    assert not Picture.objects.exists()
