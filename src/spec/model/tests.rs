//! Stories on the model as a whole.
