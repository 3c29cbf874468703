//! What ecosystem APIs mean, as data.
