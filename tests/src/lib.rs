//! Whole-system tests, crate graph, journeys, benches.
