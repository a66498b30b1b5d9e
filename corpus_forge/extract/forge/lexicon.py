"""What words in `class` and `id` say about an element: groups of words that template authors use everywhere, one bit each.

A prior beside the learned weights of class words (model.py): it costs nothing to look up, and holds where the gold pages had no
such template. English, as class names are in any language's pages.
"""

from __future__ import annotations

LEXICON: dict[str, str] = {
    "navigation": "nav navbar navigation menu submenu megamenu topbar toolbar menubar navlink navlinks dropdown",
    "header": "header masthead topheader head hdr",
    "footer": "footer foot bottom copyright legal colophon",
    "sidebar": "sidebar side aside rail widget widgets secondary tertiary sidenav leftnav",
    "comment": "comment comments disqus reply replies respond commentlist commenter",
    "cookie": "cookie cookies consent gdpr onetrust cmp ccpa cookiebot",
    "share": "share sharing social twitter facebook linkedin addthis whatsapp sharedaddy",
    "related": "related recommended recommendations recirc more suggested similar upsell trending popular latest also recommend"
    " readmore jp relatedposts",
    "breadcrumb": "breadcrumb breadcrumbs crumb crumbs",
    "advertisement": "ad ads advert advertisement sponsor sponsored dfp adsense promo outbrain taboola promotion adslot",
    "post": "post entry posts hentry",
    "content": "content body text story richtext rte prose copy wysiwyg contents txt",
    "article": "article articles blog single blogpost",
    "main": "main primary",
    "product": "product pdp price sku products prices",
    "forum": "thread message messages forum topic discussion question answer bbcode posttext postbody cooked",
    "grid": "grid list card cards item items tile tiles collection results listing listings result gallery",
    "overlay": "modal popup overlay dialog drawer tooltip lightbox offcanvas flyout toast",
    "form": "form newsletter subscribe signup login search input subscription email signin register",
    "byline": "author byline meta date time published bio avatar tags tag category categories dateline",
    "pager": "pagination pager pages prev next previous paging",
    "caption": "caption figcaption credit credits figure",
    "documentation": "docs doc documentation markdown md api reference toc",
    "hidden": "hidden hide sr visually invisible screen collapsed none visuallyhidden",
    "description": "description desc summary excerpt teaser details specs specifications features intro lead",
    "review": "review reviews rating ratings stars",
    "filter": "cart basket checkout filter filters facet facets sort refine wishlist minicart",
    "action": "button btn cta buttons",
    "title": "title heading headline subtitle",
    "market": "testimonial testimonials faq accordion pricing hero section banner slider carousel swiper slide",
    "user": "user profile signature sig member username",
    "notice": "mobile desktop skip notice alert announcement",
}
GROUPS = tuple(LEXICON)
