//! Live campaigns: generated sequences of operations against a deployment, judged by the reference's model.
//!
//! A [`sequence::Sequence`] names everything in symbols, so that it means the same on every target. [`generate`] draws
//! one from a [`source::Source`] of choices; [`play`] carries it out on a target and on the model beside it; [`compare`]
//! says where they differ, and [`invariant`] what no target may do, whatever the model says. What differs is a
//! [`finding`]: shrunk by [`shrink`], kept by [`store`], told by [`story`].

pub mod answer;
pub mod bind;
pub mod cause;
pub mod compare;
pub mod corpus;
pub mod drive;
pub mod export;
pub mod finding;
pub mod generate;
pub mod grant;
pub mod ground;
pub mod invariant;
pub mod known;
pub mod large;
pub mod mutate;
pub mod name;
pub mod play;
pub mod player;
pub mod replay;
pub mod sequence;
pub mod shrink;
mod side;
pub mod source;
pub mod status;
pub mod store;
pub mod story;
pub mod summary;
pub mod value;
