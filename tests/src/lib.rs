//! Whole-system tests and benches. This library is empty: `tests/` asserts on types of every package, `benches/figures/` measures
//! the programs, `system/` plays visits in a browser. What only reads source text is in the package `tidy`.
//!
//! ```sh
//! cargo bench --workspace --bench figures --profile dev -- --smoke guidance
//! ```
