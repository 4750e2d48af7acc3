//! The key object: which members pages give it, by the table of the database and by types named `ApiKey`.

use std::collections::BTreeSet;

use super::page::Page;
use super::shape::Shape;

/// The name that pages give its type.
pub(super) const NAME: &str = "ApiKey";

/// All members that any page names, the key itself among them. Empty: no page says.
pub(super) fn members(pages: &[Page]) -> BTreeSet<String> {
    let columns = pages.iter().flat_map(|page| &page.tables).flat_map(|table| &table.fields).cloned();
    let types = pages.iter().flat_map(|page| &page.types).filter(|(name, _, _)| name == NAME);
    let named = types.flat_map(|(_, shape, _)| match shape {
        Shape::Object(fields) => fields.iter().map(|field| field.name.clone()).collect(),
        _ => Vec::new(),
    });
    columns.chain(named).collect()
}
