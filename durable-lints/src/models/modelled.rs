//! What tables say to a lint.

/// What tables say that a lint looks for, so that no list beside them has to say it again.
#[derive(Clone, Debug, Default)]
pub struct Modelled<'m> {
    /// Triggers for APIs of the ecosystem.
    pub built_in: Vec<&'static str>,
    /// Those for the project's own.
    pub own: Vec<&'m str>,
    /// Crates of which the package must depend on one, beside those that the lint names.
    pub crates: Vec<&'static str>,
}

impl<'m> Modelled<'m> {
    /// Triggers for a table of paths: the type of `flate2::GzDecoder::new`, which is written wherever that is
    /// called, and the function of `kanal::unbounded_async`. A name alone is one of a method.
    pub fn apis(paths: impl IntoIterator<Item = &'static str>) -> Modelled<'m> {
        let is_type = |part: &&str| part.starts_with(|c: char| c.is_ascii_uppercase());
        let trigger =
            |path: &'static str| path.split("::").find(is_type).or(path.rsplit("::").next()).unwrap_or(path);
        Modelled { built_in: paths.into_iter().map(trigger).collect(), ..Modelled::default() }
    }

    /// Also the crates that a table of paths begins with. One that begins with the standard library needs none.
    #[must_use]
    pub fn in_crates(mut self, paths: impl IntoIterator<Item = &'static str>) -> Modelled<'m> {
        self.crates.extend(paths.into_iter().filter_map(|path| path.split("::").next()));
        self.crates.sort_unstable();
        self.crates.dedup();
        self
    }
}
