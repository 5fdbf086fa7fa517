"""A front page, sections below it, and articles in them."""

from django.conf import settings
from django.db import models
from django.dispatch import receiver
from modelcluster.contrib.taggit import ClusterTaggableManager
from modelcluster.fields import ParentalKey
from taggit.models import TaggedItemBase
from wagtail.fields import RichTextField
from wagtail.models import Page
from wagtail.search import index
from wagtail.signals import page_published
from wagtailcache.cache import clear_cache


def newest() -> models.QuerySet:
    return Article.objects.live().order_by("-first_published_at")


class Listing(Page):
    template = "newspaper/front.html"

    def get_context(self, request, *args, **kwargs):
        below = newest().descendant_of(self)
        return {**super().get_context(request, *args, **kwargs), "articles": below[:20]}

    class Meta:
        abstract = True


class Front(Listing):
    pass


class Section(Listing):
    pass


class ArticleTag(TaggedItemBase):
    content_object = ParentalKey("Article", related_name="tagged_items", on_delete=models.CASCADE)


class Article(Page):
    template = "newspaper/article.html"

    standfirst = models.TextField(blank=True)
    byline = models.CharField(max_length=200, blank=True)
    body = RichTextField()
    tags = ClusterTaggableManager(through=ArticleTag, blank=True)
    search_fields = [*Page.search_fields, index.SearchField("standfirst"), index.SearchField("body")]

    def get_context(self, request, *args, **kwargs):
        return {**super().get_context(request, *args, **kwargs), "articles": newest()[:5]}


@receiver(page_published)
def forget_pages(**_signal) -> None:
    if settings.WAGTAIL_CACHE:
        clear_cache()
