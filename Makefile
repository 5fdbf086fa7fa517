# Short names for the scripts, which do the work and take arguments. `make help` lists them.
.PHONY: help run dev check soak bench bench-peers lock
.DEFAULT_GOAL := help

help: ## list these commands
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1	\2/p' $(firstword $(MAKEFILE_LIST))

run: ## set up, and serve on http://127.0.0.1:8000
	@sh scripts/run

dev: ## the same, reloading when the source changes
	@sh scripts/dev

check: ## lint, types, import contracts and every test
	@sh scripts/check

soak: ## the long tests at their whole size
	@sh scripts/soak

bench: ## measure speed
	@sh scripts/bench

bench-peers: ## the same beside WordPress and Wagtail
	@sh scripts/bench peers

lock: ## resolve the Python requirements anew
	@sh scripts/lock
