# SPDX-License-Identifier: Apache-2.0
# CMake does the work; these are the commands a person types.
PREFIX ?= /usr/local
JOBS ?= $(shell nproc)
BUILD := build/release

.PHONY: all deps build demo minilm check check-fast coverage-ops docs install \
  clean format

all: build

# What compiling needs: Debian packages.
deps:
	@scripts/get_deps.sh

build: deps
	@cmake --preset release $(CMAKE_ARGS) > build/configure.log 2>&1 || \
	  { cat build/configure.log; exit 1; }
	@cmake --build $(BUILD) -j$(JOBS) --target all > build/compile.log 2>&1 || \
	  { tail -n 60 build/compile.log; exit 1; }
	@ln -sf release/pt2 build/pt2
	@echo "built: build/pt2, $(BUILD)/libpt2.so, $(BUILD)/libpt2.a"

# Draws one digit in the terminal and says which one it is.
demo: build
	@$(BUILD)/examples/digits examples/digits/digits.pt2 \
	  examples/digits/pictures/3.pgm

minilm: build
	@scripts/venv.sh
	@$${PT2_TEST_PYTHON:-build/venv/bin/python} \
	  examples/minilm/make_package.py build/minilm
	@$(BUILD)/examples/minilm build/minilm examples/minilm/sentences.txt \
	  "How do I bake bread?"

check: deps
	@scripts/check.sh

# Only what needs no PyTorch.
check-fast: deps
	@scripts/check.sh --fast

# Operator by dtype: what agrees with PyTorch, what neither runs, what is absent.
coverage-ops: build
	@scripts/venv.sh
	@$${PT2_TEST_PYTHON:-build/venv/bin/python} scripts/coverage_ops.py

# The documentation as a site, in build/site.
docs:
	@scripts/docs.sh
	@echo "built: build/site/index.html"

install: build
	@cmake --install $(BUILD) --prefix $(PREFIX)

.PHONY: deb dist wheel

# Debian packages: libpt2-0, libpt2-dev, pt2.
deb: build
	@scripts/get_deps.sh --deb
	@scripts/make_deb.sh

# A wheel for other machines, with the libraries that it needs.
wheel: build
	@scripts/get_deps.sh --wheel
	@scripts/make_wheel.sh

# The source archive of the commit that is checked out.
dist:
	@scripts/make_dist.sh

format:
	@git ls-files '*.c' '*.h' '*.hpp' '*.cpp' ':!abi/gen' | xargs clang-format -i

clean:
	@rm -rf build/release build/dev build/asan build/tsan build/pt2
