//! A template filled with names: the files of a project, and where each is from.

use std::collections::BTreeMap;
use std::rc::Rc;

use anyhow::{Context as _, Result, ensure};
use camino::{Utf8Path, Utf8PathBuf};

use super::attribute::{self, Macros};
use super::names::Names;
use super::paths::{are_apart, is_place};
use super::source::{Files, digest};
use super::template::{File, Layer, Template};
use crate::ratchet::lock::FILE as LOCK;
use crate::ratchet::{Lock, Made, Templated};

impl Template {
    /// The files of a project of this template, with the attribute crate that it depends on and a
    /// `durable.lock` that says where each file is from.
    ///
    /// # Errors
    /// Where two files would take one place, one would lie outside, or the manifest is none.
    pub fn filled(&self, names: &Names, macros: Macros) -> Result<Files> {
        let mut files: BTreeMap<Utf8PathBuf, File> = BTreeMap::new();
        for (path, File { bytes, layer }) in &self.files {
            let filled = Utf8PathBuf::from(names.put_into(path.as_str()));
            let bytes = match std::str::from_utf8(bytes) {
                Ok(text) => names.put_into(text).into_bytes(),
                Err(_) => bytes.clone(),
            };
            is_place(&filled)?;
            ensure!(filled != LOCK, "{filled} is written by `cargo durable` alone; take it out");
            let before = files.insert(filled, File { bytes, layer: Rc::clone(layer) });
            ensure!(before.is_none(), "{path} and another file become one with these names");
        }
        self.bring_attribute(&mut files, macros)?;
        are_apart(files.keys())?;
        let lock = self.lock(names, macros, &files);
        let mut files: Files = files.into_iter().map(|(path, file)| (path, file.bytes)).collect();
        files.insert(LOCK.into(), lock.render().into_bytes());
        Ok(files)
    }

    /// Says where the attribute crate comes from, and brings it along where that is the project itself.
    fn bring_attribute(&self, files: &mut BTreeMap<Utf8PathBuf, File>, macros: Macros) -> Result<()> {
        let manifest = files.get_mut(Utf8Path::new("Cargo.toml"));
        let manifest = manifest.context("it has no Cargo.toml at its top, so it is no project of cargo's")?;
        let text = std::str::from_utf8(&manifest.bytes).context("Cargo.toml is not UTF-8")?;
        let Some(text) = attribute::depended_on(text, macros)? else { return Ok(()) };
        manifest.bytes = text.into_bytes();
        if macros == Macros::Git
            && let Some(deny) = files.get_mut(Utf8Path::new("deny.toml"))
        {
            let text = std::str::from_utf8(&deny.bytes).context("deny.toml is not UTF-8")?;
            deny.bytes = attribute::allowed(text)?.into_bytes();
        }
        if macros == Macros::Path {
            let version = env!("CARGO_PKG_VERSION").to_owned();
            let layer = Rc::new(Layer { template: attribute::PACKAGE.to_owned(), version });
            for (path, bytes) in attribute::files()? {
                let before = files.insert(path.clone(), File { bytes, layer: Rc::clone(&layer) });
                ensure!(before.is_none(), "{path} is brought by `cargo durable`; take it out");
            }
        }
        Ok(())
    }

    fn lock(&self, names: &Names, macros: Macros, files: &BTreeMap<Utf8PathBuf, File>) -> Lock {
        let made = Made {
            template: self.name.clone(),
            source: self.source.to_string(),
            version: self.layer.version.clone(),
            macros: macros.name().to_owned(),
            values: names.values().clone(),
        };
        let file = |(path, File { bytes, layer }): (&Utf8PathBuf, &File)| Templated {
            at: path.to_string(),
            template: layer.template.clone(),
            version: layer.version.clone(),
            digest: digest(bytes),
        };
        Lock { made: vec![made], templated: files.iter().map(file).collect(), ..Lock::default() }
    }
}
