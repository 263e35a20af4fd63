"""`python -m subnotify`: the command, where its script is not on the path."""

from subnotify.cli import main

if __name__ == "__main__":
    main(prog_name="subnotify")
