//! The `#[durable(…)]` attribute.
