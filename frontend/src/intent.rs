//! What the person wants to see: one state, changed by one pure function.
//!
//! The truth about the run is its log and lives in the stage. Here is only what somebody chose.

use engine::lessons::{Invalid, Lesson, Outcome, Picture, Policy, Scenario, catalogue};
use engine::model::{Grain, Pick, Time};
use engine::world::ActorId;

use crate::challenge::Quest;
use crate::gallery::beside;
use crate::source::Tongue;

/// Steps per second that a person can choose.
pub const SPEEDS: [u32; 13] = [1, 2, 4, 8, 15, 30, 60, 125, 250, 500, 1000, 2000, 4000];

/// The speed at which one begins.
const FIRST_SPEED: usize = 3;

/// Where the program runs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Place {
    /// In the model.
    #[default]
    Model,
    /// On Web Workers.
    Threads,
}

/// The language of the page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// English.
    #[default]
    En,
    /// Simplified Chinese.
    Zh,
}

impl Language {
    /// The language's tag, as in `<html lang>`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::En => "en",
            Self::Zh => "zh-CN",
        }
    }

    /// The text in this language.
    pub fn of(self, text: engine::lessons::Text) -> &'static str {
        match self {
            Self::En => text.en,
            Self::Zh => text.zh,
        }
    }
}

/// Light or dark.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    /// As the system has it.
    #[default]
    System,
    /// Light.
    Light,
    /// Dark.
    Dark,
}

impl Theme {
    /// Every theme, in the order of the switch.
    pub const ALL: [Self; 3] = [Self::System, Self::Light, Self::Dark];

    /// Its name in links and style sheets.
    pub fn id(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }
}

/// What the side pane shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tab {
    /// Who could take the next step.
    #[default]
    Next,
    /// Who waits for whom.
    Graph,
    /// Meals, waits, hunger.
    Counts,
    /// The homework's list.
    Actions,
    /// The program, and who is where in it.
    Source,
    /// Whether it can go wrong.
    Explore,
    /// To make it go wrong, and to mend it.
    Challenge,
}

impl Tab {
    /// Every tab, in order.
    pub const ALL: [Self; 7] = [
        Self::Next,
        Self::Source,
        Self::Explore,
        Self::Challenge,
        Self::Graph,
        Self::Counts,
        Self::Actions,
    ];

    /// The tabs of a lesson. `hides` keeps away what would give a challenge's solution away.
    pub fn of(lesson: &Lesson, hides: bool) -> impl Iterator<Item = Self> {
        let (picture, challenge) = (lesson.picture, lesson.challenge.as_ref());
        Self::ALL.into_iter().filter(move |tab| match tab {
            Self::Explore => !hides,
            Self::Challenge => challenge.is_some(),
            // The homework's list is the table's.
            Self::Actions => picture == Picture::Table,
            _ => true,
        })
    }

    /// Its name in links.
    pub fn id(self) -> &'static str {
        match self {
            Self::Next => "next",
            Self::Graph => "graph",
            Self::Counts => "counts",
            Self::Actions => "actions",
            Self::Source => "source",
            Self::Explore => "explore",
            Self::Challenge => "challenge",
        }
    }
}

/// What the person wants.
#[derive(Clone, Debug, PartialEq)]
pub struct Intent {
    /// The lesson, its values and its schedule.
    pub scenario: Scenario,
    /// Where it runs.
    pub place: Place,
    /// The step to look at; more than there are means the last one there is.
    pub step: usize,
    /// Whether it plays.
    pub playing: bool,
    /// An index into [`SPEEDS`].
    pub speed: usize,
    /// What the side pane shows.
    pub tab: Tab,
    /// In which language the source is shown.
    pub tongue: Tongue,
    /// Whom the source follows; nobody: whoever went last.
    pub follow: Option<ActorId>,
    /// Whether the source shows what no execution came to.
    pub unreached: bool,
    /// The language of the page.
    pub language: Language,
    /// Light or dark.
    pub theme: Theme,
    /// How often the run was started anew; a change starts it again.
    pub epoch: u32,
    /// What the person must be told, until they close it.
    pub notice: Option<String>,
    /// Whether the help is open.
    pub help: bool,
    /// Whether the gallery is open.
    pub gallery: bool,
    /// Whether it is being looked for what can come out of the lesson.
    pub explores: bool,
    /// The outcome to which the simplest way is wanted.
    pub sought: Option<Outcome>,
    /// What is tried at the lesson's challenge.
    pub quest: Option<Quest>,
    /// Whether what gives a solution away is hidden until it is found.
    pub hides: bool,
    /// Whether it is being checked that what was chosen cannot fail.
    pub checks: bool,
    /// Whether one wants to see how it still fails.
    pub watches: bool,
}

