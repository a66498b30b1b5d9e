"""`python -m corpus_forge`: the command, for where it is not on the PATH."""

from corpus_forge.cli import main

if __name__ == "__main__":
    main()
