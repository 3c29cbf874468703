//! The grammar of the `#[durable(…)]` attribute.