impl Intent {
    /// The first lesson, before its first step.
    pub fn new(language: Language) -> Self {
        Self {
            scenario: Scenario::new(catalogue().next().expect("there are lessons")),
            place: Place::Model,
            step: 0,
            playing: false,
            speed: FIRST_SPEED,
            tab: Tab::Next,
            tongue: Tongue::Rust,
            follow: None,
            unreached: false,
            language,
            theme: Theme::System,
            epoch: 0,
            notice: None,
            help: false,
            gallery: false,
            explores: false,
            sought: None,
            quest: None,
            hides: false,
            checks: false,
            watches: false,
        }
    }
}

/// Something the person does.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// With the program and its schedule.
    Set(Set),
    /// With the player.
    Play(Play),
    /// With everything that can come out of the lesson.
    Explore(Explore),
    /// With the lesson's challenge.
    Challenge(Try),
    /// With the page.
    Page(Page),
}

/// Changes of the program and its schedule. Each begins a new run.
#[derive(Clone, Debug, PartialEq)]
pub enum Set {
    /// Another lesson, as it comes.
    Lesson(&'static Lesson),
    /// The lesson that is taught before (`false`) or after (`true`) this one, if there is one.
    Beside(bool),
    /// A parameter of the lesson, by its text.
    Param(&'static str, String),
    /// Where random sequences begin.
    Seed(u64),
    /// Who chooses where nobody picked.
    Policy(Policy),
    /// What a step is.
    Grain(Grain),
    /// Whether actors may be woken for no reason.
    Spurious(bool),
    /// How time passes.
    Time(Time),
    /// Where it runs.
    Place(Place),
    /// From the first step, with all the same.
    Restart,
    /// At this step this actor goes.
    Pick(usize, ActorId),
    /// No picks.
    ForgetPicks,
    /// The run in the model that an exploration has found, at this step.
    Found(Box<Scenario>, usize),
    /// Everything at once, as a link has it.
    All(Box<Intent>),
}

/// Moves of the player.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Play {
    /// Play or pause.
    Toggle,
    /// To this step.
    To(usize),
    /// Playing came to this step by itself.
    Reached(usize),
    /// One speed up or down.
    Faster(bool),
}

/// What is done with an exploration.
#[derive(Clone, Debug, PartialEq)]
pub enum Explore {
    /// It goes on, or rests.
    Go(bool),
    /// The simplest way to an outcome is wanted.
    See(Outcome),
}

/// What is done at a challenge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Try {
    /// It is begun, from its start.
    Begin(Quest),
    /// Whether what was chosen cannot fail shall be checked.
    Check,
    /// How it still fails shall be seen.
    Watch,
}

/// Changes of the page.
#[derive(Clone, Debug, PartialEq)]
pub enum Page {
    /// What the side pane shows.
    Tab(Tab),
    /// In which language the source is shown.
    Tongue(Tongue),
    /// Whom the source follows.
    Follow(Option<ActorId>),
    /// The source shows what no execution came to.
    Unreached,
    /// The other language.
    Language,
    /// The next theme.
    Theme,
    /// Open or close the help.
    Help(bool),
    /// Open or close the gallery.
    Gallery(bool),
    /// Tell the person something, or no longer.
    Notice(Option<String>),
}

/// What a person can take along.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Take {
    /// The link to this moment, copied.
    Link,
    /// The link to the challenge without its solution, copied.
    TeachersLink,
    /// The homework's list, copied.
    List,
    /// The homework's list, as a file.
    ListFile,
    /// The trace, as a file.
    TraceFile,
}

impl Intent {
    /// What the person wants after an action. `last_step` is the last one there is by now.
    pub fn apply(self, action: Action, last_step: usize) -> Self {
        match action {
            Action::Set(set) => self.set(set),
            Action::Play(play) => self.play(play, last_step),
            Action::Explore(Explore::Go(explores)) => Self { explores, ..self },
            Action::Explore(Explore::See(outcome)) => Self { sought: Some(outcome), ..self },
            Action::Challenge(Try::Begin(quest)) => self.begin(quest),
            Action::Challenge(Try::Check) => Self { checks: true, ..self },
            Action::Challenge(Try::Watch) => Self { watches: true, ..self },
            Action::Page(page) => self.page(page),
        }
    }

    /// The pane that was chosen, where its lesson has it: who goes through lessons keeps the choice.
    pub fn pane(&self) -> Tab {
        let mut tabs = Tab::of(self.scenario.lesson(), false);
        tabs.find(|tab| *tab == self.tab).unwrap_or(Tab::Next)
    }

    /// The challenge of its lesson, from its start; the same where there is none.
    pub fn begin(self, quest: Quest) -> Self {
        let Some(challenge) = self.scenario.lesson().challenge.as_ref() else { return self };
        Self {
            scenario: quest.start(challenge),
            place: Place::Model,
            step: 0,
            playing: false,
            epoch: self.epoch.wrapping_add(1),
            tab: Tab::Challenge,
            explores: false,
            quest: Some(quest),
            checks: false,
            ..self
        }
    }

