//! Types of the workspace that look at a text before they hold it.

use crate::flow::analysis::Analysis;
use crate::models::propagators;
use crate::resolve::Definition;
use crate::vocabulary::ApiPath;
use crate::vocabulary::Ty;

/// Which values of a type were looked at before they came into being.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Checked {
    /// None, as far as anybody can tell.
    #[default]
    Nowhere,
    /// Those that rocket makes of a segment of a route.
    InRoutes,
    /// All that are made of text from outside.
    Everywhere,
}

/// What an implementation says that turns a text away.
const REFUSALS: &[&str] = &[
    "Err(",
    "custom(",
    "map_err",
    "ok_or",
    "parse(",
    "parse::<",
    "::from_str(",
    "::try_from(",
    "invalid_value(",
    "bail!",
    "ensure!",
];

impl Analysis<'_, '_> {
    /// Where values of a type are checked. What wraps them is checked where they are.
    pub(super) fn checked(&mut self, ty: &Ty) -> Checked {
        let ty = ty.peeled();
        if propagators::is_wrapper(ty.path.name()) && !ty.args.is_empty() {
            let deciding = if ty.path.name() == "Result" { &ty.args[..1] } else { &ty.args[..] };
            return deciding.iter().map(|arg| self.checked(arg)).min().unwrap_or_default();
        }
        if let Some(known) = self.checked_types.get(&ty.path) {
            return *known;
        }
        let definition = self.code.names.definition(&ty.path);
        let checked = definition.map(|definition| self.checked_in(&definition, &ty.path)).unwrap_or_default();
        self.checked_types.insert(ty.path.clone(), checked);
        checked
    }

    /// Only a type around one text is that text checked: a larger one may check something else.
    fn checked_in(&self, definition: &Definition<'_>, path: &ApiPath) -> Checked {
        let outline = &definition.file.outline;
        let Some(item) = outline.items.get(definition.item as usize) else { return Checked::Nowhere };
        let parsed = syn::parse_str::<syn::ItemStruct>(definition.file.snippet(item.span));
        if !parsed.is_ok_and(|item| item.fields.len() == 1) {
            return Checked::Nowhere;
        }
        let written: Vec<(String, &str)> = outline
            .attributes(item, &definition.file.text)
            .map(|attribute| (attribute.path(), attribute.text()))
            .collect();
        let derives = |wanted: &dyn Fn(&str) -> bool| {
            let derived = written.iter().filter(|(name, _)| name == "derive");
            derived.flat_map(|(_, text)| text.split(|c: char| !c.is_alphanumeric() && c != '_')).any(wanted)
        };
        let by_conversion = written.iter().any(|(name, text)| name == "serde" && text.contains("try_from"));
        let refuses = |name: &str| self.refuses(path, name);
        // Serde fills what derives it without asking `FromStr`.
        let deserialised = derives(&|name| name == "Deserialize") && !by_conversion;
        if refuses("deserialize")
            || derives(&|name| name == "DeserializeFromStr")
            || !deserialised && ["from_str", "try_from"].into_iter().any(refuses)
        {
            return Checked::Everywhere;
        }
        if refuses("from_param") || derives(&|name| name.ends_with("FromParam")) {
            return Checked::InRoutes;
        }
        Checked::Nowhere
    }

    /// Whether a type has a function of this name that may turn away what it is given.
    fn refuses(&self, ty: &ApiPath, name: &str) -> bool {
        let Some(definition) = self.code.names.definition(&ApiPath(format!("{}::{name}", ty.0))) else {
            return false;
        };
        let body = definition.file.outline.items.get(definition.item as usize).and_then(|item| item.body);
        let text = body.map_or("", |body| definition.file.snippet(body));
        REFUSALS.iter().any(|refusal| text.contains(refusal))
    }
}
