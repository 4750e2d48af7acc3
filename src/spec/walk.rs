//! Walks over a deployment where clients set permissions: several actors and configurations, keys that act as sessions, an
//! organization, and restarts that change every ceiling.
//!
//! A [`Step`] names what it acts on by number, so that any list of steps is a walk. Steps are drawn from a function that
//! gives a number below another: a seeded generator, the bytes of a fuzzer, or any other source of choices. A
//! [`play::Walk`] carries them out on the model, and a [`ledger::Ledger`] says what no key may verify for.

pub mod ledger;
pub mod play;

/// Permissions as they are written: in their order, names twice and all.
pub type Wish = Vec<(&'static str, Vec<&'static str>)>;

/// One thing that happens. Keys are counted from the newest on.
#[derive(Debug, Clone, PartialEq)]
pub enum Step {
    Create {
        by: By,
        /// Of [`CONFIGURATIONS`]; beyond them: none is named.
        configuration: usize,
        wish: Option<Wish>,
        /// The member `permissions` once more. The last one counts.
        again: Option<Wish>,
        beside: Beside,
    },
    Update {
        by: By,
        key: usize,
        /// `None` is `null`.
        wish: Option<Wish>,
    },
    Verify {
        key: usize,
        required: Required,
    },
    Get {
        by: By,
        key: usize,
    },
    List {
        by: By,
    },
    Delete {
        by: By,
        key: usize,
    },
    /// The deployment is stopped, and started again on its data with other options.
    Restart {
        options: Options,
    },
}

/// Who acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// A signed-in user over HTTP. The first one owns the organization.
    User(usize),
    /// A key as a session over HTTP.
    Key(usize),
    /// A server-side call with the headers of a user.
    CallOfUser(usize),
    /// A server-side call with a key in its headers.
    CallOfKey(usize),
    /// A trusted call.
    Server,
    /// Over HTTP, without a session.
    Nobody,
}

/// What a create sends beside permissions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    Nothing,
    Remaining,
    UserId,
    /// The member `configId` once more, before the one that counts.
    Configuration(usize),
}

/// What a key is verified for.
#[derive(Debug, Clone, PartialEq)]
pub enum Required {
    /// One of the pairs that were asked for when it was made, by number.
    Asked(usize),
    These(Wish),
}

/// The rules of all configurations, in the order of [`CONFIGURATIONS`].
pub type Options = [Rules; CONFIGURATIONS.len()];

/// The options of one configuration, as far as permissions go.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Rules {
    pub allowed: bool,
    pub maximum: Option<Wish>,
    pub clamps: bool,
    pub defaults: Option<Wish>,
}

/// The `configId`s. Keys of the first act as sessions, those of the last belong to the organization.
pub const CONFIGURATIONS: [&str; 4] = ["default", "wide", "other", "team"];

/// Who there is.
pub const USERS: usize = 2;

/// Names that are close to each other: by case, white space, length, form, look, and by what every object inherits.
const RESOURCES: &[&str] = &[
    "files",
    "files",
    "files",
    "users",
    "users",
    "admin",
    "Files",
    "file",
    "files ",
    "*",
    "constructor",
    "__proto__",
    "cafe\u{301}",
    "caf\u{e9}",
];

const ACTIONS: &[&str] =
    &["read", "read", "write", "write", "delete", "READ", "reader", "rea", " read", "*", "toString", "r\u{435}ad", ""];

/// Draws one step after another from `choose`, which gives a number below the one it is given.
pub fn step(choose: &mut impl FnMut(usize) -> usize) -> Step {
    match choose(24) {
        0..=6 => create(choose),
        7 | 8 => Step::Update { by: by(choose), key: choose(4), wish: maybe(choose, 85) },
        9..=17 => Step::Verify { key: choose(3), required: required(choose) },
        18 | 19 => Step::Get { by: by(choose), key: choose(4) },
        20 => Step::List { by: by(choose) },
        21 => Step::Delete { by: by(choose), key: choose(8) },
        _ if choose(4) > 0 => create(choose),
        _ => Step::Restart { options: options(choose) },
    }
}

/// Draws the options of a deployment.
pub fn options(choose: &mut impl FnMut(usize) -> usize) -> Options {
    std::array::from_fn(|_| Rules {
        allowed: choose(8) > 0,
        maximum: maybe(choose, 90),
        clamps: choose(4) == 0,
        defaults: maybe(choose, 60),
    })
}

fn create(choose: &mut impl FnMut(usize) -> usize) -> Step {
    Step::Create {
        by: by(choose),
        configuration: choose(CONFIGURATIONS.len() + 1),
        wish: maybe(choose, 85),
        again: maybe(choose, 4),
        beside: match choose(16) {
            0 => Beside::Remaining,
            1 => Beside::UserId,
            2 => Beside::Configuration(choose(CONFIGURATIONS.len())),
            _ => Beside::Nothing,
        },
    }
}

fn by(choose: &mut impl FnMut(usize) -> usize) -> By {
    match choose(12) {
        0..=4 => By::User(choose(USERS)),
        5..=7 => By::Key(choose(3)),
        8 => By::CallOfUser(choose(USERS)),
        9 => By::CallOfKey(choose(3)),
        10 => By::Server,
        _ => By::Nobody,
    }
}

fn required(choose: &mut impl FnMut(usize) -> usize) -> Required {
    if choose(4) > 0 {
        return Required::Asked(choose(8));
    }
    Required::These(wish(choose))
}

/// A wish in so many of 100 cases.
fn maybe(choose: &mut impl FnMut(usize) -> usize, percent: usize) -> Option<Wish> {
    (choose(100) < percent).then(|| wish(choose))
}

/// Draws permissions of names that are close to each other.
pub(crate) fn wish(choose: &mut impl FnMut(usize) -> usize) -> Wish {
    let count = [1, 1, 1, 1, 2, 2, 2, 3, 0][choose(9)];
    (0..count)
        .map(|_| {
            let resource = RESOURCES[choose(RESOURCES.len())];
            let count = [1, 1, 1, 1, 2, 2, 3, 0][choose(8)];
            (resource, (0..count).map(|_| ACTIONS[choose(ACTIONS.len())]).collect())
        })
        .collect()
}

#[cfg(test)]
mod tests;
