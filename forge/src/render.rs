//! Text that people wrote, made harmless.
