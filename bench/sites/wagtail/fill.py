"""python fill.py STORIES: publish every story, and print where they are."""

import json
import sys
from datetime import datetime
from pathlib import Path

import django

django.setup()

from django.db import transaction  # noqa: E402
from newspaper.models import Article, Front, Section  # noqa: E402
from wagtail.models import Page, Site  # noqa: E402

with transaction.atomic():
    front = Page.get_first_root_node().add_child(instance=Front(title="Bench", slug="bench"))
    Site.objects.update_or_create(is_default_site=True, defaults={"hostname": "localhost", "root_page": front})
    sections, paths = {}, []
    for line in Path(sys.argv[1]).read_text().splitlines():
        story = json.loads(line)
        name = story["sections"][0]
        if name not in sections:
            sections[name] = front.add_child(instance=Section(title=name, show_in_menus=True))
        points = "".join(f"<li>{point}</li>" for point in story["key_points"])
        article = Article(
            title=story["headline"],
            standfirst=story["standfirst"],
            byline=", ".join(each["person"] for each in story["bylines"]),
            body=f"<ul>{points}</ul>{story['body_html']}",
            first_published_at=datetime.fromisoformat(story["at"] + "+00:00"),
        )
        article.tags.add(*story["tags"])
        sections[name].add_child(instance=article)
        paths.append(article.get_url())
print(json.dumps(paths))
