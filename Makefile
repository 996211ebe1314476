# The front door: `make help` lists the targets. CMake does the work; CMakePresets.json holds the build types.
SHELL := /bin/bash
JOBS ?= $(shell nproc)
VENV := build/venv
PYTHON := $(VENV)/bin/python
CONFIGURE_FLAGS := $(if $(shell command -v ccache),-DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
SOURCES = $(shell git ls-files '*.cpp' '*.hpp' '*.h')
DEMO_RUN := build/demo-run

.DEFAULT_GOAL := help
.PHONY: help build demo l5pc test report-test parity cluster-test fuzz bench format tidy clean

help:  ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## (.*)/  make \1\t\2/' | expand -t 16

build:  ## install what is missing and build the Release program: build/cellwright
	@tools/install_dependencies.sh build
	cmake --preset release $(CONFIGURE_FLAGS)
	cmake --build --preset release -j $(JOBS)
	@ln -sfn "$$(tools/program_path.sh build/release)" build/cellwright
	@echo "the program: build/cellwright"

demo: build  ## build, then fit the example cell (under a minute)
	@rm -rf $(DEMO_RUN)
	build/cellwright optimise examples/simple_cell/cell.json --offspring 100 --generations 80 --out $(DEMO_RUN)

l5pc: build $(VENV)/bin/python  ## build, then evaluate and optimise BluePyOpt's L5PC example (minutes; docs/guide/l5pc.md)
	$(PYTHON) tools/l5pc_job.py --program build/cellwright

build/ci/built: FORCE
	@tools/install_dependencies.sh build test browser
	cmake --preset ci $(CONFIGURE_FLAGS) -DCELLWRIGHT_PEER_PYTHON=$(CURDIR)/$(PYTHON)
	cmake --build --preset ci -j $(JOBS)

.PHONY: FORCE
FORCE:

test: $(VENV)/test.stamp build/ci/built  ## build with warnings as errors and run every test that is quick enough
	ctest --test-dir build/ci -LE 'long|fuzz-long' -j $(JOBS) --output-on-failure --no-label-summary

report-test: build/ci/built  ## the report in a headless browser, with screenshots: build/ci/tests/report/page/*.png
	ctest --test-dir build/ci -L report --output-on-failure --no-label-summary

parity: $(VENV)/test.stamp build/ci/built  ## the long comparisons with NEURON and eFEL
	ctest --test-dir build/ci -L parity -j $(JOBS) --output-on-failure --no-label-summary

cluster-test: build  ## a real Slurm and several hosts (network namespaces) on this machine; root only
	@tools/install_dependencies.sh cluster
	python3 tests/cluster/cluster_test.py --program "$$(tools/program_path.sh build/release)" --mpirun "$$(command -v mpirun)" \
	  --cell examples/simple_cell/cell.json --work build/cluster-test

FUZZ_FACTOR ?= 50
FUZZ_TESTS := nmodl:NmodlFuzz.* morphology:Mutations.* features:*survive*
fuzz: $(VENV)/test.stamp  ## long fuzzing of the parsers and features under sanitizers (FUZZ_FACTOR=50: that many times what `make test` tries)
	@tools/install_dependencies.sh build test
	$(PYTHON) tests/support/real_models.py --cache build/real_models
	cmake --preset asan $(CONFIGURE_FLAGS)
	cmake --build --preset asan -j $(JOBS) --target unit_nmodl unit_morphology unit_features fuzz_nmodl fuzz_morphology
	build/asan/tests/fuzz/fuzz_nmodl --mutants $$((3000 * $(FUZZ_FACTOR))) --seed 2 --compile $$((10 * $(FUZZ_FACTOR))) \
	  --work build/asan/fuzz build/real_models tests examples
	build/asan/tests/fuzz/fuzz_morphology --mutants $$((300 * $(FUZZ_FACTOR))) --seed 2 --work build/asan/fuzz \
	  build/real_models examples
	@for test in $(FUZZ_TESTS); do \
	  CELLWRIGHT_FUZZ_FACTOR=$(FUZZ_FACTOR) build/asan/tests/unit_$${test%%:*} --gtest_filter="$${test#*:}" || exit 1; \
	done

bench: $(VENV)/test.stamp build  ## cellwright against BluePyOpt + NEURON on this machine: build/bench/results/*.json
	@tools/install_dependencies.sh bench
	cmake --preset bench $(CONFIGURE_FLAGS)
	cmake --build --preset bench -j $(JOBS)
	$(PYTHON) benchmarks/run_all.py --build build/bench --out build/bench/results

format:  ## clang-format every C++ file in place
	@tools/install_dependencies.sh lint
	clang-format -i $(SOURCES)

tidy:  ## clang-tidy over every source file (.clang-tidy gives the reason of each check that is off)
	@tools/install_dependencies.sh build test lint
	cmake --preset dev $(CONFIGURE_FLAGS)
	run-clang-tidy -p build/dev -quiet -extra-arg=-Wno-unknown-warning-option -j $(JOBS) '$(CURDIR)/src/.*'

clean:  ## remove build/
	rm -rf build

# The peers of the comparisons, in a virtual environment of this tree; the stamp keeps pip from running again.
$(VENV)/bin/python:
	@tools/install_dependencies.sh test
	python3 -m venv $(VENV)

$(VENV)/test.stamp: tests/requirements.txt | $(VENV)/bin/python
	$(PYTHON) -m pip install --quiet --disable-pip-version-check -r $<
	@touch $@
