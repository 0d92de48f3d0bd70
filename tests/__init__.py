"""The suite mirrors the apps: tests/<app>/test_<module>.py; `make test` runs it all, twice."""
