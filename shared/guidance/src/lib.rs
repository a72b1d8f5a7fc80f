//! Procedure guidance (手続きガイダンス): facts in, a plan with its reasons out; pure.
