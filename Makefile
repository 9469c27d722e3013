# Two commands matter: `make run` and `make test`. Each sets up what it needs.
#
#   make run     set up, build, and serve: the address is printed, Ctrl-C stops
#   make test    set up, build, and pass every test
#   make narrate set up, build, and narrate examples/story.txt into files
#   make build   compile only (after set-up)
#   make page    build the web page only, into web/dist; all of the above do when it changed
#   make check   the code's own rules: layers, lengths, formatting
#   make bench   measure against kokoro-js on the same weights (needs npm; minutes)
#   make bench-serve  measure the server against FastAPI and Node (minutes)
#   make fuzz    run each fuzz target for FUZZ_SECONDS (60)
#   make clean   remove what was built (not the models)

BUILD := build
STORY := examples/story.txt
OUT := output/story
DATA := $(or $(PARLANDO_DATA),parlando-data)
FUZZ_SECONDS := 60

# Under sudo only packages are root's business; files belong to the caller.
AS_USER := tools/setup user

.PHONY: all run narrate test build page setup models check bench bench-serve fuzz clean

all: build

setup:
	@tools/setup run

$(BUILD)/build.ninja:
	@$(AS_USER) meson setup $(BUILD) > /dev/null || { cat $(BUILD)/meson-logs/meson-log.txt; exit 1; }

page:
	@$(AS_USER) tools/page build

# Without its page the program works; tools/page has said what is missing.
build: $(BUILD)/build.ninja
	@$(AS_USER) tools/page build || echo "going on without building the page"
	@echo "building $(BUILD)/parlando"
	@$(AS_USER) ninja -C $(BUILD) --quiet parlando

# A model that cannot be fetched fails nothing: the best engine there is speaks instead.
models:
	@$(AS_USER) $(BUILD)/parlando models pull || true

# The server stays in the foreground, with a data folder beside the sources (data/ is one of theirs).
# A new one begins with the sample story.
run: setup build models
	@tools/setup report
	@exec $(AS_USER) $(BUILD)/parlando serve --data $(DATA) --sample $(STORY)

narrate: setup build models
	@$(AS_USER) $(BUILD)/parlando narrate $(STORY) -o $(OUT)

test:
	@tools/setup test
	@$(AS_USER) tools/test

check:
	@tools/check

bench: build
	@bench/run

bench-serve:
	@tools/setup bench
	@$(MAKE) --no-print-directory build
	@bench/serve

fuzz:
	@tools/fuzz $(FUZZ_SECONDS)

clean:
	rm -rf $(BUILD) build-* web/dist web/test-results
