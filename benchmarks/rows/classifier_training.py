"""A quality classifier by DCLM's recipe (words and bigrams, dim 100, 2M buckets, 5 epochs): English texts in memory to a model.

The two kinds are texts above and below the median length: hard to tell apart by words, so that the answers say something. Every
tenth text of each is held out. fastText runs on one thread, where it is deterministic too, and reads a file that lies ready.
"""

from __future__ import annotations

from pathlib import Path

from measure import OURS, PEERS, Done, Row, Side, Work, main, read_lines, text_size


def _kinds(inputs: Path) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """(label, text) to train on, and held out."""
    texts = [" ".join(text.split()) for text in read_lines(inputs / "english.jsonl", "text")]
    median = sorted(map(len, texts))[len(texts) // 2]
    rows = [("hq" if len(text) >= median else "cc", text) for text in texts]
    return [row for place, row in enumerate(rows) if place % 10], rows[::10]


def _answer(held: list[tuple[str, str]], said: list[str]) -> str:
    right = sum(label == each for (label, _), each in zip(held, said, strict=True))
    return f"{right / len(held):.1%} of {len(held)} held-out texts right"


def ours(inputs: Path) -> Work:
    """A side: the training kernel; the model is written and read back to answer."""
    import hashlib
    import tempfile

    from corpus_forge.language.fasttext_model import load_model
    from corpus_forge.scoring.fasttext_file import write_fasttext
    from corpus_forge.scoring.labels import label_scores
    from corpus_forge.scoring.train import Recipe, train_classifier

    train, held = _kinds(inputs)
    kinds = [[text for label, text in train if label == wanted] for wanted in ("hq", "cc")]
    train_classifier(kinds[0][:20], kinds[1][:20], Recipe(dim=4, bucket=10))
    path = Path(tempfile.mkdtemp()) / "model.bin"

    def work() -> Done:
        write_fasttext(train_classifier(*kinds), path)
        model = load_model(str(path), hashlib.sha256(path.read_bytes()).hexdigest())
        said = label_scores(model, [text for _, text in held]).best.to_pylist()
        path.unlink()
        return Done(len(train), text_size([text for _, text in train]), _answer(held, said))

    return work


def fasttext(inputs: Path) -> Work:
    """A side: fastText's own trainer, on one thread."""
    import random
    import tempfile

    from fasttext import load_model, train_supervised

    train, held = _kinds(inputs)
    random.Random(0).shuffle(train)
    folder = Path(tempfile.mkdtemp())
    (folder / "train.txt").write_text("".join(f"__label__{label} {text}\n" for label, text in train), "utf-8")

    def work() -> Done:
        model = train_supervised(str(folder / "train.txt"), wordNgrams=2, thread=1, verbose=0)
        model.save_model(str(folder / "model.bin"))
        read = load_model(str(folder / "model.bin"))
        said = [read.f.predict(text + "\n", 1, 0.0, "strict")[0][1].removeprefix("__label__") for _, text in held]
        (folder / "model.bin").unlink()
        return Done(len(train), text_size([text for _, text in train]), _answer(held, said))

    return work


ROW = Row(
    "Training a classifier",
    {"corpus-forge": Side(OURS, ours), "fastText, one thread": Side(PEERS, fasttext)},
    note="five epochs, a model of some 1 GB written and read back; throughput counts the text once",
    repeats=3,
)

if __name__ == "__main__":
    main(ROW)
