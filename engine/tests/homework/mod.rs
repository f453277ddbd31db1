//! The judge of homework lists. It shares no code with the table and knows nothing but the rules.
//!
//! Right fork of philosopher i is fork i, left is fork (i + 1) mod K. A line is `[philosopher, fork,
//! action]`: fork 1 = left, 2 = right, 0 = none; action 1 = pick up, 2 = put down, 3 = eat.

/// Judges a list of a dinner at which each of `philosophers` eats `meals` times.
///
/// Picking a fork up and putting it down without eating is allowed.
///
/// # Errors
/// Says what is wrong first, and in which line (counted from 1).
pub fn judge(list: &[[u32; 3]], philosophers: u32, meals: u32) -> Result<(), String> {
    let mut in_hand_of: Vec<Option<u32>> = vec![None; philosophers as usize];
    let mut eaten = vec![0; philosophers as usize];
    for (idx, line @ &[philosopher, fork, action]) in list.iter().enumerate() {
        let wrong = |what: &str| Err(format!("line {}, {line:?}: {what}", idx + 1));
        if philosopher >= philosophers {
            return wrong("there is no such philosopher");
        }
        let (right, left) = (philosopher, (philosopher + 1) % philosophers);
        let fork = match (fork, action) {
            (0, 3) => {
                let has = |fork: u32| in_hand_of[fork as usize] == Some(philosopher);
                if !has(left) || !has(right) {
                    return wrong("nobody eats without both forks");
                }
                eaten[philosopher as usize] += 1;
                if eaten[philosopher as usize] > meals {
                    return wrong("that is a meal too many");
                }
                continue;
            }
            (1, 1 | 2) => left,
            (2, 1 | 2) => right,
            _ => return wrong("no such fork or action"),
        };
        let hand = &mut in_hand_of[fork as usize];
        match (action, *hand) {
            (1, None) => *hand = Some(philosopher),
            (1, Some(_)) => return wrong("the fork is in a hand already"),
            (_, Some(holder)) if holder == philosopher => *hand = None,
            _ => return wrong("only who holds a fork puts it down"),
        }
    }
    if let Some(philosopher) = eaten.iter().position(|n| *n != meals) {
        let n = eaten[philosopher];
        return Err(format!("philosopher {philosopher} ate {n} times, not {meals}"));
    }
    match in_hand_of.iter().position(Option::is_some) {
        Some(fork) => Err(format!("at the end fork {fork} is not on the table")),
        None => Ok(()),
    }
}
