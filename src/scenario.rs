//! The scenario language: parse, bind, match. `docs/scenario-language.md` is its manual.
//!
//! Pure: a scenario is text in, and a tree with source positions out; matching is a function of a reply and the values known.

pub mod story;
