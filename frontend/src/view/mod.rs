//! What a person sees: small components with plain props, a file each.

mod bar;
mod dialog;
mod free;
mod gallery;
mod help;
pub mod legend;
mod objects;
mod observe;
mod outcome;
mod panes;
mod scroll;
mod settings;
mod source;
mod table;
mod texts;
mod timeline;
mod transport;
mod waiting;

pub use bar::{Bar, Notice};
pub use dialog::Dialog;
pub use free::FreeTime;
pub use gallery::Gallery;
pub use help::Help;
pub use objects::Objects;
pub use outcome::Outcome;
pub use panes::{
    ActionsPane, ChallengePane, ExplorePane, GraphPane, Here, LINES_SHOWN, MealsPane, NextPane,
    WaitsPane,
};
pub use settings::Settings;
pub use source::SourcePane;
pub use table::{Table, WORDS_UP_TO};
pub use timeline::{Lanes, Timeline};
pub use transport::Transport;
pub use waiting::Waiting;
