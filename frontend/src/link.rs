//! The part of the address behind `#/`: a scenario's own string, and what the page adds to it.

use engine::lessons::{Invalid, Scenario};
use engine::world::ActorId;

use crate::challenge::Quest;
use crate::intent::{Intent, Language, Place, SPEEDS, Tab, Theme};
use crate::source::Tongue;

/// The keys that are the page's and not the scenario's.
const KEYS: [&str; 10] =
    ["world", "step", "speed", "tab", "listing", "follow", "lang", "theme", "challenge", "hints"];

/// The link to exactly what `intent` shows, at `step`.
pub fn write(intent: &Intent, step: usize) -> String {
    let world = match intent.place {
        Place::Model => "model",
        Place::Threads => "threads",
    };
    let mut link = format!("#/{}&world={world}&step={step}", intent.scenario);
    // Before the pane: whoever opens a challenge sees it, unless another pane is named.
    if let Some(quest) = intent.quest {
        link += &format!("&challenge={}", quest.id());
    }
    if intent.hides {
        link += "&hints=none";
    }
    link += &format!("&speed={}&tab={}", SPEEDS[intent.speed], intent.pane().id());
    if intent.tongue != Tongue::Rust {
        link += &format!("&listing={}", intent.tongue.id());
    }
    if let Some(ActorId(actor)) = intent.follow {
        link += &format!("&follow={actor}");
    }
    link += &format!("&lang={}", intent.language.tag());
    if intent.theme != Theme::System {
        link += &format!("&theme={}", intent.theme.id());
    }
    link
}

/// The link to the challenge without its solution.
pub fn teachers(intent: &Intent) -> String {
    let quest = intent.quest.unwrap_or(Quest::Break);
    write(&Intent { hides: true, ..intent.clone().begin(quest) }, 0)
}

/// What a link asks for, on top of what a fresh page would show, and what in it could not be read.
pub fn read(link: &str, fresh: Intent) -> (Intent, Vec<Invalid>) {
    let text = link.trim_start_matches('#').trim_start_matches('/');
    if text.is_empty() {
        return (fresh, Vec::new());
    }
    let (scenario, mut problems) = Scenario::read(text, |key| KEYS.contains(&key));
    let mut intent = fresh;
    if let Some(scenario) = scenario {
        intent.scenario = scenario;
    }
    let query = text.split_once('?').map_or("", |(_, query)| query);
    for (key, value) in form_urlencoded::parse(query.as_bytes()) {
        if KEYS.contains(&key.as_ref())
            && let Err(invalid) = read_pair(&mut intent, &key, &value)
        {
            problems.push(invalid);
        }
    }
    if intent.place == Place::Threads
        && let Err(invalid) = intent.scenario.values.check_real()
    {
        intent.place = Place::Model;
        problems.push(invalid);
    }
    if let Some(quest) = intent.quest {
        intent = at(quest, intent);
    }
    (intent, problems)
}

/// The intent at a challenge: as the link has it if it is one of the challenge, else at its start.
fn at(quest: Quest, intent: Intent) -> Intent {
    if intent.place == Place::Threads || !quest.is_tried(&intent.scenario) {
        return Intent { epoch: intent.epoch, ..intent.begin(quest) };
    }
    // What the link says to be mended is held against all executions.
    let challenge = intent.scenario.lesson().challenge.as_ref();
    let is_start = challenge.is_some_and(|challenge| challenge.is_start(&intent.scenario));
    Intent { checks: quest == Quest::Mend && !is_start, ..intent }
}

fn read_pair(intent: &mut Intent, key: &str, value: &str) -> Result<(), Invalid> {
    match key {
        "world" => {
            intent.place =
                one_of("world", value, [("model", Place::Model), ("threads", Place::Threads)])?;
        }
        "step" => {
            let range = [0, u32::MAX.into()];
            let step: Result<u32, _> = value.parse();
            intent.step = step.map_err(|_| Invalid::number("step", value, range))? as usize;
        }
        "speed" => {
            let speeds = SPEEDS.iter().map(u32::to_string).collect::<Vec<_>>();
            let speed = speeds.iter().position(|speed| speed == value);
            intent.speed = speed.ok_or_else(|| Invalid::one_of("speed", value, speeds))?;
        }
        "tab" => {
            let tabs = Tab::of(intent.scenario.lesson(), false);
            intent.tab = one_of("tab", value, tabs.map(|tab| (tab.id(), tab)))?;
        }
        "listing" => {
            intent.tongue = one_of("listing", value, Tongue::ALL.map(|it| (it.id(), it)))?;
        }
        "follow" => {
            let range = [0, u16::MAX.into()];
            let actor = value.parse().map_err(|_| Invalid::number("follow", value, range));
            intent.follow = Some(ActorId(actor?));
        }
        "lang" => {
            let languages = [Language::En, Language::Zh].map(|lang| (lang.tag(), lang));
            intent.language = one_of("lang", value, languages)?;
        }
        "challenge" => {
            let quest = one_of("challenge", value, Quest::ALL.map(|quest| (quest.id(), quest)))?;
            let lesson = intent.scenario.lesson();
            if lesson.challenge.is_none() {
                let valid = lesson.params.iter().map(|param| param.id).collect();
                return Err(Invalid::Param { lesson: lesson.id, given: key.to_owned(), valid });
            }
            (intent.quest, intent.tab) = (Some(quest), Tab::Challenge);
        }
        "hints" => intent.hides = one_of("hints", value, [("none", true), ("some", false)])?,
        _ => intent.theme = one_of("theme", value, Theme::ALL.map(|theme| (theme.id(), theme)))?,
    }
    Ok(())
}

fn one_of<T: Copy>(
    key: &'static str,
    value: &str,
    options: impl IntoIterator<Item = (&'static str, T)>,
) -> Result<T, Invalid> {
    let options: Vec<_> = options.into_iter().collect();
    let found = options.iter().find(|(id, _)| *id == value).map(|(_, option)| *option);
    found.ok_or_else(|| Invalid::one_of(key, value, options.iter().map(|(id, _)| *id)))
}
