//! What a person sees: small components with plain props, a file each.

mod bar;
mod help;
pub mod legend;
mod objects;
mod observe;
mod outcome;
mod panes;
mod settings;
mod table;
mod timeline;
mod transport;

pub use bar::{Bar, Notice};
pub use help::Help;
pub use objects::{Objects, next_first};
pub use outcome::Outcome;
pub use panes::{ActionsPane, GraphPane, LINES_SHOWN, MealsPane, NextPane, WaitsPane};
pub use settings::Settings;
pub use table::{Table, WORDS_UP_TO};
pub use timeline::{Lanes, Timeline};
pub use transport::Transport;
