# What people type. Machines run `.ci/run`, which checks the same things from a bare start.

# List the recipes.
default:
    @just --list

# Everything a commit must pass: run it before you push.
check: fmt-check lint deny docs test

# Format the code.
fmt:
    cargo fmt --all

# Fail where the code is not formatted.
fmt-check:
    cargo fmt --all --check

# Lints, as strict as the gate's.
lint:
    cargo clippy --workspace --all-targets -- -D warnings

# All tests. What needs a tool that is missing says `skipped: …`.
test:
    cargo test --workspace

# Which crates and licenses may stand in the tree (needs cargo-deny).
deny:
    cargo deny check bans licenses sources

# Known vulnerabilities; fetches the RustSec database.
advisories:
    cargo deny check advisories

# The documentation of our crates, warnings as errors.
docs:
    RUSTDOCFLAGS='-D warnings' cargo doc --workspace --no-deps

# The server for trying things out, on http://127.0.0.1:8080.
dev *ARGS:
    cargo run --release -- serve --dev {{ARGS}}

# Load against the bare ceiling of this machine, and what a guard costs an API; ratios for docs/performance.md.
bench *ARGS: bench-resource
    bench/run {{ARGS}}

# What a guard costs an API, in the process.
bench-resource:
    cargo bench -p doorward-resource --all-features --bench verify

# Regenerate what is generated, docs/conformance.md and docs/configuration.md; look at the diff.
bless:
    DOORWARD_BLESS=1 cargo test -p doorward-testkit --test house conformance
    DOORWARD_BLESS=1 cargo test -p doorward --bin doorward reference
