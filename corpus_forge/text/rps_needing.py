"""RedPajama-V2's quality signals that need more than the text: a model, a list, or what a step before knew.

Each is null until a step that is given what it needs writes a column of that name. docs/models.md has the models.
"""

from __future__ import annotations

from corpus_forge.text.rps_signals import CCNET, CODE, CONTENT
from corpus_forge.text.signal import needing

CLASSIFIERS, IMPORTANCE = (f"{CODE}/quality_signals/{name}.py" for name in ("classifiers", "importance_weights"))
LINES_BEFORE = "the text before lines were taken out of it; CCNet's own files have it, as a column of the source"

needing("ccnet_original_length", "characters", "Characters before duplicate lines were taken out.", CCNET, LINES_BEFORE)
needing("ccnet_original_nlines", "lines", "Lines before duplicate lines were taken out.", CCNET, LINES_BEFORE)
needing(
    "ccnet_language_score",
    "probability",
    "Probability of the document's language by fastText's lid.176.",
    CCNET,
    "a model; the step `language` writes it as language_score",
)
needing(
    "ccnet_perplexity",
    "perplexity",
    "Perplexity of a 5-gram model of Wikipedia over pieces of SentencePiece, in the document's language.",
    CCNET,
    "a model; `- perplexity: {models: …, column: ccnet_perplexity}`",
)
needing(
    "ccnet_bucket",
    "0 to 2",
    "Third of the perplexities of the language that the document is in: 0 head, 1 middle, 2 tail.",
    CCNET,
    "a model; `- perplexity: {…}` writes the names head, middle and tail as ccnet_perplexity_bucket",
)
for target in ("books", "openwebtext", "wikipedia"):
    needing(
        f"rps_doc_{target}_importance",
        "nats",
        f"Logarithm of how much likelier the text is among texts of {target} than among raw ones, by hashed 1- and 2-grams.",
        IMPORTANCE,
        f"a model; `- importance: {{model: …, column: rps_doc_{target}_importance}}`",
    )
    needing(
        f"rps_doc_{target}_importance_length_correction",
        "nats",
        f"rps_doc_{target}_importance, plus the logarithm of how much likelier the document's length is, by Poisson.",
        IMPORTANCE,
        "a model with both mean lengths, which no step reads yet; as a column of the source",
    )
for target in ("palm", "wikipedia", "wikiref"):
    needing(
        f"rps_doc_ml_{target}_score",
        "probability",
        f"Probability, by a fastText classifier, that the document is no mere web page ({target}).",
        CLASSIFIERS,
        "a model; `- classify: {model: …, column: …, labels: […]}` writes each label's probability under a name of its own",
    )
needing(
    "rps_doc_ut1_blacklist",
    "category",
    "Number of the set of categories that UT1's lists have the document's domain in.",
    CONTENT,
    "UT1's lists; the step `url_filter` removes by category",
)
