//! The laboratory's page. It draws scenes and edits schedules; no algorithm lives here.
//!
//! - [`intent`]: what the person wants, changed by one pure function; [`link`] writes and reads it;
//! - [`stage`] and [`recording`]: the run and what is known of it; [`bridge`] knows the workers;
//! - [`traces`]: which item is which, who saw what;
//! - [`view`], [`geometry`], [`layout`], [`words`]: how it looks and what it is called;
//! - [`app`]: all of it, one frame at a time.

pub mod app;
pub mod bridge;
pub mod geometry;
pub mod intent;
pub mod keys;
pub mod layout;
pub mod link;
pub mod recording;
pub mod stage;
pub mod traces;
pub mod view;
pub mod words;

rust_i18n::i18n!("locales", fallback = "en");
