//! Moves pins to newer versions: what there is, what proves it, and what has to change in the spec for it.
//!
//! Takes a compiled spec and what upstreams list, gives edits of the spec's text. It asks nobody itself: lists and digests
//! are brought by [`upstream`](crate::upstream), and the command decides what is written.

pub mod candidates;
pub mod dates;
pub mod edit;
pub mod evidence;
pub mod keys;
pub mod pins;
pub mod wheels;
