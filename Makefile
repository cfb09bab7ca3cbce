# For developers; to use the product, `python3 start.py demo` is enough.
PYTHON = .venv/bin/python
PYBABEL = $(PYTHON) -m babel.messages.frontend --quiet
# `_` everywhere, Message, what operations find, and every failure of errors.py and its subclasses, whose template may go through __init__.
SENTENCES = -k Message -k TrackerError -k Refused -k Unreadable -k NotAllowed -k NotFound -k Misconfigured \
	-k NotTypeset -k NotMade -k NotFilled -k __init__ -k good -k doubtful -k bad
LOCK = uv pip compile --quiet --universal --generate-hashes --no-emit-index-url --no-header pyproject.toml

.PHONY: help lint types imports test long catalogues lock bench pictures

help:  ## show these targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

lint:  ## mend what ruff can mend, show the rest
	$(PYTHON) -m ruff check --fix .
	$(PYTHON) -m ruff format .

types:  ## mypy --strict
	$(PYTHON) -m mypy --strict tracker jobs bench start.py

imports:  ## the layers and the other import contracts
	.venv/bin/lint-imports --no-logo

test:  ## what `python3 start.py test` runs, on both cores
	python3 start.py test -n 2

long:  ## everything that CI runs, then each proof at its full length; TRACKER_TEST_POSTGRES as for the tests
	bash .ci/run
	TRACKER_LONG=1 $(PYTHON) -m pytest -q tests/test_probes.py tests/test_requests.py tests/oracle tests/reliability \
		tests/reading tests/rules tests/writing tests/browser/test_pages.py

catalogues:  ## collect the sentences into the translations and compile those
	mkdir -p var
	$(PYBABEL) extract -F pyproject.toml $(SENTENCES) --add-location file --omit-header -o var/messages.pot .
	$(PYBABEL) update --no-fuzzy-matching --ignore-obsolete --ignore-pot-creation-date \
		-i var/messages.pot -d tracker/translations
	$(PYBABEL) compile --statistics -d tracker/translations

lock:  ## pin the newest versions that pyproject.toml allows; needs uv (pip install uv)
	$(LOCK) --upgrade -o requirements.lock
	$(LOCK) --upgrade --extra dev -c requirements.lock -o requirements-dev.lock

bench:  ## how fast, against a floor measured in the same run
	$(PYTHON) -m bench.remind
	$(PYTHON) -m bench.remind 1 300
	$(PYTHON) -m bench.flat
	$(PYTHON) -m bench.pages
	$(PYTHON) -m bench.reading
	$(PYTHON) -m bench.report
	$(PYTHON) -m bench.photos

pictures:  ## every picture of the README, from a demo of always the same day; needs Chromium and poppler
	$(PYTHON) -m docs.pictures
