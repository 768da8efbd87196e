# Thin on purpose: what takes more than three lines stands in scripts/.
.PHONY: setup build test test-long cluster-test cluster-test-long lint format demo bench clean

# What the end-to-end tests run.
export SEGMPI_BINARY ?= $(CURDIR)/.build/release/segmpi
# A folder with a data set for `make demo`; synthetic femurs where it is empty.
DATA ?=

# Installs what is missing, or prints the command.
setup:
	@scripts/setup.sh

# The program, .build/release/segmpi.
build: setup
	swift build -c release --product segmpi

# Everything that holds the project: lint, unit tests, tests of the program under mpirun, and a recipe
# of each kind of network, trained at reduced size alone and on two ranks.
test: lint build
	swift build --build-tests
	swift test --skip-build
	scripts/recipes.sh --sample

# All of that, a whole experiment on several numbers of ranks, compared bit by bit, and every recipe
# at reduced size.
test-long: test
	test -e demo/phantom/dataset.json || $(SEGMPI_BINARY) phantom demo/phantom --count 40
	scripts/same-bits.sh recipes/demo.yaml "1 2 3 4"
	scripts/recipes.sh

# Hosts, faults, preemption, a real Slurm (cluster/README.md); best as root.
cluster-test: build
	cluster/tests/all.sh

cluster-test-long: build
	cluster/tests/all.sh --long

lint: setup
	swift format lint --strict --recursive Package.swift Sources Tests

format:
	swift format --in-place --recursive Package.swift Sources Tests

# Four folds of a 3D U-Net under mpirun: make demo, or make demo DATA=path/to/dataset.
demo: build
	scripts/demo.sh "$(DATA)"

# The training step beside PyTorch (Benchmarks/README.md).
bench: build
	Benchmarks/step.sh

clean:
	swift package clean
