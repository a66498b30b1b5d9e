"""Where pages say what: names of `meta`, JSON-LD keys, attributes, classes, and what each is worth. Plain data.

The place of the greatest worth wins, the first of equals; of authors all of the greatest worth are taken. The order within a
field was chosen by agreement with the titles, authors and dates that WCXB's annotators noted (docs/extraction.md has figures).
Names: Open Graph (https://ogp.me), Dublin Core, schema.org, Highwire Press (citation_*, as Google Scholar asks), Parsely,
Sailthru.
"""

from __future__ import annotations

COLUMNS = ("title", "author", "published", "html_language", "canonical_url", "license_link")
"""Columns of strings: published is YYYY-MM-DD, html_language a language tag (BCP 47), the last two are addresses."""
TITLE, AUTHOR, PUBLISHED, LANGUAGE, CANONICAL, LICENSE, HEADING, BODY = range(8)
"""Fields of the kernels, columns first. HEADING is the first `<h1>`, which stands for the title where both agree. BODY is
JSON-LD's articleBody, on which the engine forge falls back.
"""
FIELDS = 8
MANY = 8
"""Authors that are looked at."""
SEVERAL = 50
"""Worth from which on authors are taken together: below stand those of comments too, and the first is the page's."""

META: dict[str, tuple[int, int]] = {
    "og:title": (TITLE, 50),
    "twitter:title": (TITLE, 44),
    "citation_title": (TITLE, 60),
    "parsely-title": (TITLE, 56),
    "sailthru.title": (TITLE, 54),
    "dc.title": (TITLE, 40),
    "dcterms.title": (TITLE, 40),
    "title": (TITLE, 42),
    "headline": (TITLE, 46),
    "author": (AUTHOR, 60),
    "citation_author": (AUTHOR, 70),
    "parsely-author": (AUTHOR, 66),
    "sailthru.author": (AUTHOR, 64),
    "article:author": (AUTHOR, 50),
    "article:author_name": (AUTHOR, 55),
    "article.author": (AUTHOR, 50),
    "og:article:author": (AUTHOR, 50),
    "dc.creator": (AUTHOR, 58),
    "dcterms.creator": (AUTHOR, 58),
    "dc.contributor": (AUTHOR, 40),
    "byl": (AUTHOR, 57),
    "creator": (AUTHOR, 45),
    "article:published_time": (PUBLISHED, 70),
    "og:article:published_time": (PUBLISHED, 70),
    "og:published_time": (PUBLISHED, 68),
    "citation_publication_date": (PUBLISHED, 66),
    "citation_online_date": (PUBLISHED, 64),
    "citation_date": (PUBLISHED, 63),
    "datepublished": (PUBLISHED, 62),
    "parsely-pub-date": (PUBLISHED, 62),
    "sailthru.date": (PUBLISHED, 61),
    "pubdate": (PUBLISHED, 60),
    "publishdate": (PUBLISHED, 60),
    "publish-date": (PUBLISHED, 60),
    "publish_date": (PUBLISHED, 60),
    "publication_date": (PUBLISHED, 60),
    "published_date": (PUBLISHED, 60),
    "article:published": (PUBLISHED, 60),
    "article.published": (PUBLISHED, 60),
    "originalpublicationdate": (PUBLISHED, 60),
    "cxenseparse:recs:publishtime": (PUBLISHED, 58),
    "dc.date.issued": (PUBLISHED, 58),
    "dcterms.issued": (PUBLISHED, 58),
    "dc.date.created": (PUBLISHED, 56),
    "dcterms.created": (PUBLISHED, 56),
    "dcterms.date": (PUBLISHED, 54),
    "dc.date": (PUBLISHED, 54),
    "date": (PUBLISHED, 52),
    "datecreated": (PUBLISHED, 48),
    "content-language": (LANGUAGE, 30),
    "og:locale": (LANGUAGE, 20),
    "dc.language": (LANGUAGE, 25),
    "language": (LANGUAGE, 22),
    "inlanguage": (LANGUAGE, 22),
    "og:url": (CANONICAL, 40),
}
"""`name`, `property`, `itemprop` or `http-equiv` of a `meta`, in lower case."""

LINKED: dict[str, tuple[int, int]] = {
    "headline": (TITLE, 52),
    "author": (AUTHOR, 62),
    "datePublished": (PUBLISHED, 72),
    "dateCreated": (PUBLISHED, 46),
    "inLanguage": (LANGUAGE, 26),
    "license": (LICENSE, 30),
    "articleBody": (BODY, 50),
}
"""JSON-LD (https://schema.org): of the thing that the page is about, not of what that thing mentions."""
THROUGH = ("@graph", "mainEntity", "mainEntityOfPage")
"""JSON-LD keys below which the page still speaks of itself."""

ITEMPROPS: dict[str, tuple[int, int]] = {
    "headline": (TITLE, 48),
    "author": (AUTHOR, 48),
    "name": (AUTHOR, 0),
    "datepublished": (PUBLISHED, 50),
}
"""`itemprop` of an element with text: its text, or its `content`, or its `datetime`."""
RELS: dict[str, tuple[int, int]] = {"canonical": (CANONICAL, 60), "license": (LICENSE, 50), "author": (AUTHOR, 44)}
"""`rel` of `link` and `a`: the address, of an author the text."""
CLASSES: dict[str, tuple[int, int]] = {
    "author-name": (AUTHOR, 38),
    "authorname": (AUTHOR, 38),
    "author_name": (AUTHOR, 38),
    "wp-block-post-author__name": (AUTHOR, 38),
    "wp-block-post-author-name": (AUTHOR, 38),
    "elementor-author-box__name": (AUTHOR, 37),
    "author__name": (AUTHOR, 38),
    "article-author": (AUTHOR, 37),
    "article__author": (AUTHOR, 37),
    "post-author": (AUTHOR, 36),
    "post__author": (AUTHOR, 36),
    "post_author": (AUTHOR, 36),
    "entry-author": (AUTHOR, 36),
    "byline-author": (AUTHOR, 36),
    "byline-name": (AUTHOR, 36),
    "byline__name": (AUTHOR, 36),
    "byline__author": (AUTHOR, 36),
    "author": (AUTHOR, 34),
    "byline": (AUTHOR, 32),
    "entry-date": (PUBLISHED, 26),
    "post-date": (PUBLISHED, 26),
    "posted-on": (PUBLISHED, 25),
    "publish-date": (PUBLISHED, 26),
    "published-date": (PUBLISHED, 26),
    "date-published": (PUBLISHED, 26),
    "article-date": (PUBLISHED, 25),
    "published": (PUBLISHED, 24),
    "wp-block-post-date": (PUBLISHED, 26),
    "date": (PUBLISHED, 20),
}
"""A whole class word of an element with text."""
TITLE_TAG, TIME_TAG, HTML_LANG, XML_LANG = 30, 30, 60, 50
"""Worth of `<title>`, the first `<time datetime>`, `html lang`, `html xml:lang`."""
