//! Every interleaving of a small program, up to a bound on preemptions.

use engine::model::Run;
use engine::world::ActorId;

/// Runs every interleaving with at most `max_preemptions` (turns at which another actor goes on
/// although the last one could) and hands each run at its end to `each`. Gives how many there are.
pub fn explore(run: &mut Run, max_preemptions: usize, mut each: impl FnMut(&Run)) -> usize {
    /// One turn of the present run: who could go, and which of them does.
    struct Turn {
        options: Vec<ActorId>,
        choice: usize,
        /// Whether the first option is to let the last actor go on.
        may_go_on: bool,
        /// How many there were before this turn.
        n_preemptions: usize,
    }
    let mut n_runs = 0;
    let mut path: Vec<Turn> = Vec::new();
    loop {
        run.restart();
        path.iter().for_each(|turn| run.turn(turn.options[turn.choice]).unwrap());
        while run.ending().is_none() {
            let last = path.last().map(|turn| turn.options[turn.choice]);
            let last = last.filter(|last| run.ready().contains(*last));
            // Whoever went last comes first, so that the choice of another one is a preemption.
            let ready = run.ready();
            let others = ready.iter().filter(|actor| Some(*actor) != last);
            let mut options: Vec<ActorId> = last.into_iter().chain(others).collect();
            let n_preemptions = path.last().map_or(0, |turn| {
                turn.n_preemptions + usize::from(turn.may_go_on && turn.choice > 0)
            });
            if n_preemptions == max_preemptions && last.is_some() {
                options.truncate(1);
            }
            run.turn(options[0]).unwrap();
            path.push(Turn { options, choice: 0, may_go_on: last.is_some(), n_preemptions });
        }
        each(run);
        n_runs += 1;
        while path.last().is_some_and(|turn| turn.choice + 1 == turn.options.len()) {
            path.pop();
        }
        match path.last_mut() {
            Some(turn) => turn.choice += 1,
            None => return n_runs,
        }
    }
}
