//! The table of seeded faults: id, the requirement that it breaks, the last edition in which it can show where that is
//! not the newest, and what goes wrong. One file an area, each of which hands its rows and those before on to the next.

macro_rules! faults {
    (@until) => { None };
    (@until $edition:literal) => { Some($edition) };
    ($($fault:ident $id:literal breaks $requirement:literal $(until $edition:literal)?: $sentence:literal)*) => {
        /// One seeded defect of the model.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Fault {
            $(#[doc = $sentence] $fault,)*
        }

        impl Fault {
            /// All faults, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$fault,)*];

            /// The permanent id: what `--fault` and the kill matrix call it.
            pub fn id(self) -> &'static str {
                match self { $(Self::$fault => $id,)* }
            }

            /// The id of the requirement that it breaks.
            pub fn requirement(self) -> &'static str {
                match self { $(Self::$fault => $requirement,)* }
            }

            /// The last edition in which it can show; `None`: the newest.
            pub(super) fn last_edition(self) -> Option<&'static str> {
                match self { $(Self::$fault => faults!(@until $($edition)?),)* }
            }

            /// What goes wrong, in one sentence.
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$fault => $sentence,)* }
            }
        }
    };
}

#[macro_use]
mod create;
#[macro_use]
mod verify;
#[macro_use]
mod manage;
#[macro_use]
mod caller;
#[macro_use]
mod deployment;

create_faults!();
