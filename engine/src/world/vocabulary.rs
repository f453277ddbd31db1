//! The words in which worlds report what happens: actors, objects, acts, notes, failures.

use std::fmt;
use std::panic::Location;

/// A place in the source text, as `#[track_caller]` gives it.
pub type Place = &'static Location<'static>;

/// One of the actors of a run, counted from 0 in the order in which they were spawned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ActorId(pub u16);

impl ActorId {
    /// The clock, where it is chosen like an actor: time passes although somebody could still run.
    pub const CLOCK: Self = Self(u16::MAX);
    /// Whoever sets a run up, before its actors start.
    pub const SETUP: Self = Self(u16::MAX - 1);
    /// The largest number of actors in one run.
    pub const MAX_ACTORS: usize = (u16::MAX - 1) as usize;

    /// The id as an index into a list of actors.
    pub fn idx(self) -> usize {
        usize::from(self.0)
    }

    /// Its bit among those of the first 64 actors; none beyond them.
    pub(crate) fn bit(self) -> u64 {
        1_u64.checked_shl(self.0.into()).unwrap_or(0)
    }

    /// What a word holds that says that this actor owns something. The lowest bit is free for whatever
    /// else must be known.
    pub fn as_owner(self) -> u32 {
        (u32::from(self.0) + 1) << 1
    }

    /// Who owns something, by such a word.
    pub fn owner(word: u32) -> Option<Self> {
        (word >> 1).checked_sub(1).and_then(|id| id.try_into().ok()).map(Self)
    }

    /// The actor's own random sequence in a run with this seed: the same in every world.
    pub(crate) fn rng(self, seed: u64) -> fastrand::Rng {
        // Any odd constant spreads the actors' sequences; this one is 2^64 divided by the golden
        // ratio.
        let spread = u64::from(self.0.wrapping_add(1)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        fastrand::Rng::with_seed(seed ^ spread)
    }
}

/// One of the registered objects of a run (a lock, a semaphore, a cell …), counted from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ObjectId(pub u16);

impl ObjectId {
    /// No object: an actor sleeps, or only changes its phase.
    pub const NONE: Self = Self(u16::MAX);

    /// The id as an index into the list of objects.
    pub fn idx(self) -> usize {
        usize::from(self.0)
    }
}

/// What sort of thing an object is; decides how it is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ObjectKind {
    /// Held by one actor at a time.
    Lock,
    /// Held by one actor at a time, as often as it likes.
    RLock,
    /// Held by as many actors as it has permits.
    Semaphore {
        /// How many there are at first.
        permits: u32,
    },
    /// A cell of plain shared data.
    Cell {
        /// What is in it at first.
        initial: u32,
    },
    /// A thing that actors take and give back by a rule of their own.
    Resource,
    /// Where actors wait until another tells them to look again.
    Condition,
    /// A light: red (state 0) holds actors up, green (state 1) lets them pass.
    Event,
    /// Where actors wait for each other: filling (state 0) or broken (state 1).
    Barrier {
        /// How many must come.
        parties: u32,
    },
    /// Held by many readers (state 0) or by one writer (state 1).
    ReadersWriter,
    /// Done once: not begun (state 0), begun (1) or done (2).
    Once,
    /// Holds items until somebody takes them: open (state 0) or shut down (1).
    Queue {
        /// Which item comes out next.
        order: Order,
        /// How many items it holds; `None`: any number.
        capacity: Option<u32>,
    },
    /// Does tasks, open (state 0) or shut down (1); its queue, its futures and its workers are objects
    /// and actors of their own.
    Pool {
        /// How many tasks it does at once.
        workers: u32,
    },
    /// What a task will give: pending (state 0), running (1), done (2), failed (3) or cancelled (4).
    Future,
    /// Another actor's life, held by it until it is through.
    Thread,
}

impl ObjectKind {
    /// What this state of such an object is called; empty for what has no states.
    ///
    /// ```
    /// use engine::world::ObjectKind;
    ///
    /// assert_eq!(ObjectKind::Event.state(1), "set");
    /// assert_eq!(ObjectKind::Lock.state(1), "");
    /// ```
    pub fn state(self, state: u32) -> &'static str {
        let states: &[&str] = match self {
            Self::Event => &["clear", "set"],
            Self::Barrier { .. } => &["filling", "broken"],
            Self::ReadersWriter => &["reading", "writing"],
            Self::Once => &["not begun", "begun", "done"],
            Self::Future => &["pending", "running", "done", "failed", "cancelled"],
            Self::Queue { .. } | Self::Pool { .. } => &["open", "shut down"],
            _ => &[],
        };
        states.get(state as usize).copied().unwrap_or("")
    }
}

/// Which item comes out of a queue next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Order {
    /// The one that went in first.
    Fifo,
    /// The one that went in last.
    Lifo,
    /// The one with the lowest priority number; among equals the one that went in first.
    Priority,
    /// Whichever end is asked for.
    Deque,
}

/// Whether a run waits for an actor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// The run goes on until it is through.
    Regular,
    /// The run ends although it is not through, once all regular actors are.
    Daemon,
}

