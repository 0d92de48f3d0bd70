"""Files of other systems, written down: each function returns the text of one."""

import json


def lines(*facts):
    whole = {"thread": "/a/", "name": "Ann", "text": "Words.", "created": "2011-05-01T12:00:00Z"}
    told = [{**whole, "id": str(number), **each} for number, each in enumerate(facts, start=1)]
    return "\n".join(map(json.dumps, told)) + "\n"


def disqus(*posts, threads=('<thread dsq:id="2"><link>http://x.example/a/</link></thread>',)):
    return f"""<?xml version="1.0" encoding="utf-8"?>
<disqus xmlns="http://disqus.com" xmlns:dsq="http://disqus.com/disqus-internals">
{"".join(threads)}
{"".join(posts)}
</disqus>"""


def post(number, more="", message="Words."):
    return f"""<post dsq:id="{number}"><message><![CDATA[{message}]]></message>
<createdAt>2013-10-10T19:20:29Z</createdAt><author><name>Ann</name></author>
<thread dsq:id="2"/>{more}</post>
"""


def remark(*comments, version=1):
    told = [{"version": version, "users": [], "posts": []}]
    for number, each in enumerate(comments, start=1):
        whole = {
            "id": f"id-{number}", "pid": "", "text": "<p>Shown.</p>\n", "orig": "Typed *so*.",
            "user": {"name": "Ann &amp; Co", "id": "github_1", "ip": "ae12fe3b5f129b5cc4cdd2b1"},
            "locator": {"site": "blog", "url": "https://blog.example/a/"}, "score": 3,
            "time": "2018-12-20T12:00:00.123456789-06:00", "title": "A page",
        }  # fmt: skip
        told.append({**whole, **each})
    return "\n".join(map(json.dumps, told)) + "\n"
