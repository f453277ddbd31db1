//! The laboratory's page. It draws scenes and edits schedules; no algorithm lives here.
//!
//! - [`intent`]: what the person wants, changed by one pure function; [`link`] writes and reads it,
//!   [`history`] keeps it in the address;
//! - [`stage`] and [`recording`]: the run and what is known of it; [`bridge`] knows the workers;
//! - [`rest`]: what is fetched once the page is open;
//! - [`exploration`]: everything that can come out of the lesson; [`challenge`]: what one tries at it;
//! - [`traces`]: which item is which, who saw what;
//! - [`gallery`] and [`thumb`]: all lessons; [`source`] and [`syntax`]: the program that runs;
//! - [`view`], [`geometry`], [`layout`], [`words`]: how it looks and what it is called;
//! - [`app`]: all of it, one frame at a time.

pub mod app;
pub mod bridge;
pub mod challenge;
pub mod exploration;
pub mod gallery;
pub mod geometry;
pub mod history;
pub mod intent;
pub mod keys;
pub mod layout;
pub mod link;
pub mod recording;
pub mod rest;
pub mod source;
pub mod stage;
pub mod syntax;
pub mod thumb;
pub mod traces;
pub mod view;
pub mod words;

rust_i18n::i18n!("locales", fallback = "en");