macro_rules! acts {
    ($($(#[$doc:meta])+ $act:ident = $name:literal,)*) => {
        /// What an actor is about to do, or does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Act {
            $($(#[$doc])+ $act,)*
        }

        impl Act {
            /// Every act, in the order of its code in the log.
            pub const ALL: [Self; [$($name),*].len()] = [$(Self::$act),*];

            /// A short name in the field's own words.
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$act => $name,)*
                }
            }
        }
    };
}

// New acts go to the end: their numbers are part of the log's format.
acts! {
    /// Take an object, waiting for it as long as it takes.
    Acquire = "acquire",
    /// Take an object if that is possible at once.
    TryAcquire = "try acquire",
    /// Take an object, waiting until a deadline.
    AcquireTimeout = "acquire with timeout",
    /// Give an object back.
    Release = "release",
    /// Let time pass.
    Sleep = "sleep",
    /// Read a cell or a word.
    Load = "load",
    /// Write a cell or a word.
    Store = "store",
    /// Write a word and learn what was in it.
    Swap = "swap",
    /// Write a word if it holds what is expected.
    CompareExchange = "compare-exchange",
    /// Add to a word.
    FetchAdd = "fetch-add",
    /// Subtract from a word.
    FetchSub = "fetch-sub",
    /// Set bits of a word.
    FetchOr = "fetch-or",
    /// Clear bits of a word.
    FetchAnd = "fetch-and",
    /// Block until told to go on: on a word, at a condition, an event or a barrier.
    Wait = "wait",
    /// Wake actors that wait on a word.
    Wake = "wake",
    /// Block until told to go on, or until a deadline.
    WaitTimeout = "wait with timeout",
    /// Tell some of those who wait at a condition to go on.
    Notify = "notify",
    /// Turn an event on.
    Set = "set",
    /// Turn an event off.
    Clear = "clear",
    /// Send away all who wait at a barrier, and all who come.
    Abort = "abort",
    /// Send away all who wait at a barrier, and begin anew.
    Reset = "reset",
    /// Put an item into a queue, waiting for room as long as it takes.
    Put = "put",
    /// Put an item into a queue if there is room.
    TryPut = "try put",
    /// Put an item into a queue, waiting for room until a deadline.
    PutTimeout = "put with timeout",
    /// Take an item out of a queue, waiting for one as long as it takes.
    Get = "get",
    /// Take an item out of a queue if there is one.
    TryGet = "try get",
    /// Take an item out of a queue, waiting for one until a deadline.
    GetTimeout = "get with timeout",
    /// Say that an item that was taken is done.
    TaskDone = "task done",
    /// Let nothing more in.
    Shutdown = "shut down",
    /// Bring an actor to life.
    Start = "start",
    /// Begin one's life.
    Begin = "begin",
    /// Come to one's end.
    End = "end",
    /// Wait until an actor, or all work, is through.
    Join = "join",
    /// Wait until an actor is through, or until a deadline.
    JoinTimeout = "join with timeout",
    /// Ask whether an actor lives, or for the state of an object.
    Ask = "ask",
    /// Give a task to a pool.
    Submit = "submit",
    /// Wait for what a task gives.
    Result = "result",
    /// Wait for what a task gives, until a deadline.
    ResultTimeout = "result with timeout",
    /// Call a task off.
    Cancel = "cancel",
    /// Do a task.
    Run = "run",
    /// Write a line for whoever reads along.
    Print = "print",
    /// Say what to call when a task is through.
    AddCallback = "add callback",
}

impl Act {
    /// Whether the act waits for its object, for ever or until a deadline.
    pub fn may_wait(self) -> bool {
        matches!(
            self,
            Self::Acquire
                | Self::AcquireTimeout
                | Self::Wait
                | Self::WaitTimeout
                | Self::Put
                | Self::PutTimeout
                | Self::Get
                | Self::GetTimeout
                | Self::Join
                | Self::JoinTimeout
                | Self::Result
                | Self::ResultTimeout
        )
    }
}

/// What an algorithm reports of itself, in every world.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Note {
    /// The actor now has the object.
    Got,
    /// The actor gave the object back.
    GaveBack,
    /// The actor used up what it got: it never gives it back, and nobody holds it.
    UsedUp,
    /// The actor no longer tries to get the object: it was taken, or the deadline passed.
    GaveUp,
    /// The actor read this value from the object.
    Read(u32),
    /// The actor wrote this value to the object.
    Wrote(u32),
    /// The actor entered this phase of its lesson.
    Phase(u32),
    /// The actor brought the object into this state, by the numbering of its [`ObjectKind`].
    State(u32),
    /// The actor put an item into the object.
    Put {
        /// The item.
        item: u32,
        /// How many of those in the object come out after it; [`u16::MAX`]: all of them. So it matters
        /// not who comes out first but is not yet noted to have done so.
        behind: u16,
    },
    /// The actor took this item out of the object.
    Took(u32),
}

/// Where an actor stands in its program: all that it was told since it began, as a number, and of which
/// others it was told, as bits. Nothing where nobody tells states from each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    pub(crate) told: [u64; 2],
    pub(crate) others: u64,
}

/// Why a run cannot go on although nothing is stuck.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Failure {
    /// A claim of the program does not hold.
    Assertion(&'static str),
    /// A primitive was used against its rules.
    Misuse(&'static str),
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Assertion(claim) => write!(f, "the claim does not hold: {claim}"),
            Self::Misuse(what) => write!(f, "misuse: {what}"),
        }
    }
}
