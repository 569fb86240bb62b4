"""`python -m aid_rules` is `aid-rules`."""

from aid_rules.cli import main

if __name__ == "__main__":
    main()