    fn set(mut self, set: Set) -> Self {
        (self.sought, self.unreached) = (None, false);
        let keeps_picks =
            matches!(set, Set::Restart | Set::Pick(..) | Set::All(_) | Set::Beside(_));
        if !keeps_picks {
            // Another program: choices made in the old one mean nothing in it.
            self.scenario.picks.clear();
        }
        let (mut step, mut playing) = (0, false);
        match set {
            Set::Lesson(lesson) => {
                self.scenario = Scenario::new(lesson);
                (self.follow, self.notice, self.gallery) = (None, None, false);
                (self.quest, self.hides) = (None, false);
                self.explores = false;
                playing = self.place == Place::Threads;
            }
            Set::Beside(after) => {
                return match beside(self.scenario.lesson(), after) {
                    Some(lesson) => self.set(Set::Lesson(lesson)),
                    None => self,
                };
            }
            Set::Param(id, text) => {
                self.checks = false;
                if let Err(invalid) = self.scenario.values.set(id, &text) {
                    self.notice = Some(crate::words::invalid(&invalid));
                }
            }
            Set::Seed(seed) => self.scenario.seed = seed,
            Set::Policy(policy) => self.scenario.policy = policy,
            Set::Grain(grain) => {
                self.scenario.grain = grain;
                self.scenario.spurious &= grain == Grain::Words;
            }
            Set::Spurious(spurious) => self.scenario.spurious = spurious,
            Set::Time(time) => self.scenario.time = time,
            Set::Place(place) => {
                self.place = place;
                // Real threads are watched live.
                playing = place == Place::Threads;
            }
            Set::Restart => playing = self.place == Place::Threads,
            Set::Pick(turn, actor) => {
                self.scenario = self.scenario.branch(Pick { turn: turn as u64, actor });
                step = turn + 1;
            }
            Set::ForgetPicks => step = self.step,
            Set::Found(scenario, at) => {
                (self.scenario, self.place, step) = (*scenario, Place::Model, at);
            }
            Set::All(intent) => {
                let epoch = self.epoch.wrapping_add(1);
                return Self { epoch, ..*intent };
            }
        }
        if self.place == Place::Threads
            && let Err(invalid) = self.scenario.values.check_real()
        {
            self.place = Place::Model;
            self.notice = Some(match invalid {
                Invalid::Number { what, range: [_, max], .. } => {
                    let params = self.scenario.lesson().params.iter();
                    let title = params.filter(|param| param.id == what).map(|param| param.title);
                    let what = title.map(|title| self.language.of(title)).next().unwrap_or(what);
                    rust_i18n::t!("threads.too_many", what = what, max = max).into_owned()
                }
                other => crate::words::invalid(&other),
            });
            playing = false;
        }
        // Whoever changes something else has left the challenge.
        let is_in_model = self.place == Place::Model;
        self.quest = self.quest.filter(|quest| is_in_model && quest.is_tried(&self.scenario));
        Self { step, playing, epoch: self.epoch.wrapping_add(1), ..self }
    }

    fn play(mut self, play: Play, last_step: usize) -> Self {
        self.unreached = false;
        let at = self.step.min(last_step);
        match play {
            // At the end there is nothing left to play: begin again.
            Play::Toggle if !self.playing && at == last_step => {
                Self { playing: true, step: 0, ..self }
            }
            Play::Toggle => Self { playing: !self.playing, step: at, ..self },
            Play::To(step) => Self { playing: false, step: step.min(last_step), ..self },
            Play::Reached(step) => Self { step: step.min(last_step), ..self },
            Play::Faster(up) => {
                let speed = if up { self.speed + 1 } else { self.speed.saturating_sub(1) };
                Self { speed: speed.min(SPEEDS.len() - 1), ..self }
            }
        }
    }

    fn page(self, page: Page) -> Self {
        match page {
            Page::Tab(tab) => Self { tab, unreached: false, ..self },
            Page::Tongue(tongue) => Self { tongue, ..self },
            Page::Follow(follow) => Self { follow, ..self },
            Page::Unreached => {
                Self { unreached: true, tab: Tab::Source, tongue: Tongue::Rust, ..self }
            }
            Page::Language => {
                let language = match self.language {
                    Language::En => Language::Zh,
                    Language::Zh => Language::En,
                };
                Self { language, ..self }
            }
            Page::Theme => {
                let at = Theme::ALL.iter().position(|theme| *theme == self.theme).unwrap_or(0);
                Self { theme: Theme::ALL[(at + 1) % Theme::ALL.len()], ..self }
            }
            Page::Help(help) => Self { help, ..self },
            Page::Gallery(gallery) => Self { gallery, ..self },
            Page::Notice(notice) => Self { notice, ..self },
        }
    }
}
